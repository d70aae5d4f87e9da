"""A second payment of a premium goes back to the payer while the cover stays."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import only_moves

WAS = ["granted>paid", "requested>granted", "requested>paid", "requested>refused"]


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0028_tallies_of_places'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='refund',
            name='one_live_refund',
        ),
        migrations.AddField(
            model_name='refund',
            name='tax_row',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='enrollment.taxrow', verbose_name='第二次缴费'),
        ),
        migrations.AddField(
            model_name='taxrow',
            name='duplicate_of',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='second_payments', to='enrollment.enrollment'),
        ),
        migrations.AddField(
            model_name='taxrow',
            name='returned_voucher',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='退还凭证号'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), ('tax_row__isnull', False)), fields=('tax_row',), name='one_live_refund_of_a_payment', violation_error_code='ground', violation_error_message='这笔重复缴费的退费已经申请，请勿重复'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), ('tax_row', None)), fields=('enrollment',), name='one_live_refund_of_a_cover', violation_error_code='enrollment', violation_error_message='此人本年度的退费已经申请，请勿重复'),
        ),
        only_moves('enrollment_refund', ['granted>paid', 'granted>refused', *WAS[1:]], was=WAS),
    ]
