"""What each settlement was decided from is kept, and never changes."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0025_batches'),
        ('policies', '0008_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Determination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, verbose_name='核对码')),
                ('engine', models.CharField(max_length=8, verbose_name='计算程序版本')),
                ('cases', models.JSONField(verbose_name='计算依据')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='计算时间')),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.pack', verbose_name='适用办法')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='determinations', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        append_only("claims_determination"),
    ]
