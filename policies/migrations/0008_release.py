"""Adopted under a paper's number or refused with a reason; a text's trial is signed by two."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once
from accounts.sql import RunSQL

FIXED = [
    "area_id",
    "version",
    "first_day",
    "source",
    "sha256",
    "proposed_by_id",
    "adopted_by_id",
    "adopted_at",
]
ASKED = ["approval", "refused_by_id", "refused_at", "refused_because"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('policies', '0007_statuses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, verbose_name='文本指纹')),
                ('year', models.PositiveSmallIntegerField(verbose_name='试算年度')),
                ('simulation', models.PositiveBigIntegerField(unique=True, verbose_name='试算')),
                ('claims', models.PositiveIntegerField(verbose_name='结算笔数')),
                ('changed', models.PositiveIntegerField(verbose_name='基金支付不同的笔数')),
                ('unequal', models.PositiveIntegerField(verbose_name='核对不一致的笔数')),
                ('before', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='实际支出')),
                ('after', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='试算支出')),
                ('better', models.PositiveIntegerField(verbose_name='个人负担减少的人数')),
                ('worse', models.PositiveIntegerField(verbose_name='个人负担增加的人数')),
                ('differences', models.JSONField(verbose_name='差异')),
                ('computed_at', models.DateTimeField(auto_now_add=True, verbose_name='算完时间')),
                ('status', models.CharField(choices=[('computed', '待签字'), ('read', '一人已签'), ('signed', '两人已签')], default='computed', max_length=10, verbose_name='状态')),
                ('read_at', models.DateTimeField(null=True, verbose_name='第一签字时间')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='第二签字时间')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='pack',
            name='approval',
            field=models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='批准文号'),
        ),
        migrations.AddField(
            model_name='pack',
            name='refused_at',
            field=models.DateTimeField(null=True, verbose_name='退回时间'),
        ),
        migrations.AddField(
            model_name='pack',
            name="refused_because",
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='不予采用的原因'),
        ),
        migrations.AddField(
            model_name='pack',
            name='refused_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='退回人'),
        ),
        migrations.AlterField(
            model_name='pack',
            name='status',
            field=models.CharField(choices=[('proposed', '待采用'), ('adopted', '已采用'), ('replaced', '已被新版本取代'), ('refused', '不予采用')], default='proposed', max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='pack',
            constraint=models.CheckConstraint(condition=models.Q(('refused_by', None), models.Q(models.Q(('refused_by', models.F('proposed_by')), _negated=True), models.Q(('refused_by', models.F('adopted_by')), _negated=True)), _connector='OR'), name='pack_refused_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='pack',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), ('refused_by__isnull', False), _connector='OR'), name='refused_pack_has_refuser'),
        ),
        migrations.AddField(
            model_name='trial',
            name='area',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区'),
        ),
        migrations.AddField(
            model_name='trial',
            name='read_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='第一签字人'),
        ),
        migrations.AddField(
            model_name='trial',
            name='signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='第二签字人'),
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by', None), models.Q(('signed_by', models.F('read_by')), _negated=True), _connector='OR'), name='trial_signed_by_two_people'),
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['read', 'signed']), _negated=True), ('read_by__isnull', False), _connector='OR'), name='read_trial_has_reader'),
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'signed'), _negated=True), ('signed_by__isnull', False), _connector='OR'), name='signed_trial_has_signer'),
        ),
        RunSQL(
            "DROP TRIGGER policies_pack_set_once ON policies_pack",
            set_once("policies_pack", FIXED).sql,
        ),
        set_once("policies_pack", [*FIXED, *ASKED]),
        only_moves(
            "policies_pack",
            ["adopted>replaced", "proposed>adopted", "proposed>refused"],
            was=["adopted>replaced", "proposed>adopted"],
        ),
        set_once(
            "policies_trial",
            ["area_id", "sha256", "year", "simulation", "claims", "changed", "unequal", "before",
             "after", "better", "worse", "differences", "computed_at", "read_by_id", "read_at",
             "signed_by_id", "signed_at"],
        ),
        never_deleted("policies_trial"),
        only_moves("policies_trial", ["computed>read", "read>signed"]),
    ]
