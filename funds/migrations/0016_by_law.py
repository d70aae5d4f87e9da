"""What is worked out from the measures goes through the hands of a voucher by hand, and limits of a
book are proposed by one and agreed to by another."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once
from accounts.sql import RunSQL

DRAFT_COLUMNS = [
    "book_id", "event", "occurred_on", "document", "summary", "amount", "lines", "key",
    "reverses_id", "same_document", "made_by_id", "made_at", "reviewed_by_id", "reviewed_at",
    "approved_by_id", "approved_at", "posted_by_id", "posted_at", "reason", "voucher_id",
]  # fmt: skip


def _draft_columns(*more: str) -> str:
    arguments = ", ".join(f"'{column}'" for column in [*DRAFT_COLUMNS, *more])
    return (
        "CREATE OR REPLACE TRIGGER funds_voucherdraft_set_once BEFORE UPDATE ON funds_voucherdraft"
        f" FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset({arguments});"
    )


# Rows from before stay as they are: they were set when one person could.
AGREED = """
ALTER TABLE funds_booklimit ADD CONSTRAINT limits_are_agreed_to
    CHECK (agreed_by_id IS NOT NULL) NOT VALID;
"""
NOT_AGREED = "ALTER TABLE funds_booklimit DROP CONSTRAINT limits_are_agreed_to;"


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0015_what_stands_from_a_day'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LimitProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('second_approval', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='大额审批限额')),
                ('turnover_cash', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='支出户周转金限额')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='booklimit',
            name='agreed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='同意人'),
        ),
        migrations.AddField(
            model_name='voucherdraft',
            name='working',
            field=models.JSONField(default=list, verbose_name='计算过程'),
        ),
        migrations.AlterField(
            model_name='booklimit',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddConstraint(
            model_name='booklimit',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('set_by')), _negated=True), _connector='OR'), name='limits_are_agreed_to_by_another'),
        ),
        migrations.AddField(
            model_name='limitproposal',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.book', verbose_name='账套'),
        ),
        migrations.AddField(
            model_name='limitproposal',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='limitproposal',
            name='limit',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='funds.booklimit', verbose_name='限额'),
        ),
        migrations.AddField(
            model_name='limitproposal',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddConstraint(
            model_name='limitproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('book',), name='one_open_limit_proposal', violation_error_message='已有一份记账限额待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='limitproposal',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='limit_proposal_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='limitproposal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_limit_proposal_says_who'),
        ),
        migrations.AddConstraint(
            model_name='limitproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_approval', None), ('second_approval__gt', 0), _connector='OR'), models.Q(('turnover_cash', None), ('turnover_cash__gt', 0), _connector='OR')), name='proposed_limits_are_more_than_zero'),
        ),
        migrations.AddConstraint(
            model_name='limitproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('limit__isnull', False), _connector='OR'), name='agreed_limits_are_in_force'),
        ),
        RunSQL(_draft_columns("working"), _draft_columns()),
        RunSQL(AGREED, NOT_AGREED),
        never_deleted("funds_limitproposal"),
        only_moves(
            "funds_limitproposal",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
        set_once(
            "funds_limitproposal",
            ["book_id", "evidence", "reason", "proposed_by_id", "proposed_on", "decided_by_id",
             "decided_on", "decision", "second_approval", "turnover_cash", "limit_id"],
        ),
    ]
