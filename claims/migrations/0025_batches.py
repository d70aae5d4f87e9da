"""Batches of clean small claims, and what supervision found told to the claims."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0024_payee_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Screened',
            fields=[
                ('settlement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='screened', serialize=False, to='claims.settlement')),
                ('open', models.JSONField(default=list, verbose_name='未核查的疑点')),
            ],
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.CharField(max_length=32, verbose_name='抽查种子')),
                ('drawn_at', models.DateTimeField(auto_now_add=True, verbose_name='抽取时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='通过时间')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.reviewrule', verbose_name='规程')),
            ],
        ),
        migrations.CreateModel(
            name='BatchClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('drawn', models.BooleanField(default=False, verbose_name='抽中')),
                ('passed', models.BooleanField(default=False, verbose_name='已通过')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.batch')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'ordering': ['batch', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'settlement'), name='claim_in_batch_once'), models.CheckConstraint(condition=models.Q(('drawn', False), ('passed', False), _connector='OR'), name='drawn_claim_is_decided_singly')],
            },
        ),
        never_deleted("claims_batch"),
        set_once(
            "claims_batch",
            ["area_id", "rule_id", "seed", "drawn_by_id", "drawn_at", "approved_at"],
        ),
        never_deleted("claims_batchclaim"),
        set_once("claims_batchclaim", ["batch_id", "settlement_id", "drawn"]),
    ]
