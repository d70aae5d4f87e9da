"""The rule library as data: points, the files they came by, the county's changes, what was found."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, append_only_but_sealed, never_deleted, only_moves

DECIDED = ["status", "decided_by_id", "decided_on", "decision"]
FILE_PAIRS = [
    "applying>done", "applying>failed", "checked>applying", "checked>discarded", "checked>waiting",
    "waiting>checked", "waiting>discarded", "waiting>failed",
]
CHANGE_PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('claims', '0068_finer_lines'),
        ('supervision', '0009_cases'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LibraryFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('percent', models.PositiveSmallIntegerField(default=0, verbose_name='进度(%)')),
                ('stage', models.CharField(blank=True, max_length=60, verbose_name='步骤')),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='申请时间')),
                ('started_at', models.DateTimeField(null=True, verbose_name='开始时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('failure', models.TextField(blank=True, verbose_name='失败原因')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('status', models.CharField(choices=[('waiting', '检查中'), ('checked', '待确认'), ('applying', '导入中'), ('done', '已导入'), ('failed', '退回'), ('discarded', '已放弃')], default='waiting', max_length=10, verbose_name='状态')),
                ('uploaded_on', models.DateField(verbose_name='上传日期')),
                ('file_name', models.CharField(max_length=120, verbose_name='文件名')),
                ('file_size', models.PositiveIntegerField(default=0, verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='指纹')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='检查时间')),
                ('checked_on', models.DateField(null=True, verbose_name='检查日期')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('confirmed_on', models.DateField(null=True, verbose_name='确认日期')),
                ('forgotten', models.BooleanField(default=False, verbose_name='文件已清除')),
                ('sheets', models.JSONField(default=list, verbose_name='工作表')),
                ('left_out', models.JSONField(default=list, verbose_name='没有读入')),
                ('faults', models.JSONField(db_default=[], default=list, verbose_name='退回的原因')),
                ('content', accounts.fields.SealedField(blank=True, context='supervision.libraryfile.content', verbose_name='文件')),
                ('first_day', models.DateField(verbose_name='自哪天起适用')),
                ('new_count', models.PositiveIntegerField(default=0, verbose_name='新增')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='变更')),
                ('same_count', models.PositiveIntegerField(default=0, verbose_name='无变化')),
                ('refused_count', models.PositiveIntegerField(default=0, verbose_name='不能读入')),
                ('totals', models.JSONField(default=list, verbose_name='分类行数')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LibraryGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sex', '限性别'), ('age', '限年龄'), ('same_incision', '同一切口'), ('insurance', '限险种'), ('care_kind', '限就医方式'), ('institution_level', '限机构级别'), ('course', '限疗程'), ('duplicate', '包含重复'), ('frequency', '限每日频次'), ('cycle', '限周期频次')], max_length=20, verbose_name='类别')),
                ('missing', models.CharField(choices=[('day', '计费日期'), ('hour', '计费时刻'), ('use', '用药天数'), ('person', '性别或出生日期'), ('grade', '机构等级')], max_length=8, verbose_name='缺少')),
                ('points', models.PositiveIntegerField(verbose_name='知识点数')),
                ('noted_on', models.DateField(verbose_name='筛查日期')),
                ('settlement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.settlement')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='LibraryPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.PositiveSmallIntegerField(verbose_name='批次')),
                ('seq', models.PositiveIntegerField(verbose_name='序号')),
                ('kind', models.CharField(choices=[('sex', '限性别'), ('age', '限年龄'), ('same_incision', '同一切口'), ('insurance', '限险种'), ('care_kind', '限就医方式'), ('institution_level', '限机构级别'), ('course', '限疗程'), ('duplicate', '包含重复'), ('frequency', '限每日频次'), ('cycle', '限周期频次')], max_length=20, verbose_name='类别')),
                ('subject', models.CharField(choices=[('drug', '药品'), ('service', '诊疗项目')], max_length=8, verbose_name='对象')),
                ('code', models.CharField(max_length=30, verbose_name='项目编码')),
                ('name', models.CharField(max_length=120, verbose_name='项目名称')),
                ('value', models.CharField(max_length=30, verbose_name='限定值')),
                ('text', models.CharField(blank=True, max_length=60, verbose_name='限定')),
                ('unit', models.CharField(blank=True, max_length=10, verbose_name='单位')),
                ('window', models.CharField(blank=True, max_length=20, verbose_name='时间范围')),
                ('pair_code', models.CharField(blank=True, max_length=30, verbose_name='被包含项目编码')),
                ('pair_name', models.CharField(blank=True, max_length=120, verbose_name='被包含项目')),
                ('ground', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('ground_source', models.CharField(blank=True, max_length=20, verbose_name='依据来源')),
                ('caveat', models.CharField(blank=True, max_length=200, verbose_name='备注')),
                ('sure', models.BooleanField(verbose_name='明确')),
                ('first_day', models.DateField(verbose_name='自哪天起适用')),
                ('last_day', models.DateField(null=True, verbose_name='适用到')),
                ('is_on', models.BooleanField(default=True, verbose_name='启用')),
                ('area', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('file', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='points', to='supervision.libraryfile')),
            ],
            options={
                'ordering': ['batch', 'seq', '-first_day'],
            },
        ),
        migrations.CreateModel(
            name='LibraryHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('settlement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.settlement')),
                ('point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hits', to='supervision.librarypoint')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='LibraryChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('what', models.CharField(choices=[('point_off', '停用知识点'), ('point_on', '启用知识点'), ('kind_off', '停用整类'), ('kind_on', '启用整类'), ('add', '增加本县知识点'), ('ages', '规定年龄段')], max_length=10, verbose_name='事项')),
                ('kind', models.CharField(blank=True, choices=[('sex', '限性别'), ('age', '限年龄'), ('same_incision', '同一切口'), ('insurance', '限险种'), ('care_kind', '限就医方式'), ('institution_level', '限机构级别'), ('course', '限疗程'), ('duplicate', '包含重复'), ('frequency', '限每日频次'), ('cycle', '限周期频次')], max_length=20, verbose_name='类别')),
                ('content', models.JSONField(default=dict, verbose_name='内容')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
                ('point', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='supervision.librarypoint')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LibraryRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='行')),
                ('verdict', models.CharField(choices=[('new', '新增'), ('changed', '变更'), ('same', '无变化'), ('refused', '不能读入')], max_length=8, verbose_name='结果')),
                ('batch', models.CharField(blank=True, max_length=10, verbose_name='批次')),
                ('seq', models.CharField(blank=True, max_length=10, verbose_name='序号')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='项目编码')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='项目名称')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('facts', models.JSONField(default=dict)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='supervision.libraryfile')),
            ],
            options={
                'ordering': ['file', 'line'],
            },
        ),
        migrations.AddConstraint(
            model_name='libraryfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='failed_libraryfile_says_why'),
        ),
        migrations.AddConstraint(
            model_name='libraryfile',
            constraint=models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='libraryfile_percent_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='libraryfile',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('failed', 'discarded')), _negated=True), fields=('area', 'sha256'), name='library_file_once', violation_error_code='file', violation_error_message='这份文件刚由别人上传，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='librarygap',
            constraint=models.UniqueConstraint(fields=('settlement', 'kind', 'missing'), name='library_gap_once'),
        ),
        migrations.AddIndex(
            model_name='librarypoint',
            index=models.Index(fields=['area', 'code'], name='library_point_code'),
        ),
        migrations.AddConstraint(
            model_name='librarypoint',
            constraint=models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='library_point_days'),
        ),
        migrations.AddConstraint(
            model_name='librarypoint',
            constraint=models.UniqueConstraint(condition=models.Q(('last_day', None)), fields=('area', 'batch', 'seq'), name='library_point_once'),
        ),
        migrations.AddConstraint(
            model_name='libraryhit',
            constraint=models.UniqueConstraint(fields=('point', 'settlement'), name='library_hit_once'),
        ),
        migrations.AddConstraint(
            model_name='librarychange',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='library_change_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='librarychange',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_library_change_says_who'),
        ),
        migrations.AddConstraint(
            model_name='librarychange',
            constraint=models.UniqueConstraint(condition=models.Q(('point__isnull', False), ('status', 'proposed')), fields=('point',), name='one_open_change_of_a_point', violation_error_message='这个知识点已有一份申请待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='librarychange',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed'), ('what__in', ['kind_off', 'kind_on', 'ages'])), fields=('area', 'kind'), name='one_open_change_of_a_kind', violation_error_message='已有一份同样的申请待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='librarychange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('what__in', ['point_off', 'point_on']), _negated=True), ('point__isnull', False), _connector='OR'), name='library_switch_says_its_point'),
        ),
        migrations.AddConstraint(
            model_name='librarychange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('what__in', ['kind_off', 'kind_on']), _negated=True), models.Q(('kind', ''), _negated=True), _connector='OR'), name='library_switch_says_its_kind'),
        ),
        migrations.AddIndex(
            model_name='libraryrow',
            index=models.Index(fields=['file', 'verdict'], name='library_row_verdict'),
        ),
        never_deleted("supervision_libraryfile"),
        only_moves("supervision_libraryfile", FILE_PAIRS),
        append_only_but_sealed("supervision_librarypoint", ["last_day", "is_on"]),
        append_only("supervision_libraryhit"),
        append_only("supervision_librarygap"),
        append_only_but_sealed("supervision_librarychange", [*DECIDED, "point_id"]),
        only_moves("supervision_librarychange", CHANGE_PAIRS),
    ]
