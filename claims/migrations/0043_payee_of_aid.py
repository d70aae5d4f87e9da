"""Who names another payee of assistance is one of its hands. What was asked for of a second
compensation is never deleted, and one that nobody claims is withdrawn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import only_moves
from accounts.sql import RunSQL

PAIRS = ["asked>paid", "asked>withdrawn", "listed>asked", "listed>noaccount"]
STAYS = """
-- A worker that begins a trial again writes its list anew; what was decided is no trial any more.
CREATE TRIGGER claims_secondpayment_rows_stay BEFORE DELETE ON claims_secondpayment
    FOR EACH ROW WHEN (OLD.status <> 'listed') EXECUTE FUNCTION hezuo_refuse_change();
"""
STAYS_BACK = """
DROP TRIGGER claims_secondpayment_rows_stay ON claims_secondpayment;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0042_returned_to_fund'),
        ('enrollment', '0037_second_covers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='aidapplication',
            name='named_at',
            field=models.DateTimeField(null=True, verbose_name='改收款人时间'),
        ),
        migrations.AddField(
            model_name='aidapplication',
            name='named_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='改收款人的经办人'),
        ),
        migrations.AddConstraint(
            model_name='aidapplication',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('named_by')), _negated=True), _connector='OR'), name='aid_reviewer_did_not_name_the_payee'),
        ),
        migrations.AddConstraint(
            model_name='aidapplication',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('named_by')), _negated=True), _connector='OR'), name='aid_approver_did_not_name_the_payee'),
        ),
        RunSQL(STAYS, STAYS_BACK),
        only_moves("claims_secondpayment", [*PAIRS, "paid>withdrawn"], was=PAIRS),
    ]
