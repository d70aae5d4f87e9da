"""Points of who serves the insured: the county's terms, what was given, what was asked back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only_but_sealed, only_moves

DECIDED = ("status", "decided_by_id", "decided_on", "decision")
PROPOSED = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
ANSWERED = (
    "status", "points_back", "answer", "answered_by_id", "answered_at", "decided_by_id", "decided_at",
    "decided_on", "effect_id",
)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('institutions', '0008_catalogue_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PointAppeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('appeal', '申诉'), ('course', '学习修复')], max_length=8, verbose_name='种类')),
                ('status', models.CharField(choices=[('lodged', '待答复'), ('answered', '待审批'), ('decided', '已办结'), ('withdrawn', '已撤回')], default='lodged', max_length=10, verbose_name='状态')),
                ('asked_back', models.PositiveSmallIntegerField(verbose_name='申请减（分）')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('lodged_at', models.DateTimeField(auto_now_add=True, verbose_name='申请时间')),
                ('lodged_on', models.DateField(verbose_name='申请日期')),
                ('points_back', models.PositiveSmallIntegerField(null=True, verbose_name='减（分）')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='审批时间')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
            ],
            options={
                'verbose_name': '记分申诉',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PointRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('ground', models.CharField(choices=[('agreement', '机构受协议处理且涉及费用，对其负有责任'), ('dear_product', '公立医疗机构无正当理由使用集采高价非中选产品，被通报'), ('other_1', '其他应记 1 至 3 分的情形'), ('articles_38_39', '机构受《条例》第三十八条、第三十九条行政处罚'), ('out_of_scope', '超出注册的执业地点、类别、范围执业，受到处理'), ('other_4', '其他应记 4 至 6 分的情形'), ('for_another', '为未登记、暂停或终止资格的人员冒名结算'), ('again', '年度内已记 1 至 6 分，又发生同样的违规'), ('other_7', '其他应记 7 至 9 分的情形'), ('fraud', '机构受《条例》第四十条行政处罚（欺诈骗保）'), ('licence_lost', '执业证书被吊销、注销'), ('other_10', '其他应记 10 至 12 分的情形')], max_length=16, verbose_name='记分情形')),
                ('degree', models.CharField(choices=[('general', '一般责任'), ('important', '重要责任'), ('main', '主要责任')], max_length=10, verbose_name='责任程度')),
                ('points', models.PositiveSmallIntegerField(verbose_name='记分')),
                ('handled_paper', models.CharField(max_length=100, verbose_name='机构处理文号')),
                ('handled_on', models.DateField(verbose_name='机构处理日期')),
                ('appeal_by', models.DateField(null=True, verbose_name='申诉期限')),
            ],
            options={
                'verbose_name': '支付资格记分',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PointTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('reminded_from', models.PositiveSmallIntegerField(verbose_name='自几分起提醒')),
                ('months_nine', models.PositiveSmallIntegerField(verbose_name='满 9 分暂停（月）')),
                ('months_ten', models.PositiveSmallIntegerField(verbose_name='满 10 分暂停（月）')),
                ('months_eleven', models.PositiveSmallIntegerField(verbose_name='满 11 分暂停（月）')),
                ('days_to_appeal', models.PositiveSmallIntegerField(verbose_name='申诉期限（工作日）')),
                ('max_course', models.PositiveSmallIntegerField(verbose_name='学习修复每年最多减（分）')),
            ],
            options={
                'verbose_name': '记分办法',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='eligibility',
            name='barred_until',
            field=models.DateField(null=True, verbose_name='最早重新登记'),
        ),
        migrations.AddConstraint(
            model_name='eligibility',
            constraint=models.CheckConstraint(condition=models.Q(('barred_until', None), ('state', 'ended'), _connector='OR'), name='barred_who_was_ended'),
        ),
        migrations.AddField(
            model_name='pointappeal',
            name='answered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人'),
        ),
        migrations.AddField(
            model_name='pointappeal',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='pointappeal',
            name='effect',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.eligibility', verbose_name='支付资格'),
        ),
        migrations.AddField(
            model_name='pointappeal',
            name='lodged_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddField(
            model_name='pointrecord',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='pointrecord',
            name='effect',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='by_points', to='institutions.eligibility', verbose_name='支付资格'),
        ),
        migrations.AddField(
            model_name='pointrecord',
            name='practitioner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='points', to='institutions.practitioner', verbose_name='责任人员'),
        ),
        migrations.AddField(
            model_name='pointrecord',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddField(
            model_name='pointappeal',
            name='record',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='institutions.pointrecord', verbose_name='记分决定'),
        ),
        migrations.AddField(
            model_name='pointterms',
            name='area',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区'),
        ),
        migrations.AddField(
            model_name='pointterms',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='pointterms',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddConstraint(
            model_name='pointrecord',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='point_record_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='pointrecord',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_point_record_says_who'),
        ),
        migrations.AddConstraint(
            model_name='pointrecord',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['proposed', 'approved'])), fields=('practitioner', 'handled_paper', 'ground'), name='one_point_record_of_a_handling', violation_error_code='handled_paper', violation_error_message='这次处理的同一情形已给这位人员记分，不能重复记分'),
        ),
        migrations.AddConstraint(
            model_name='pointrecord',
            constraint=models.CheckConstraint(condition=models.Q(('points__gte', 1), ('points__lte', 12)), name='points_of_the_bands'),
        ),
        migrations.AddConstraint(
            model_name='pointrecord',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_on__gte', models.F('handled_on'))), name='points_after_the_handling'),
        ),
        migrations.AddConstraint(
            model_name='pointrecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('appeal_by__isnull', False), _connector='OR'), name='points_say_how_long_to_appeal'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['lodged', 'answered'])), fields=('record',), name='one_open_point_appeal', violation_error_message='这份记分决定已有一份申诉在办理，请等待办结'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.CheckConstraint(condition=models.Q(('asked_back__gt', 0)), name='point_appeal_asks_something'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.CheckConstraint(condition=models.Q(('points_back', None), ('points_back__lte', models.F('asked_back')), _connector='OR'), name='point_appeal_gives_no_more_than_asked'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('answered_by', models.F('lodged_by')), _negated=True), _connector='OR'), name='point_appeal_is_answered_by_another'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(models.Q(('decided_by', models.F('lodged_by')), _negated=True), models.Q(('decided_by', models.F('answered_by')), _negated=True)), _connector='OR'), name='point_appeal_decided_by_third'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['answered', 'decided']), _negated=True), ('points_back__isnull', False), _connector='OR'), name='answer_says_points'),
        ),
        migrations.AddConstraint(
            model_name='pointappeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'decided'), _negated=True), ('decided_on__isnull', False), _connector='OR'), name='decided_point_appeal_says_when'),
        ),
        migrations.AddConstraint(
            model_name='pointterms',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area',), name='one_open_point_terms', violation_error_message='已有一份记分办法待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='pointterms',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='point_terms_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='pointterms',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_point_terms_says_who'),
        ),
        migrations.AddConstraint(
            model_name='pointterms',
            constraint=models.CheckConstraint(condition=models.Q(('months_eleven__gte', models.F('months_ten')), ('months_eleven__lte', 6), ('months_nine__gte', 1), ('months_ten__gte', models.F('months_nine'))), name='suspension_months_in_bounds'),
        ),
        migrations.AddConstraint(
            model_name='pointterms',
            constraint=models.CheckConstraint(condition=models.Q(('days_to_appeal__gte', 5), ('days_to_appeal__lte', 60), ('max_course__lte', 6), ('reminded_from__gte', 1), ('reminded_from__lte', 8)), name='point_terms_in_bounds'),
        ),
        append_only_but_sealed("institutions_pointterms", DECIDED),
        only_moves("institutions_pointterms", PROPOSED),
        append_only_but_sealed(
            "institutions_pointrecord", (*DECIDED, "appeal_by", "effect_id")
        ),
        only_moves("institutions_pointrecord", PROPOSED),
        append_only_but_sealed("institutions_pointappeal", ANSWERED),
        only_moves(
            "institutions_pointappeal",
            ["lodged>withdrawn", "lodged>answered", "answered>lodged", "answered>decided"],
        ),
    ]
