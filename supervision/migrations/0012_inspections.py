"""Inspections: checklists, sweeps, visits with answers and photos, rectification orders."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import (
    append_only, append_only_but_sealed, never_deleted, only_moves, set_once,
)
from accounts.sql import RunSQL

FROZEN = """
CREATE TRIGGER supervision_checklist_frozen BEFORE UPDATE ON supervision_checklist
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'decided_by_id', 'decided_on',
        'decision');
"""
DECIDED = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
STAGES = [
    "on_site>summary", "planned>cancelled", "planned>on_site", "planned>self_check",
    "self_check>cancelled", "self_check>on_site", "summary>closed",
]
VISITS = ["open>cancelled", "open>done", "planned>cancelled", "planned>open"]
ORDERS = ["answered>issued", "answered>verified", "issued>answered"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('institutions', '0008_catalogue_changes'),
        ('supervision', '0011_assessment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Checklist',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('key', models.CharField(max_length=30, verbose_name='检查表')),
                ('title', models.CharField(max_length=60, verbose_name='名称')),
                ('first_day', models.DateField(verbose_name='启用日期')),
                ('text', models.TextField(verbose_name='内容')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '检查表',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('self', '自查'), ('visit', '现场检查'), ('again', '复查')], max_length=6, verbose_name='方式')),
                ('round', models.PositiveSmallIntegerField(default=1, verbose_name='第几次')),
                ('due_on', models.DateField(verbose_name='应在此日前完成')),
                ('status', models.CharField(choices=[('planned', '待检查'), ('open', '检查中'), ('done', '已完成'), ('cancelled', '已取消')], default='planned', max_length=10, verbose_name='状态')),
                ('arranged_at', models.DateTimeField(auto_now_add=True, verbose_name='安排时间')),
                ('opened_at', models.DateTimeField(null=True, verbose_name='开始时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('present', models.CharField(blank=True, max_length=40, verbose_name='机构在场人')),
                ('remark', models.CharField(blank=True, max_length=300, verbose_name='备注')),
                ('arranged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='安排人')),
                ('finished_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='完成人')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='开始人')),
            ],
            options={
                'verbose_name': '检查',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.CharField(choices=[('case', '本局立案'), ('health', '卫生健康部门'), ('market', '市场监督管理部门'), ('police', '公安机关'), ('discipline', '纪检监察机关')], max_length=12, verbose_name='移送')),
                ('number', models.CharField(max_length=40, verbose_name='文号')),
                ('reason', models.CharField(max_length=300, verbose_name='事由和依据')),
                ('handed_at', models.DateTimeField(auto_now_add=True, verbose_name='移送时间')),
                ('result', models.CharField(blank=True, max_length=300, verbose_name='办理结果')),
                ('told_at', models.DateTimeField(null=True, verbose_name='登记结果时间')),
                ('handed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='移送人')),
                ('told_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记结果人')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='supervision.inspection', verbose_name='检查')),
            ],
            options={
                'verbose_name': '移送',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=30, verbose_name='项目')),
                ('key', models.UUIDField(verbose_name='平板编号')),
                ('value', models.CharField(max_length=20, verbose_name='结果')),
                ('verdict', models.CharField(max_length=4, verbose_name='判断')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('typed_at', models.DateTimeField(verbose_name='录入时间')),
                ('received_at', models.DateTimeField(auto_now_add=True, verbose_name='检查时间')),
                ('answered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='检查人')),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='supervision.answer', verbose_name='代替')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='supervision.inspection', verbose_name='检查')),
            ],
            options={
                'verbose_name': '检查结果',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Interest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('kin', '近亲属在该机构'), ('share', '有投资或经济往来'), ('served', '在该机构任职或曾任职'), ('namesake', '与该机构人员同名，确系另一人')], max_length=10, verbose_name='关系')),
                ('detail', models.CharField(max_length=100, verbose_name='说明')),
                ('declared_at', models.DateTimeField(auto_now_add=True, verbose_name='声明时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='撤销时间')),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='声明人')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='机构')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='检查人员')),
            ],
            options={
                'verbose_name': '利害关系声明',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, verbose_name='文号')),
                ('due_on', models.DateField(verbose_name='整改期限')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='整改要求')),
                ('status', models.CharField(choices=[('issued', '待整改'), ('answered', '待核验'), ('verified', '已销号')], default='issued', max_length=10, verbose_name='状态')),
                ('issued_at', models.DateTimeField(auto_now_add=True, verbose_name='下达时间')),
                ('verified_at', models.DateTimeField(null=True, verbose_name='核验时间')),
                ('inspection', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='order', to='supervision.inspection', verbose_name='检查')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='下达人')),
                ('verified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核验人')),
            ],
            options={
                'verbose_name': '整改通知书',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='inspection',
            name='of_order',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits_again', to='supervision.order', verbose_name='复查的整改'),
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=30, verbose_name='项目')),
                ('words', models.CharField(max_length=300, verbose_name='应当')),
                ('found', models.CharField(max_length=330, verbose_name='发现')),
                ('requires', models.CharField(max_length=300, verbose_name='整改要求')),
                ('source', models.CharField(max_length=300, verbose_name='依据')),
                ('grave', models.BooleanField(verbose_name='须现场复查')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='supervision.order', verbose_name='整改通知书')),
            ],
            options={
                'verbose_name': '整改事项',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=1000, verbose_name='整改情况')),
                ('replied_at', models.DateTimeField(auto_now_add=True, verbose_name='回复时间')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='核验时间')),
                ('is_good', models.BooleanField(null=True, verbose_name='整改到位')),
                ('verdict', models.CharField(blank=True, max_length=300, verbose_name='核验意见')),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核验人')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='supervision.order', verbose_name='整改通知书')),
                ('replied_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='回复人')),
            ],
            options={
                'verbose_name': '整改回复',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(blank=True, max_length=30, verbose_name='项目')),
                ('key', models.UUIDField(default=uuid.uuid4, verbose_name='平板编号')),
                ('file', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='文件编号')),
                ('kind', models.CharField(max_length=4, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='文件指纹')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='拍摄时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拍摄人')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='supervision.inspection', verbose_name='检查')),
                ('reply', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='supervision.reply', verbose_name='整改回复')),
            ],
            options={
                'verbose_name': '检查照片',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Sweep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=60, verbose_name='名称')),
                ('kind', models.CharField(choices=[('special', '专项检查'), ('routine', '日常检查'), ('joint', '联合检查')], max_length=10, verbose_name='性质')),
                ('partners', models.CharField(blank=True, max_length=100, verbose_name='联合部门')),
                ('basis', models.CharField(max_length=100, verbose_name='依据文号')),
                ('rounds', models.PositiveSmallIntegerField(verbose_name='每家检查次数')),
                ('self_check_until', models.DateField(blank=True, null=True, verbose_name='自查截止')),
                ('visits_from', models.DateField(verbose_name='现场检查自')),
                ('visits_until', models.DateField(verbose_name='现场检查至')),
                ('summary_until', models.DateField(verbose_name='总结截止')),
                ('status', models.CharField(choices=[('planned', '筹备'), ('self_check', '自查'), ('on_site', '现场检查'), ('summary', '总结'), ('closed', '已结束'), ('cancelled', '已取消')], default='planned', max_length=10, verbose_name='状态')),
                ('planned_at', models.DateTimeField(auto_now_add=True, verbose_name='制定时间')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('summary', models.CharField(blank=True, max_length=1000, verbose_name='总结')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('checklist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sweeps', to='supervision.checklist', verbose_name='检查表')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人')),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='制定人')),
            ],
            options={
                'verbose_name': '检查活动',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SweepPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('left_out_at', models.DateTimeField(null=True, verbose_name='免检时间')),
                ('left_out_reason', models.CharField(blank=True, max_length=200, verbose_name='免检原因')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='机构')),
                ('left_out_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='免检人')),
                ('sweep', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='supervision.sweep', verbose_name='检查活动')),
            ],
            options={
                'verbose_name': '被查机构',
                'ordering': ['institution__code'],
            },
        ),
        migrations.AddField(
            model_name='inspection',
            name='place',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='supervision.sweepplace', verbose_name='被查机构'),
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team', to='supervision.inspection', verbose_name='检查')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='检查人员')),
            ],
            options={
                'verbose_name': '检查组成员',
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area', 'key'), name='one_open_checklist', violation_error_message='同一种检查表已有一份在待审批，请先办理那一份'),
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='checklist_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_checklist_says_who'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.UniqueConstraint(fields=('inspection', 'to'), name='handed_over_once', violation_error_code='to', violation_error_message='已经移送过这个部门'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('result', ''), ('told_at', None)), models.Q(('told_at__isnull', False), models.Q(('result', ''), _negated=True)), _connector='OR'), name='handover_answered_says_what'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('inspection', 'key'), name='answer_is_taken_once'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces', None)), fields=('inspection', 'item'), name='one_first_answer'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['good', 'bad', 'none'])), name='answer_is_judged'),
        ),
        migrations.AddConstraint(
            model_name='interest',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person', 'institution', 'relation'), name='interest_declared_once', violation_error_code='relation', violation_error_message='这项关系已经声明过'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['status', 'due_on'], name='supervision_status_310781_idx'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('verified_by', None), models.Q(('verified_by', models.F('issued_by')), _negated=True), _connector='OR'), name='order_is_verified_by_another'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.UniqueConstraint(fields=('order', 'item'), name='order_line_once'),
        ),
        migrations.AddConstraint(
            model_name='reply',
            constraint=models.UniqueConstraint(condition=models.Q(('checked_at', None)), fields=('order',), name='one_reply_waits', violation_error_message='这份通知书的回复正在核验'),
        ),
        migrations.AddConstraint(
            model_name='reply',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checked_at', None), ('is_good', None)), models.Q(('checked_at__isnull', False), ('is_good__isnull', False), models.Q(('verdict', ''), _negated=True)), _connector='OR'), name='checked_reply_says_what'),
        ),
        migrations.AddConstraint(
            model_name='photo',
            constraint=models.UniqueConstraint(fields=('inspection', 'key'), name='photo_is_taken_once'),
        ),
        migrations.AddConstraint(
            model_name='sweep',
            constraint=models.CheckConstraint(condition=models.Q(('visits_until__gte', models.F('visits_from'))), name='sweep_visits_in_order'),
        ),
        migrations.AddConstraint(
            model_name='sweep',
            constraint=models.CheckConstraint(condition=models.Q(('summary_until__gte', models.F('visits_until'))), name='sweep_summary_comes_last'),
        ),
        migrations.AddConstraint(
            model_name='sweep',
            constraint=models.CheckConstraint(condition=models.Q(('self_check_until', None), ('self_check_until__lte', models.F('visits_until')), _connector='OR'), name='sweep_self_check_comes_first'),
        ),
        migrations.AddConstraint(
            model_name='sweep',
            constraint=models.CheckConstraint(condition=models.Q(('rounds__in', [1, 2])), name='sweep_goes_once_or_twice'),
        ),
        migrations.AddConstraint(
            model_name='sweep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'joint'), _negated=True), models.Q(('partners', ''), _negated=True), _connector='OR'), name='joint_sweep_names_partners'),
        ),
        migrations.AddConstraint(
            model_name='sweep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['closed', 'cancelled']), _negated=True), models.Q(('closed_by__isnull', False), models.Q(('summary', ''), _negated=True)), _connector='OR'), name='ended_sweep_says_how'),
        ),
        migrations.AddConstraint(
            model_name='sweepplace',
            constraint=models.UniqueConstraint(fields=('sweep', 'institution'), name='sweep_place_once', violation_error_message='这家机构已在检查活动中'),
        ),
        migrations.AddConstraint(
            model_name='sweepplace',
            constraint=models.CheckConstraint(condition=models.Q(('left_out_at', None), models.Q(('left_out_reason', ''), _negated=True), _connector='OR'), name='place_left_out_says_why'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(fields=['status', 'due_on'], name='supervision_status_e31edc_idx'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['self', 'visit']), models.Q(('status', 'cancelled'), _negated=True)), fields=('place', 'kind', 'round'), name='one_visit_of_a_round', violation_error_message='这家机构的这一次检查已经安排，请刷新后再看'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'again'), ('of_order__isnull', False)), models.Q(models.Q(('kind', 'again'), _negated=True), ('of_order', None)), _connector='OR'), name='only_a_second_look_has_an_order'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'done'), _negated=True), models.Q(('finished_by__isnull', False), models.Q(('present', ''), _negated=True)), _connector='OR'), name='finished_inspection_says_who_was_there'),
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.UniqueConstraint(fields=('inspection', 'user'), name='team_member_once'),
        ),
        RunSQL(FROZEN, "DROP TRIGGER supervision_checklist_frozen ON supervision_checklist"),
        never_deleted("supervision_checklist"),
        only_moves("supervision_checklist", DECIDED),
        append_only_but_sealed("supervision_interest", ["ended_by_id", "ended_at"]),
        never_deleted("supervision_sweep"),
        only_moves("supervision_sweep", STAGES),
        append_only_but_sealed(
            "supervision_sweepplace", ["left_out_by_id", "left_out_at", "left_out_reason"]
        ),
        never_deleted("supervision_inspection"),
        only_moves("supervision_inspection", VISITS),
        append_only("supervision_teammember"),
        append_only("supervision_answer"),
        append_only("supervision_photo"),
        never_deleted("supervision_order"),
        set_once(
            "supervision_order",
            ["inspection_id", "number", "due_on", "words", "issued_by_id", "verified_by_id"],
        ),
        only_moves("supervision_order", ORDERS),
        append_only("supervision_orderline"),
        append_only_but_sealed(
            "supervision_reply", ["checked_by_id", "checked_at", "is_good", "verdict"]
        ),
        append_only_but_sealed("supervision_handover", ["result", "told_by_id", "told_at"]),
    ]
