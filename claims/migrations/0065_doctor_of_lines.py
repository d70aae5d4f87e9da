"""A line of a bill says who ordered it. With its default in the catalogue no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0064_one_word_carried")]

    operations = [
        migrations.AddField(
            model_name="billline",
            name="doctor_code",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=30, verbose_name="开单医师代码"
            ),
        ),
    ]
