"""What a bill itself shows as paid first, and what a grant pays beyond the cost of the visit."""

import accounts.fields
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('claims', '0010_electronic_invoices')]

    operations = [
        migrations.RemoveConstraint(
            model_name='settlement',
            name='personal_is_the_rest',
        ),
        migrations.RemoveConstraint(
            model_name='settlement',
            name='settlement_never_negative',
        ),
        migrations.AddField(
            model_name='billline',
            name='self_pay_amount',
            field=accounts.fields.MoneyField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='票据所列先自付'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='beyond_amount',
            field=accounts.fields.MoneyField(db_default=0, decimal_places=2, default=0, max_digits=14, verbose_name='定额补助超过费用'),
        ),
        migrations.AddConstraint(
            model_name='billline',
            constraint=models.CheckConstraint(condition=models.Q(('self_pay_amount', None), models.Q(('self_pay_amount__gte', 0), ('self_pay_amount__lte', models.F('amount'))), _connector='OR'), name='self_pay_within_billed'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('personal_amount', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('total_amount'), '-', models.F('fund_amount')), '-', models.F('hospital_amount')), '+', models.F('beyond_amount')))), name='personal_is_the_rest'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('fund_amount__gte', 0), ('cash_amount__gte', 0), ('in_scope_amount__gte', 0), ('beyond_amount__gte', 0)), name='settlement_never_negative'),
        ),
    ]
