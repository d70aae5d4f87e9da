"""A copy of what claims were settled from needs neither write-ahead log nor compression."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.sql import RunSQL

UNLOGGED = """
ALTER TABLE reports_keptyear SET UNLOGGED;
ALTER TABLE reports_keptyear ALTER COLUMN content SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('reports', '0007_tries'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('key', models.CharField(max_length=64, verbose_name='读法指纹')),
                ('sha256', models.CharField(max_length=64, verbose_name='数据指纹')),
                ('content', models.BinaryField(verbose_name='数据列')),
                ('check_key', models.CharField(db_default='', max_length=64, verbose_name='核对指纹')),
                ('checked', models.JSONField(null=True, verbose_name='核对结果')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
            ],
        ),
        RunSQL(UNLOGGED, RunSQL.noop),
    ]
