import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only_but_sealed, never_deleted, only_moves

MAPPING = "institutions_codemapping"
DECIDED = [
    "status", "decided_by_id", "decided_at", "withdrawn_by_id", "withdrawn_at", "withdrawn_on",
    "decision",
]
PAIRS = ["agreed>withdrawn", "proposed>agreed", "proposed>refused", "proposed>withdrawn"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_moves'),
        ('desk', '0001_papers'),
        ('institutions', '0004_antibiotics'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('own_code', models.CharField(max_length=150, verbose_name='机构项目编码')),
                ('own_name', models.CharField(max_length=200, verbose_name='机构项目名称')),
                ('kind', models.CharField(choices=[('101', '西药中成药'), ('102', '中药饮片'), ('103', '自制剂'), ('104', '民族药'), ('105', '其他'), ('106', '中药配方颗粒'), ('201', '医疗服务项目'), ('301', '医用耗材')], max_length=3, verbose_name='目录类别')),
                ('code', models.CharField(max_length=30, verbose_name='医保编码')),
                ('first_day', models.DateField(verbose_name='启用日期')),
                ('last_day', models.DateField(blank=True, null=True, verbose_name='停用日期')),
                ('details', models.JSONField(default=list, verbose_name='规格等')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('agreed', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤销')], default='proposed', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='提交时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='审批时间')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤销时间')),
                ('withdrawn_on', models.DateField(null=True, verbose_name='撤销日期')),
                ('decision', models.CharField(blank=True, default='', max_length=200, verbose_name='审批意见')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='institutions.institution')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提交人')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人')),
            ],
            options={
                'ordering': ['institution', 'own_code', 'pk'],
                'indexes': [models.Index(fields=['institution', 'own_code'], name='mapping_own_code'), models.Index(condition=models.Q(('status', 'proposed')), fields=['id'], name='mapping_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='mapping_dates_in_order'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='mapping_is_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['agreed', 'refused']), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='decided_mapping_says_who'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'withdrawn'), _negated=True), ('withdrawn_on__isnull', False), _connector='OR'), name='withdrawn_mapping_says_when'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('institution', 'own_code'), name='one_open_mapping', violation_error_message='这个机构编码的对照刚由另一次上传提交，请查询后再办')],
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='科室编码')),
                ('name', models.CharField(max_length=100, verbose_name='科室名称')),
                ('caty', models.CharField(max_length=6, verbose_name='科别')),
                ('starts_at', models.DateTimeField(verbose_name='开始时间')),
                ('ends_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('intro', models.CharField(blank=True, default='', max_length=500, verbose_name='简介')),
                ('head', models.CharField(blank=True, default='', max_length=50, verbose_name='科室负责人')),
                ('head_phone', accounts.fields.SealedField(blank=True, context='institutions.department.head_phone', default='', verbose_name='科室负责人电话')),
                ('scope', models.CharField(blank=True, default='', max_length=500, verbose_name='医疗服务范围')),
                ('founded_on', models.DateField(null=True, verbose_name='成立日期')),
                ('beds', models.PositiveIntegerField(default=0, verbose_name='批准床位')),
                ('insured_beds', models.PositiveIntegerField(default=0, verbose_name='医保认可床位')),
                ('doctors', models.PositiveIntegerField(default=0, verbose_name='医师')),
                ('pharmacists', models.PositiveIntegerField(default=0, verbose_name='药师')),
                ('nurses', models.PositiveIntegerField(default=0, verbose_name='护士')),
                ('technicians', models.PositiveIntegerField(default=0, verbose_name='技师')),
                ('note', models.CharField(blank=True, default='', max_length=500, verbose_name='备注')),
                ('sent_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤销时间')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='institutions.institution')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人')),
            ],
            options={
                'ordering': ['institution', 'code', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='department_times_in_order'), models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('institution', 'code'), name='department_once', violation_error_message='这个科室编码刚由另一次上传登记，请查询后再办')],
            },
        ),
        append_only_but_sealed(MAPPING, DECIDED),
        only_moves(MAPPING, PAIRS),
        never_deleted("institutions_department"),
    ]
