"""A file that was refused whole keeps every fault, not the first few that its message names."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0035_statuses_by_list'),
    ]

    operations = [
        migrations.AddField(
            model_name='bankstatement',
            name='faults',
            field=models.JSONField(db_default=[], default=list, verbose_name='退回的原因'),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='faults',
            field=models.JSONField(db_default=[], default=list, verbose_name='退回的原因'),
        ),
        migrations.AddField(
            model_name='statuslist',
            name='faults',
            field=models.JSONField(db_default=[], default=list, verbose_name='退回的原因'),
        ),
        migrations.AddField(
            model_name='taxfile',
            name='faults',
            field=models.JSONField(db_default=[], default=list, verbose_name='退回的原因'),
        ),
    ]
