"""Two records of one person become one by two people; guards let their rows change hands then.

What is paid up, and what is only ever added, moves between two records on the strength of an
approved row that names both; a second cover of one year ends, and holds again, on the same.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

# The guard of migration 0010 with two more ways; what a paid-up cover says, but whose it is.
FACTS = (
    "household_id", "division_id", "campaign_id", "year", "pack_id", "tier", "premium_status",
    "premium_amount", "personal_amount", "central_amount", "provincial_amount", "city_amount",
    "county_amount", "other_amount", "credit_amount", "account_amount", "consecutive_years",
    "cover_first_day", "cover_last_day",
)  # fmt: skip


def changed(columns):
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


ONE_PERSON = """
CREATE FUNCTION hezuo_one_person(people bigint[]) RETURNS boolean LANGUAGE sql STABLE
SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT 1 FROM enrollment_sameperson s
        WHERE s.status = 'approved' AND people <@ ARRAY[s.kept_id, s.given_up_id]
    )
$$;
CREATE FUNCTION hezuo_rows_stay_but_same() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV
        AND hezuo_one_person(ARRAY[OLD.person_id, NEW.person_id]) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
NO_ONE_PERSON = "DROP FUNCTION hezuo_rows_stay_but_same(); DROP FUNCTION hezuo_one_person(bigint[])"
NUMBERS = "enrollment_formernumber", "'person_id', 'mistaken'"
CERTIFICATES = "enrollment_formercertificate", "'person_id'"


def stays_but(table, columns):
    return RunSQL(
        f"""
        DROP TRIGGER {table}_rows_stay ON {table};
        CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hezuo_rows_stay_but_same({columns});
        """,
        f"""
        DROP TRIGGER {table}_rows_stay ON {table};
        CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_change();
        """,
    )


MOVES = """
CREATE OR REPLACE FUNCTION enrollment_cover_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF OLD.status = 'active' AND NEW.status = 'pending' AND NEW.receipt_id IS NULL AND EXISTS (
        SELECT 1 FROM enrollment_receipt r WHERE r.id = OLD.receipt_id AND r.voided_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'active' AND NEW.status = 'cancelled' AND NEW.receipt_id = OLD.receipt_id
        AND EXISTS (
            SELECT 1 FROM enrollment_refund r
            WHERE r.enrollment_id = OLD.id AND r.status IN ('granted', 'paid')
    ) THEN
        RETURN NEW;
    END IF;
%s
    RAISE EXCEPTION 'cover %% is paid up: it ends by a refund or by voiding its receipt', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
SECOND_COVER = """
    IF NEW.receipt_id = OLD.receipt_id
        AND (OLD.status, NEW.status) IN (('active', 'cancelled'), ('cancelled', 'active'))
        AND hezuo_one_person(ARRAY[OLD.person_id, NEW.person_id]) THEN
        RETURN NEW;
    END IF;
"""
STAYS = """
DROP TRIGGER enrollment_cover_stays ON enrollment_enrollment;
CREATE TRIGGER enrollment_cover_stays BEFORE UPDATE ON enrollment_enrollment
    FOR EACH ROW WHEN (OLD.status <> 'pending' AND {facts})
    EXECUTE FUNCTION enrollment_cover_stays()
"""
PERSON = """
CREATE FUNCTION enrollment_cover_person() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF hezuo_one_person(ARRAY[OLD.person_id, NEW.person_id]) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'cover % is paid up or withdrawn: what it says cannot be changed', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER enrollment_cover_person BEFORE UPDATE ON enrollment_enrollment
    FOR EACH ROW WHEN (OLD.status <> 'pending' AND OLD.person_id <> NEW.person_id)
    EXECUTE FUNCTION enrollment_cover_person()
"""
NO_PERSON = """
DROP TRIGGER enrollment_cover_person ON enrollment_enrollment;
DROP FUNCTION enrollment_cover_person()
"""
COVER_PAIRS = ["active>cancelled", "active>pending", "pending>active", "pending>cancelled"]
# Who proposed and who decided stays with the two records; only its way goes on.
SAID = ("kept_id", "given_up_id", "new_head_id", "undoes_id", "evidence", "reason",
        "proposed_by_id", "proposed_on")  # fmt: skip
DECIDED = f"""
CREATE FUNCTION enrollment_same_person_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION 'what was proposed about record % cannot be changed', OLD.given_up_id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER enrollment_same_person_stays BEFORE UPDATE ON enrollment_sameperson
    FOR EACH ROW WHEN ({changed(SAID)}) EXECUTE FUNCTION enrollment_same_person_stays()
"""
NOT_DECIDED = """
DROP TRIGGER enrollment_same_person_stays ON enrollment_sameperson;
DROP FUNCTION enrollment_same_person_stays()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0033_ways_back'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SamePerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('moved', models.JSONField(default=dict, verbose_name='随之转入')),
                ('told', models.JSONField(default=list, verbose_name='需要核查')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='person',
            name='same_as',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='并入的登记'),
        ),
        migrations.AlterField(
            model_name='registerevent',
            name='kind',
            field=models.CharField(choices=[('birth', '出生'), ('arrival', '迁入、婚入（外县）'), ('transfer', '婚嫁、转户'), ('death', '死亡'), ('departure', '迁出本县'), ('return', '迁回'), ('split', '分户'), ('merge', '并户'), ('move', '全户迁移'), ('same', '重复登记合并'), ('number', '换证'), ('correction', '更正')], max_length=12, verbose_name='变动'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('same_as', None), _negated=True), fields=['same_as'], name='person_same_as'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('same_as', None), models.Q(('number_kind', 'none'), models.Q(('death_date__isnull', False), ('departure_date__isnull', False), _connector='OR')), _connector='OR'), name='record_given_up_bears_nothing'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='event',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.registerevent'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='given_up',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='same_given_up', to='enrollment.person', verbose_name='停用的登记'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='same_kept', to='enrollment.person', verbose_name='保留的登记'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='new_head',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='新户主'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddField(
            model_name='sameperson',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undoings', to='enrollment.sameperson', verbose_name='撤销的合并'),
        ),
        migrations.AddConstraint(
            model_name='sameperson',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('given_up',), name='one_open_same_person', violation_error_code='number', violation_error_message='这条登记已有合并或撤销的申请待审批，请勿重复'),
        ),
        migrations.AddConstraint(
            model_name='sameperson',
            constraint=models.CheckConstraint(condition=models.Q(('kept', models.F('given_up')), _negated=True), name='same_person_is_two_records'),
        ),
        migrations.AddConstraint(
            model_name='sameperson',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='same_person_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='sameperson',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_same_person_says_who'),
        ),
        migrations.AddConstraint(
            model_name='sameperson',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('evidence', ''), _negated=True), models.Q(('reason', ''), _negated=True)), name='same_person_says_why'),
        ),
        migrations.AddConstraint(
            model_name='sameperson',
            constraint=models.CheckConstraint(condition=models.Q(('decided_on', None), ('decided_on__gte', models.F('proposed_on')), _connector='OR'), name='same_person_in_order'),
        ),
        only_moves(
            "enrollment_sameperson",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
        never_deleted("enrollment_sameperson"),
        RunSQL(DECIDED, NOT_DECIDED),
        RunSQL(ONE_PERSON, NO_ONE_PERSON),
        stays_but(*NUMBERS),
        stays_but(*CERTIFICATES),
        only_moves(
            "enrollment_enrollment",
            ["active>cancelled", "active>pending", "cancelled>active", *COVER_PAIRS[2:]],
            was=COVER_PAIRS,
        ),
        RunSQL(MOVES % SECOND_COVER, MOVES % ""),
        RunSQL(
            STAYS.format(facts=changed(FACTS)), STAYS.format(facts=changed(("person_id", *FACTS)))
        ),
        RunSQL(PERSON, NO_PERSON),
    ]
