"""The yearly assessment: the county's forms, an institution's year, its items."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only_but_sealed, never_deleted, only_moves

MOVES = [
    "answered>appealed", "answered>final", "appealed>answered", "final>appealed", "open>scored",
    "open>self", "published>appealed", "published>final", "scored>published", "scored>self",
    "self>scored",
]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('institutions', '0009_points'),
        ('supervision', '0010_rule_library'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FormAdoption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('form', models.CharField(choices=[('hospital', '定点医疗机构服务协议年度考核表'), ('station', '村卫生室（服务站）目标责任年度考核表')], max_length=16, verbose_name='考核表')),
                ('first_year', models.PositiveSmallIntegerField(verbose_name='自考核年度')),
                ('days_to_appeal', models.PositiveSmallIntegerField(verbose_name='申诉期限（工作日）')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '考核办法',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='考核年度')),
                ('status', models.CharField(choices=[('open', '待自评'), ('self', '待考核'), ('scored', '待复核'), ('published', '公示中'), ('appealed', '申诉待答复'), ('answered', '申诉待决定'), ('final', '已确定')], default='open', max_length=10, verbose_name='状态')),
                ('self_score', models.PositiveSmallIntegerField(null=True, verbose_name='自评得分')),
                ('score', models.PositiveSmallIntegerField(null=True, verbose_name='考核得分')),
                ('opened_at', models.DateTimeField(auto_now_add=True, verbose_name='发起时间')),
                ('self_at', models.DateTimeField(null=True, verbose_name='自评时间')),
                ('scored_at', models.DateTimeField(null=True, verbose_name='考核时间')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('appeal_by', models.DateField(null=True, verbose_name='申诉期限')),
                ('appeal', models.CharField(blank=True, max_length=200, verbose_name='申诉理由')),
                ('appealed_at', models.DateTimeField(null=True, verbose_name='申诉时间')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='申诉答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='确定时间')),
                ('finished_on', models.DateField(null=True, verbose_name='确定日期')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='事由')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('appealed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申诉人')),
                ('finished_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确定人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='institutions.institution', verbose_name='定点机构')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发起人')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('scored_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='考核人')),
                ('self_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='自评人')),
                ('adoption', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='supervision.formadoption', verbose_name='考核办法')),
            ],
            options={
                'verbose_name': '年度考核',
                'ordering': ['-year', 'institution', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='AssessmentItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8, verbose_name='编号')),
                ('name', models.CharField(max_length=120, verbose_name='考核内容')),
                ('most', models.PositiveSmallIntegerField(verbose_name='满分')),
                ('asks', models.CharField(max_length=80, verbose_name='考核依据')),
                ('source', models.CharField(max_length=80, verbose_name='条款')),
                ('self_points', models.PositiveSmallIntegerField(null=True, verbose_name='自评')),
                ('self_note', models.CharField(blank=True, max_length=200, verbose_name='自评说明')),
                ('points', models.PositiveSmallIntegerField(null=True, verbose_name='得分')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='扣分事实')),
                ('points_before', models.PositiveSmallIntegerField(null=True, verbose_name='申诉前')),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='supervision.assessment')),
            ],
            options={
                'verbose_name': '考核项目',
                'ordering': ['assessment', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('assessment', 'code'), name='one_item_of_an_assessment'), models.CheckConstraint(condition=models.Q(models.Q(('points', None), ('points__lte', models.F('most')), _connector='OR'), models.Q(('self_points', None), ('self_points__lte', models.F('most')), _connector='OR')), name='item_gives_no_more_than_its_points'), models.CheckConstraint(condition=models.Q(('points', None), ('points', models.F('most')), models.Q(('note', ''), _negated=True), _connector='OR'), name='points_taken_say_why')],
            },
        ),
        migrations.AddConstraint(
            model_name='formadoption',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area', 'form'), name='one_open_form_adoption', violation_error_message='这张考核表已有一份采用申请待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='formadoption',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='form_adoption_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='formadoption',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_form_adoption_says_who'),
        ),
        migrations.AddConstraint(
            model_name='formadoption',
            constraint=models.CheckConstraint(condition=models.Q(('days_to_appeal__gte', 3), ('days_to_appeal__lte', 60)), name='days_to_appeal_in_bounds'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.UniqueConstraint(fields=('institution', 'year'), name='one_assessment_of_a_year', violation_error_message='该机构这一年度的考核刚由别人发起，请刷新后再看'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('score', None), ('score__lte', 100), _connector='OR'), name='assessment_of_a_hundred'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(models.Q(('reviewed_by', models.F('opened_by')), _negated=True), models.Q(('reviewed_by', models.F('self_by')), _negated=True), models.Q(('reviewed_by', models.F('scored_by')), _negated=True)), _connector='OR'), name='assessment_is_reviewed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('finished_by', None), models.Q(models.Q(('finished_by', models.F('opened_by')), _negated=True), models.Q(('finished_by', models.F('self_by')), _negated=True), models.Q(('finished_by', models.F('scored_by')), _negated=True), models.Q(('finished_by', models.F('reviewed_by')), _negated=True), models.Q(('finished_by', models.F('appealed_by')), _negated=True), models.Q(('finished_by', models.F('answered_by')), _negated=True)), _connector='OR'), name='assessment_appeal_is_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'final'), _negated=True), ('finished_on__isnull', False), _connector='OR'), name='final_assessment_says_when'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['scored', 'published', 'final']), _negated=True), ('score__isnull', False), _connector='OR'), name='scored_assessment_says_its_score'),
        ),
        append_only_but_sealed(
            "supervision_formadoption", ("status", "decided_by_id", "decided_on", "decision")
        ),
        only_moves(
            "supervision_formadoption",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
        never_deleted("supervision_assessment"),
        only_moves("supervision_assessment", MOVES),
        append_only_but_sealed(
            "supervision_assessmentitem",
            ("self_points", "self_note", "points", "note", "points_before"),
        ),
    ]
