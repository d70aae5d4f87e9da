"""A page of the counter that is sent twice enters one visit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="visit",
            name="entry_key",
            field=models.UUIDField(editable=False, null=True, verbose_name="录入页编号"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=("entry_key",), name="visit_entered_once"),
        ),
    ]
