"""Applications for medical assistance and cases of large own pay; what was approved is paid."""

import accounts.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

APPROVED = """
CREATE FUNCTION claims_aid_is_what_was_approved() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF OLD.status IN ('approved', 'paid') AND NEW.status <> 'applied'
            AND (NEW.amount, NEW.kind, NEW.payee, NEW.account, NEW.booked_as)
                IS DISTINCT FROM (OLD.amount, OLD.kind, OLD.payee, OLD.account, OLD.booked_as) THEN
        RAISE EXCEPTION 'application %: what was approved stays', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_aidapplication_stays BEFORE UPDATE ON claims_aidapplication
    FOR EACH ROW EXECUTE FUNCTION claims_aid_is_what_was_approved();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_doors"),
        ("claims", "0033_clearing_guards"),
        ("enrollment", "0037_second_covers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AidApplication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="救助单号")),
                ("policy_year", models.PositiveSmallIntegerField(verbose_name="待遇年度")),
                ("kind", models.CharField(max_length=40, verbose_name="救助种类代码")),
                ("kind_name", models.CharField(max_length=40, verbose_name="救助种类")),
                ("held", models.CharField(max_length=40, verbose_name="身份代码")),
                ("held_name", models.CharField(max_length=60, verbose_name="救助对象")),
                ("held_source", models.CharField(max_length=60, verbose_name="认定部门")),
                ("article", models.CharField(max_length=200, verbose_name="依据")),
                (
                    "care",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("counter", models.CharField(blank=True, max_length=60)),
                ("booked_as", models.CharField(max_length=12, verbose_name="支出类别")),
                (
                    "own_amount",
                    accounts.fields.MoneyField(
                        decimal_places=2, max_digits=14, verbose_name="个人自付"
                    ),
                ),
                (
                    "amount",
                    accounts.fields.MoneyField(
                        decimal_places=2, max_digits=14, verbose_name="救助金额"
                    ),
                ),
                ("steps", models.JSONField(default=list, verbose_name="计算过程")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("applied", "待审核"),
                            ("published", "公示中"),
                            ("objected", "有异议"),
                            ("approved", "待支付"),
                            ("paid", "已支付"),
                            ("refused", "不予救助"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="applied",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("facts", models.CharField(max_length=300, verbose_name="家庭困难情况")),
                ("payee", models.CharField(max_length=40, verbose_name="收款人")),
                (
                    "account",
                    accounts.fields.SealedField(
                        context="claims.aidapplication.account", verbose_name="收款账号"
                    ),
                ),
                ("bank", models.CharField(blank=True, max_length=60, verbose_name="开户行")),
                (
                    "payee_document",
                    models.CharField(blank=True, max_length=100, verbose_name="代收依据"),
                ),
                ("applied_on", models.DateField(verbose_name="申请日期")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="审核时间")),
                ("public_from", models.DateField(null=True, verbose_name="公示开始")),
                ("public_to", models.DateField(null=True, verbose_name="公示截止")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                ("paid_on", models.DateField(null=True, verbose_name="支付日期")),
                (
                    "voucher_number",
                    models.CharField(blank=True, max_length=120, verbose_name="凭证号"),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="意见")),
                (
                    "applied_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受理人",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.enrollment",
                    ),
                ),
                (
                    "division",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.division",
                        verbose_name="村组",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aid_applications",
                        to="enrollment.person",
                        verbose_name="申请人",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审核人",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="AidCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy_year", models.PositiveSmallIntegerField(verbose_name="待遇年度")),
                (
                    "own_amount",
                    accounts.fields.MoneyField(
                        decimal_places=2, max_digits=14, verbose_name="个人自付"
                    ),
                ),
                ("level", models.CharField(max_length=20, verbose_name="预警等级")),
                ("is_listed", models.BooleanField(default=False, verbose_name="应救未救")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("found", "待核实"),
                            ("handed", "待镇街办理"),
                            ("notified", "已通知本人"),
                            ("closed", "已办结"),
                        ],
                        default="found",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("found_on", models.DateField(verbose_name="发现日期")),
                ("handed_at", models.DateTimeField(null=True, verbose_name="下放时间")),
                ("due_on", models.DateField(null=True, verbose_name="办理期限")),
                ("notified_at", models.DateTimeField(null=True, verbose_name="通知时间")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="办理情况")),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="claims.aidapplication",
                        verbose_name="救助申请",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办结人",
                    ),
                ),
                (
                    "division",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.division",
                        verbose_name="村组",
                    ),
                ),
                (
                    "handed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="下放人",
                    ),
                ),
                (
                    "notified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="通知人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aid_cases",
                        to="enrollment.person",
                        verbose_name="参保人",
                    ),
                ),
            ],
            options={
                "ordering": ["-own_amount", "-id"],
            },
        ),
        migrations.CreateModel(
            name="AidClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "own_amount",
                    accounts.fields.MoneyField(
                        decimal_places=2, max_digits=14, verbose_name="个人自付"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="claims.aidapplication",
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aided",
                        to="claims.settlement",
                    ),
                ),
            ],
            options={
                "ordering": ["application", "settlement"],
            },
        ),
        migrations.AddIndex(
            model_name="aidapplication",
            index=models.Index(fields=["status", "id"], name="aid_by_status"),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status__in", ["applied", "published", "objected", "approved"])
                ),
                fields=("person", "policy_year", "kind"),
                name="one_open_application_of_a_kind",
                violation_error_message="这个人本年度的同类救助申请还没有办结，请先办结再申请",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("amount__lte", models.F("own_amount"))),
                name="aid_is_no_more_than_own_pay",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by", None),
                    models.Q(("reviewed_by", models.F("applied_by")), _negated=True),
                    _connector="OR",
                ),
                name="aid_reviewer_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(
                        models.Q(("approved_by", models.F("applied_by")), _negated=True),
                        models.Q(("approved_by", models.F("reviewed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="aid_approver_is_a_third",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ["published", "objected", "approved", "paid"]), _negated=True
                    ),
                    ("public_to__isnull", False),
                    _connector="OR",
                ),
                name="standing_aid_was_public",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["approved", "paid"]), _negated=True),
                    ("approved_by__isnull", False),
                    _connector="OR",
                ),
                name="decided_aid_has_approver",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "paid"), _negated=True),
                    ("paid_on__isnull", False),
                    _connector="OR",
                ),
                name="paid_aid_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidcase",
            constraint=models.UniqueConstraint(
                fields=("person", "policy_year"), name="aid_case_once_a_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="aidcase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["handed", "notified"]), _negated=True),
                    ("due_on__isnull", False),
                    _connector="OR",
                ),
                name="handed_case_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="aidclaim",
            constraint=models.UniqueConstraint(
                fields=("application", "settlement"), name="application_names_a_claim_once"
            ),
        ),
        only_moves(
            "claims_aidapplication",
            [
                "applied>published",
                "applied>refused",
                "applied>withdrawn",
                "approved>applied",
                "approved>paid",
                "objected>applied",
                "objected>refused",
                "published>applied",
                "published>approved",
                "published>objected",
                "published>refused",
            ],
        ),
        only_moves(
            "claims_aidcase",
            [
                "found>closed",
                "found>handed",
                "handed>closed",
                "handed>notified",
                "notified>closed",
            ],
        ),
        never_deleted("claims_aidapplication"),
        never_deleted("claims_aidcase"),
        RunSQL(APPROVED, "DROP FUNCTION claims_aid_is_what_was_approved() CASCADE;"),
    ]
