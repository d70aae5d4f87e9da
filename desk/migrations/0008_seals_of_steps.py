"""A row may be sealed again for what a later step adds (accounts.rights.Seal)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0007_series'),
    ]

    operations = [
        migrations.AddField(
            model_name='rowseal',
            name='step',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
    ]
