"""Whether the fund pays for what a practitioner does, as two people decided. What was put forward
stays as it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

FROZEN = """
CREATE FUNCTION institutions_eligibility_is_frozen() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    same institutions_eligibility := NEW;
BEGIN
    same.status := OLD.status;
    same.decided_by_id := OLD.decided_by_id;
    same.decided_on := OLD.decided_on;
    same.decision := OLD.decision;
    IF same IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION '% is frozen but for how it was decided', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER institutions_eligibility_frozen BEFORE UPDATE ON institutions_eligibility
    FOR EACH ROW EXECUTE FUNCTION institutions_eligibility_is_frozen();
"""
BACK = """
DROP TRIGGER institutions_eligibility_frozen ON institutions_eligibility;
DROP FUNCTION institutions_eligibility_is_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0005_mappings_and_departments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Eligibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('state', models.CharField(choices=[('suspended', '暂停'), ('ended', '终止'), ('normal', '恢复')], max_length=10, verbose_name='支付资格')),
                ('first_day', models.DateField(verbose_name='自')),
                ('last_day', models.DateField(blank=True, null=True, verbose_name='至')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='eligibilities', to='institutions.practitioner', verbose_name='医师')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('practitioner',), name='one_open_eligibility', violation_error_code='code', violation_error_message='这位医师已有一份支付资格决定待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='eligibility_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_eligibility_says_who'), models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='eligibility_days_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'suspended'), _negated=True), ('last_day__isnull', False), _connector='OR'), name='suspension_says_its_last_day'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'normal'), _negated=True), ('last_day', None), _connector='OR'), name='restored_until_decided_otherwise')],
            },
        ),
        only_moves(
            "institutions_eligibility",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
        never_deleted("institutions_eligibility"),
        RunSQL(FROZEN, BACK),
    ]
