"""What an answer to an objection lacked gets a column of its own beside the answer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("supervision", "0020_join_alerts")]

    operations = [
        migrations.AddField(
            model_name="objection",
            name="remark",
            field=models.CharField(
                blank=True, default="", max_length=300, verbose_name="退回再查"
            ),
        ),
    ]
