"""Filings, and on which of them a visit stands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0030_paper_intake'),
        ('enrollment', '0037_second_covers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='备案号')),
                ('kind', models.CharField(choices=[('referral', '转诊转院审批'), ('away', '异地就医备案'), ('chronic', '慢特病认定'), ('examination', '特殊检查治疗用血审批'), ('accident', '外伤备案'), ('first', '首诊机构选定')], max_length=12, verbose_name='种类')),
                ('about', models.CharField(max_length=200, verbose_name='病种、项目或经过')),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='机构或就医地')),
                ('starts', models.DateField(verbose_name='自')),
                ('ends', models.DateField(null=True, verbose_name='至')),
                ('expert', models.CharField(blank=True, max_length=40, verbose_name='认定专家')),
                ('liable', models.CharField(blank=True, choices=[('nobody', '无第三方责任'), ('third', '第三方负责'), ('hospital', '医疗机构负责'), ('open', '责任未定')], max_length=10, verbose_name='责任')),
                ('proof', models.CharField(blank=True, choices=[('police', '公安机关证明'), ('court', '法院文书'), ('community', '村(居)委会和街镇政府证明'), ('employer', '用人单位证明')], max_length=10, verbose_name='责任证明')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='村组')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filings', to='enrollment.person')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='VisitFiling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('referral', '转诊转院审批'), ('away', '异地就医备案'), ('chronic', '慢特病认定'), ('examination', '特殊检查治疗用血审批'), ('accident', '外伤备案'), ('first', '首诊机构选定')], max_length=12, verbose_name='种类')),
                ('document', models.CharField(blank=True, max_length=100, verbose_name='凭什么')),
                ('filing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='claims.filing')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filings', to='claims.visit')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(fields=['person', 'kind', 'starts'], name='claims_fili_person__7a0014_idx'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='filing_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_filing_says_who'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='filing_dates_in_order'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'accident'), _negated=True), models.Q(models.Q(('liable', ''), _negated=True), models.Q(('proof', ''), _negated=True)), _connector='OR'), name='accident_says_who_is_liable'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'chronic'), _negated=True), models.Q(models.Q(('expert', ''), _negated=True), ('ends__isnull', False)), _connector='OR'), name='chronic_filing_names_its_expert'),
        ),
        migrations.AddConstraint(
            model_name='visitfiling',
            constraint=models.UniqueConstraint(fields=('visit', 'kind'), name='visit_filing_once'),
        ),
        only_moves(
            "claims_filing", ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
        ),
        never_deleted("claims_filing"),
        set_once(
            "claims_filing",
            ["number", "kind", "about", "place", "starts", "ends", "expert", "liable", "proof",
             "proposed_by_id", "decided_by_id", "decided_on"],
        ),
        append_only("claims_visitfiling"),
    ]
