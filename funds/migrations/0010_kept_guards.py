"""What of a payment that came back was kept for the fund stays, is no more than its part, and is
said by its order."""

from importlib import import_module

from django.db import migrations

from accounts.append_only import append_only, only_moves
from accounts.sql import RunSQL

PAIRS = ["batched>sent", "batched>waiting", "cancelled>waiting", "corrected>returned",
         "corrected>waiting", "paid>returned", "returned>corrected", "sent>paid",
         "sent>returned", "waiting>batched", "waiting>cancelled"]  # fmt: skip
MORE = ["corrected>given_up", "giving_up>given_up", "giving_up>returned", "returned>given_up",
        "returned>giving_up", "waiting>given_up"]  # fmt: skip
FUNCTIONS = import_module("funds.migrations.0007_payment_guards").FUNCTIONS
START = FUNCTIONS.index("CREATE FUNCTION hezuo_funds_order_stays()")
WAS = FUNCTIONS[START : FUNCTIONS.index("CREATE FUNCTION hezuo_funds_part_stays()")]
STAYS = WAS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
KEPT = """
CREATE FUNCTION hezuo_funds_kept_sums() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    one bigint;
    missing numeric;
BEGIN
    IF TG_TABLE_NAME = 'funds_paymentorder' THEN
        one := NEW.id;
    ELSE
        SELECT order_id INTO one FROM funds_paymentpart WHERE id = NEW.part_id;
        IF EXISTS (
            SELECT 1 FROM funds_paymentpart p WHERE p.id = NEW.part_id AND p.amount <
                (SELECT sum(k.amount) FROM funds_paymentkept k WHERE k.part_id = p.id)
        ) THEN
            RAISE EXCEPTION 'more is kept of part % than it is', NEW.part_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'no_more_is_kept_than_the_part';
        END IF;
    END IF;
    SELECT o.kept_amount - coalesce((
        SELECT sum(k.amount) FROM funds_paymentkept k
        JOIN funds_paymentpart p ON p.id = k.part_id WHERE p.order_id = o.id
    ), 0) INTO missing FROM funds_paymentorder o WHERE o.id = one;
    IF missing <> 0 THEN
        RAISE EXCEPTION 'what is kept of payment order % does not sum up: % missing', one, missing
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_sums_to_order';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funds_paymentorder_kept
    AFTER INSERT OR UPDATE OF kept_amount ON funds_paymentorder
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hezuo_funds_kept_sums();
CREATE CONSTRAINT TRIGGER funds_paymentkept_sum AFTER INSERT ON funds_paymentkept
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hezuo_funds_kept_sums();
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0009_given_up"), ("accounts", "0002_moves")]

    operations = [
        RunSQL(STAYS.replace("'bounces',", "'bounces', 'kept_amount',"), STAYS),
        RunSQL(KEPT, "DROP FUNCTION hezuo_funds_kept_sums() CASCADE;"),
        append_only("funds_paymentkept"),
        only_moves("funds_paymentorder", [*PAIRS, *MORE], was=PAIRS),
    ]
