"""Sales with trace codes, the county's rules for the interface, and marks of visits."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, append_only_but_sealed, only_moves

DECIDED = ["status", "decided_by_id", "decided_on", "decision"]
PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
CODE = ["is_first", "told_at", "freed_by_id", "freed_at"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_asked_roles'),
        ('claims', '0066_filed_by_institutions'),
        ('gateway', '0004_files'),
        ('institutions', '0005_mappings_and_departments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DrugSale',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=50, verbose_name='医疗目录编码')),
                ('own_code', models.CharField(max_length=30, verbose_name='机构项目编码')),
                ('name', models.CharField(max_length=200, verbose_name='名称')),
                ('lot', models.CharField(blank=True, max_length=30, verbose_name='生产批号')),
                ('made_on', models.DateField(null=True, verbose_name='生产日期')),
                ('expires_on', models.DateField(null=True, verbose_name='有效期止')),
                ('barcode', models.CharField(blank=True, max_length=500, verbose_name='条形码')),
                ('is_prescribed', models.BooleanField(verbose_name='处方药')),
                ('prescription', models.CharField(blank=True, max_length=40, verbose_name='处方号')),
                ('doctor_code', models.CharField(blank=True, max_length=50, verbose_name='开方医师代码')),
                ('pharmacist_code', models.CharField(blank=True, max_length=50, verbose_name='药师代码')),
                ('is_split', models.BooleanField(verbose_name='拆零')),
                ('quantity', models.DecimalField(decimal_places=4, max_digits=16, verbose_name='数量')),
                ('price', models.DecimalField(decimal_places=6, max_digits=16, verbose_name='成交单价')),
                ('document', models.CharField(max_length=40, verbose_name='零售单据号')),
                ('sold_at', models.DateTimeField(verbose_name='销售时间')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('settlement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.settlement', verbose_name='结算单')),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drug_sales', to='claims.visit', verbose_name='就诊')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='InterfaceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('mapped_from', models.DateField(blank=True, null=True, verbose_name='明细没有对照的，自哪天起不收')),
                ('traced_from', models.DateField(blank=True, null=True, verbose_name='药品没有追溯码的，自哪天起不能结算')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='NoCodeItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, verbose_name='医保编码')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('first_day', models.DateField(verbose_name='启用日期')),
                ('last_day', models.DateField(blank=True, null=True, verbose_name='停用日期')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='TraceCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=100, verbose_name='药品追溯码')),
                ('position', models.PositiveSmallIntegerField(verbose_name='第几个')),
                ('units', models.DecimalField(decimal_places=4, max_digits=16, verbose_name='数量')),
                ('is_first', models.BooleanField(verbose_name='首次售出')),
                ('told_at', models.DateTimeField(null=True, verbose_name='告知监管时间')),
                ('freed_at', models.DateTimeField(null=True, verbose_name='释放时间')),
                ('again_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.tracecode', verbose_name='此前已售出')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('freed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='释放人')),
                ('sale', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='gateway.drugsale', verbose_name='销售')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='VisitMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=6, verbose_name='特殊标识类型')),
                ('value', models.CharField(max_length=6, verbose_name='特殊标识')),
                ('note', models.CharField(blank=True, default='', max_length=500, verbose_name='备注')),
                ('sent_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks_sent', to='claims.visit', verbose_name='就诊')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='drugsale',
            constraint=models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='sale_or_return_of_something'),
        ),
        migrations.AddConstraint(
            model_name='interfacerule',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area',), name='one_open_interface_rule', violation_error_message='已有一份规定待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='interfacerule',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='interface_rule_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='interfacerule',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_interface_rule_says_who'),
        ),
        migrations.AddConstraint(
            model_name='nocodeitem',
            constraint=models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='no_code_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='nocodeitem',
            constraint=models.UniqueConstraint(fields=('area', 'code', 'first_day'), name='no_code_item_once'),
        ),
        migrations.AddIndex(
            model_name='tracecode',
            index=models.Index(fields=['area', 'code'], name='trace_code_of_area'),
        ),
        migrations.AddIndex(
            model_name='tracecode',
            index=models.Index(condition=models.Q(('again_of__isnull', False), ('told_at', None)), fields=['id'], name='trace_code_untold'),
        ),
        migrations.AddConstraint(
            model_name='tracecode',
            constraint=models.UniqueConstraint(fields=('sale', 'position'), name='trace_code_of_a_sale_once'),
        ),
        migrations.AddConstraint(
            model_name='tracecode',
            constraint=models.UniqueConstraint(condition=models.Q(('freed_at', None), ('is_first', True)), fields=('area', 'code'), name='trace_code_first_once'),
        ),
        migrations.AddConstraint(
            model_name='tracecode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('freed_at', None), ('freed_by', None)), models.Q(('freed_at__isnull', False), ('freed_by__isnull', False)), _connector='OR'), name='freed_trace_code_says_by_whom'),
        ),
        append_only("gateway_drugsale"),
        append_only_but_sealed("gateway_tracecode", CODE),
        append_only("gateway_visitmark"),
        append_only_but_sealed("gateway_interfacerule", DECIDED),
        only_moves("gateway_interfacerule", PAIRS),
    ]
