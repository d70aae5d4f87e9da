"""The catalogue says which medicine is an antibiotic."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0003_beds'),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogueitem',
            name='is_antibiotic',
            field=models.BooleanField(db_default=False, default=False, verbose_name='抗菌药物'),
        ),
    ]
