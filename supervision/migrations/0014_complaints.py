"""Complaints and rewards: they move along their workflows, what was told stays."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once
from accounts.sql import RunSQL


COMPLAINT = ["accepted>answered", "received>accepted", "received>rejected"]
REWARD = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
FROZEN = """
CREATE TRIGGER supervision_reward_frozen BEFORE UPDATE ON supervision_reward
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'decided_by_id', 'decided_on',
        'decision');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('supervision', '0013_alert_reviews'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, verbose_name='编号')),
                ('channel', models.CharField(choices=[('phone', '电话'), ('letter', '来信'), ('visit', '来访'), ('online', '网络'), ('handed', '部门转办')], max_length=10, verbose_name='渠道')),
                ('about', models.CharField(max_length=100, verbose_name='被投诉举报人')),
                ('told', models.CharField(max_length=500, verbose_name='内容')),
                ('informant', accounts.fields.SealedField(blank=True, context='supervision.complaint.informant', verbose_name='投诉举报人姓名、联系方式')),
                ('received_on', models.DateField(verbose_name='收到日期')),
                ('due_on', models.DateField(null=True, verbose_name='期限')),
                ('status', models.CharField(choices=[('received', '待受理'), ('accepted', '待答复'), ('rejected', '不予受理'), ('answered', '已答复')], default='received', max_length=10, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=300, verbose_name='答复')),
                ('received_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('accepted_at', models.DateTimeField(null=True, verbose_name='受理时间')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='受理人')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='supervision.case', verbose_name='案件')),
                ('received_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '投诉举报',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Reward',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('found_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='查实金额')),
                ('percent', models.PositiveIntegerField(verbose_name='奖励比例（%）')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='奖励金额')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rewards', to='supervision.complaint', verbose_name='投诉举报')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '举报奖励',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.UniqueConstraint(fields=('area', 'number'), name='complaint_number_once'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['rejected', 'answered']), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='ended_complaint_is_answered'),
        ),
        migrations.AddConstraint(
            model_name='reward',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('complaint',), name='one_open_reward', violation_error_message='这件举报已有一份奖励待审批'),
        ),
        migrations.AddConstraint(
            model_name='reward',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='reward_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='reward',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_reward_says_who'),
        ),
        migrations.AddConstraint(
            model_name='reward',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'approved')), fields=('complaint',), name='one_reward_of_a_complaint', violation_error_message='这件举报已经奖励过'),
        ),
        migrations.AddConstraint(
            model_name='reward',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 200), ('amount__lte', 200000), ('found_amount__gt', 0)), name='reward_within_bounds'),
        ),
        migrations.AddConstraint(
            model_name='reward',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gte', 1), ('percent__lte', 100)), name='reward_has_its_share'),
        ),
        set_once(
            "supervision_complaint",
            ["area_id", "number", "channel", "about", "told", "received_on", "received_by_id",
             "case_id"],
        ),
        never_deleted("supervision_complaint"),
        only_moves("supervision_complaint", COMPLAINT),
        RunSQL(FROZEN, "DROP TRIGGER supervision_reward_frozen ON supervision_reward"),
        never_deleted("supervision_reward"),
        only_moves("supervision_reward", REWARD),
    ]
