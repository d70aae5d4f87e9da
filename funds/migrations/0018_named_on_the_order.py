"""An order that was asked for without an account gets it by two people, like one that came back."""

from importlib import import_module

from django.db import migrations

from accounts.append_only import only_moves
from accounts.sql import RunSQL

BEFORE = import_module("funds.migrations.0010_kept_guards")
PAIRS = [*BEFORE.PAIRS, *BEFORE.MORE]
WAS = BEFORE.STAYS.replace("'bounces',", "'bounces', 'kept_amount',")
# Who has none is named; where the second person does not agree, there is none again.
STAYS = WAS.replace(
    "IF OLD.status = 'returned' AND NEW.status = 'corrected' THEN",
    """IF NEW.status = 'corrected' AND (OLD.status = 'returned'
            OR OLD.status = 'waiting' AND OLD.account_index = '')
        OR OLD.status = 'corrected' AND NEW.status = 'waiting' AND NEW.account_index = ''
            AND OLD.bounces = 0 THEN""",
)


class Migration(migrations.Migration):
    dependencies = [("funds", "0017_accounts_by_law"), ("accounts", "0002_moves")]

    operations = [
        RunSQL(STAYS, WAS),
        only_moves("funds_paymentorder", [*PAIRS, "waiting>corrected"], was=PAIRS),
    ]
