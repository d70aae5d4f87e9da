"""What measures ask of a visit and its bill: babies born, the stay before a referral, origin."""

from django.db import migrations, models
from django.db.models import PROTECT, Q

ORIGINS = [("domestic", "国产"), ("imported", "进口"), ("joint", "合资")]


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_entry_once"), ("institutions", "0002_item_origin")]

    operations = [
        migrations.AddField(
            model_name="billline",
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
        migrations.AddField(
            model_name="visit",
            name="babies",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="婴儿数"),
        ),
        migrations.AddField(
            model_name="visit",
            name="referred_from",
            field=models.ForeignKey(
                null=True,
                on_delete=PROTECT,
                related_name="referred_on",
                to="claims.visit",
                verbose_name="转出的住院",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=Q(babies__lte=9), name="visit_babies_are_few"
            ),
        ),
    ]
