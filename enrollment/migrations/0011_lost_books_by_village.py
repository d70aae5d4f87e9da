"""A lost receipt book is told once, at its 挂失, with the village that kept it.

The number typed beside a village's target said the same a second time and goes; it only ever fed an
example calculation.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0010_cover_guards"), ("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="bookevent",
            name="village",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.division",
                verbose_name="保管村",
            ),
        ),
        migrations.RemoveField(model_name="villagetarget", name="lost_books"),
    ]
