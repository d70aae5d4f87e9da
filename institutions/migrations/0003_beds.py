"""How many beds an institution's licence gives it: more patients at once are asked about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0002_item_origin")]

    operations = [
        migrations.AddField(
            model_name="institution",
            name="beds",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="核定床位"),
        ),
    ]
