"""What was wrong in a closed year is put right by a voucher of this year that names it, on accounts
of its own."""

import django.db.models.deletion
from django.db import migrations, models

from funds.chart import sync_accounts


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0029_opening'),
    ]

    operations = [
        migrations.AddField(
            model_name='voucherdraft',
            name='corrects',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='funds.voucher', verbose_name='更正的凭证'),
        ),
        migrations.AddConstraint(
            model_name='voucherdraft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', False), ('event__in', ['earlier_gained', 'earlier_lost'])), models.Q(('corrects', None), ('reverses__isnull', False)), models.Q(models.Q(('event__in', ['earlier_gained', 'earlier_lost']), _negated=True), ('corrects', None)), _connector='OR'), name='correction_says_of_what'),
        ),
        sync_accounts(),
    ]
