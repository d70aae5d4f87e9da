"""A debt may be about another payment that rested on a claim; what comes back of it leaves what the
claim itself drew as it was."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0020_recovery_guards").DRAWN
DRAWN = BEFORE.replace(
    "WHERE r.settlement_id = s.id", "WHERE r.settlement_id = s.id AND r.payment_key = ''"
)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0037_settled_after_recovery'),
        ('enrollment', '0037_second_covers'),
        ('institutions', '0002_item_origin'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='recovery',
            name='whole_recovery_has_own_reason',
        ),
        migrations.AddField(
            model_name='recovery',
            name='payment_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=80, verbose_name='支付业务键'),
        ),
        migrations.AddIndex(
            model_name='recovery',
            index=models.Index(condition=models.Q(('payment_key', ''), _negated=True), fields=['payment_key'], name='recovery_of_payment'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(('is_whole', False), models.Q(('dependent', None), ('payment_key', '')), _connector='OR'), name='whole_recovery_has_own_reason'),
        ),
        RunSQL(DRAWN, BEFORE),
    ]
