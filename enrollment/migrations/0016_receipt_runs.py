"""Batches that write receipts say so in collection; rosters that are being imported are told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.sql import RunSQL

# The key is that of enrollment.rosters.confirming.run_key.
FILL = """
INSERT INTO enrollment_receiptrun (clerk_id, key, began_on)
SELECT uploaded_by_id, 'roster:' || id, confirmed_on
FROM enrollment_registerimport WHERE status = 'applying'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0015_collection_moves'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReceiptRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True, verbose_name='批量开票')),
                ('began_on', models.DateField(verbose_name='开始日期')),
                ('clerk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        RunSQL(FILL, RunSQL.noop),
    ]
