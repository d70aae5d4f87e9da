"""The list of a settlement (结算清单), one for each."""

import django.db.models.deletion
import accounts.fields
from django.db import migrations, models

from accounts.append_only import never_deleted


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0067_line_refunds'),
        ('gateway', '0005_prechecks'),
    ]

    operations = [
        migrations.CreateModel(
            name='SettlementList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', accounts.fields.SealedField(context='gateway.settlementlist.content', verbose_name='清单内容')),
                ('digest', models.CharField(max_length=64, verbose_name='内容指纹')),
                ('diagnoses', models.PositiveSmallIntegerField(verbose_name='诊断数')),
                ('operations', models.PositiveSmallIntegerField(verbose_name='手术操作数')),
                ('first_sent_at', models.DateTimeField(verbose_name='首次上传时间')),
                ('sent_at', models.DateTimeField(verbose_name='上传时间')),
                ('times', models.PositiveIntegerField(default=1, verbose_name='上传次数')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.client')),
                ('settlement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='settlement_list', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'verbose_name': '结算清单',
            },
        ),
        never_deleted("gateway_settlementlist"),
    ]
