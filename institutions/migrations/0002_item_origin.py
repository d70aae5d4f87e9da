"""Where an item was made: some measures let the patient pay first by origin."""

from django.db import migrations, models

ORIGINS = [("domestic", "国产"), ("imported", "进口"), ("joint", "合资")]


class Migration(migrations.Migration):
    dependencies = [("institutions", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="catalogueitem",
            name="origin",
            field=models.CharField(
                blank=True,
                choices=ORIGINS,
                db_default="",
                default="",
                max_length=12,
                verbose_name="产地",
            ),
        ),
    ]
