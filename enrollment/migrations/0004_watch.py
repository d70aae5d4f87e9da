"""Targets and cadres, kept progress sheets, certificates, lists checked in the village."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Reverse

from accounts.append_only import append_only, never_deleted, set_once

KEPT = (
    "enrollment_villagetarget",
    "enrollment_progresssheet",
    "enrollment_certificate",
    "enrollment_checklist",
)
CERTIFICATE = (
    "household_id",
    "campaign_id",
    "issue",
    "reason",
    "issued_by_id",
    "issued_on",
    "handed_on",
    "handed_by_id",
    "receiver",
)
CHECK_LIST = (
    "campaign_id",
    "division_id",
    "printed_by_id",
    "printed_on",
    "returned_on",
    "returned_by_id",
    "checked_by",
)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('enrollment', '0003_registers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CheckList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('printed_on', models.DateField(verbose_name='打印日期')),
                ('returned_on', models.DateField(null=True, verbose_name='交回日期')),
                ('checked_by', models.CharField(blank=True, max_length=40, verbose_name='村核对人')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.campaign')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='村组')),
                ('printed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='打印人')),
                ('returned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='收表人')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='CheckLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='行号')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person')),
                ('check_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='enrollment.checklist')),
            ],
            options={
                'ordering': ['check_list', 'line'],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=24, verbose_name='项目')),
                ('before', models.CharField(max_length=120, verbose_name='原登记')),
                ('after', models.CharField(max_length=120, verbose_name='更正为')),
                ('corrected_at', models.DateTimeField(auto_now_add=True, verbose_name='更正时间')),
                ('corrected_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='更正人')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='enrollment.checkline')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ProgressSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='报表日期')),
                ('taken_at', models.DateTimeField(auto_now_add=True, verbose_name='生成时间')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.campaign')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='ProgressLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cadres', models.CharField(blank=True, max_length=90, verbose_name='责任干部')),
                ('target', models.PositiveIntegerField(null=True, verbose_name='任务数')),
                ('households', models.PositiveIntegerField(verbose_name='户数')),
                ('enrolled_households', models.PositiveIntegerField(verbose_name='已参保户数')),
                ('people', models.PositiveIntegerField(verbose_name='应参保人数')),
                ('enrolled', models.PositiveIntegerField(verbose_name='已参保人数')),
                ('special_people', models.PositiveIntegerField(verbose_name='特殊人群应参保')),
                ('special_enrolled', models.PositiveIntegerField(verbose_name='特殊人群已参保')),
                ('aided', models.PositiveIntegerField(verbose_name='资助人数')),
                ('receipts', models.PositiveIntegerField(verbose_name='使用收据张数')),
                ('personal', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='个人缴费')),
                ('cash', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='现金')),
                ('aid', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='代缴')),
                ('remitted', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='已缴存')),
                ('confirmed', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='已入账')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='村')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='enrollment.progresssheet')),
            ],
            options={
                'ordering': ['division__code'],
            },
        ),
        migrations.CreateModel(
            name='SpecialTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=24, verbose_name='身份')),
                ('ratio', models.PositiveSmallIntegerField(verbose_name='目标参保率')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='special_targets', to='enrollment.campaign')),
            ],
            options={
                'ordering': ['campaign', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='VillageTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('people', models.PositiveIntegerField(null=True, verbose_name='任务数')),
                ('stationed_cadre', models.CharField(blank=True, max_length=40, verbose_name='驻村干部')),
                ('village_cadre', models.CharField(blank=True, max_length=40, verbose_name='村责任人')),
                ('phone', accounts.fields.SealedField(context='enrollment.villagetarget.phone', blank=True, verbose_name='联系电话')),
                ('lost_books', models.PositiveSmallIntegerField(default=0, verbose_name='遗失票据本数')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.campaign')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='村组')),
            ],
            options={
                'ordering': ['division__code'],
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issue', models.PositiveSmallIntegerField(verbose_name='第几次发证')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='补发原因')),
                ('issued_on', models.DateField(verbose_name='制证日期')),
                ('handed_on', models.DateField(null=True, verbose_name='发放日期')),
                ('receiver', models.CharField(blank=True, max_length=40, verbose_name='领取人')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.campaign')),
                ('handed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发放登记人')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='enrollment.household')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='制证人')),
            ],
            options={
                'ordering': ['household__number', 'issue'],
                'constraints': [models.UniqueConstraint(fields=('household', 'issue'), name='certificate_issue_once'), models.CheckConstraint(condition=models.Q(models.Q(('issue', 1), ('reason', '')), models.Q(('issue__gt', 1), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='reissued_certificate_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('handed_by', None), ('handed_on', None)), models.Q(('handed_by__isnull', False), ('handed_on__gte', models.F('issued_on'))), _connector='OR'), name='handed_certificate_says_when_and_who')],
            },
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checked_by', ''), ('returned_by', None), ('returned_on', None)), models.Q(('returned_by__isnull', False), ('returned_on__gte', models.F('printed_on')), models.Q(('checked_by', ''), _negated=True)), _connector='OR'), name='returned_check_list_says_who'),
        ),
        migrations.AddConstraint(
            model_name='checkline',
            constraint=models.UniqueConstraint(fields=('check_list', 'line'), name='check_line_once'),
        ),
        migrations.AddConstraint(
            model_name='checkline',
            constraint=models.UniqueConstraint(fields=('check_list', 'person'), name='check_line_person_once'),
        ),
        migrations.AddConstraint(
            model_name='progresssheet',
            constraint=models.UniqueConstraint(fields=('campaign', 'day'), name='progress_sheet_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='progressline',
            constraint=models.UniqueConstraint(fields=('sheet', 'division'), name='progress_line_once'),
        ),
        migrations.AddConstraint(
            model_name='specialtarget',
            constraint=models.UniqueConstraint(fields=('campaign', 'code'), name='special_target_once_a_campaign'),
        ),
        migrations.AddConstraint(
            model_name='specialtarget',
            constraint=models.CheckConstraint(condition=models.Q(('ratio__gte', 1), ('ratio__lte', 10000)), name='special_target_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='villagetarget',
            constraint=models.UniqueConstraint(fields=('campaign', 'division'), name='village_target_once_a_campaign'),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["name"], name="person_name_start", opclasses=["text_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                OpClass(Reverse("name"), name="text_pattern_ops"), name="person_name_end"
            ),
        ),
        append_only("enrollment_progressline"),
        append_only("enrollment_checkline"),
        append_only("enrollment_correction"),
        *[never_deleted(table) for table in KEPT],
        set_once("enrollment_progresssheet", ("area_id", "campaign_id", "day", "taken_by_id")),
        set_once("enrollment_certificate", CERTIFICATE),
        set_once("enrollment_checklist", CHECK_LIST),
    ]
