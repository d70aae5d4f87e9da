"""What PostgreSQL itself holds of payments: the ways of orders and batches, what was sent stays as
it was sent, parts sum to their order, and a batch says what is in it."""

from django.db import migrations

from accounts.append_only import append_only, never_deleted, only_moves
from accounts.sql import RunSQL
from funds.chart import sync_accounts

FUNCTIONS = """
CREATE FUNCTION hezuo_funds_order_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    way text[] := ARRAY['status', 'account', 'batch_id', 'bounces', 'returned_on', 'return_reason',
        'corrected_by_id', 'corrected_at', 'confirmed_by_id', 'confirmed_at', 'reason'];
BEGIN
    IF OLD.status = 'returned' AND NEW.status = 'corrected' THEN
        way := way || ARRAY['payee', 'payee_code', 'bank', 'account_index'];
    ELSIF OLD.status = 'cancelled' AND NEW.status = 'waiting' THEN
        way := way || ARRAY['payee', 'payee_code', 'bank', 'account_index', 'amount', 'event', 'source',
            'division_id', 'township_id', 'asked_by_id', 'asked_on'];
    END IF;
    IF to_jsonb(NEW) - way IS DISTINCT FROM to_jsonb(OLD) - way THEN
        RAISE EXCEPTION 'a payment order keeps its key, payee, account and amount'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hezuo_funds_part_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM funds_paymentorder
                                    WHERE id = OLD.order_id AND status = 'cancelled') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the parts of a payment order never change'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION hezuo_funds_parts_sum() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    one bigint;
    missing numeric;
BEGIN
    IF TG_TABLE_NAME = 'funds_paymentorder' THEN
        one := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        one := OLD.order_id;
    ELSE
        one := NEW.order_id;
    END IF;
    SELECT o.amount - coalesce(
        (SELECT sum(p.amount) FROM funds_paymentpart p WHERE p.order_id = o.id), 0
    ) INTO missing FROM funds_paymentorder o WHERE o.id = one AND o.status <> 'cancelled';
    IF missing <> 0 THEN
        RAISE EXCEPTION 'the parts of payment order % do not sum to it: % missing', one, missing
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parts_sum_to_order';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION hezuo_funds_transfer_enters() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM funds_paymentbatch WHERE id = NEW.batch_id AND status = 'made') THEN
        RAISE EXCEPTION 'a batch that is released or given up takes nothing more'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hezuo_funds_transfer_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    way text[] := ARRAY['outcome', 'known_on', 'known_by_id', 'reason', 'account'];
BEGIN
    IF to_jsonb(NEW) - way IS DISTINCT FROM to_jsonb(OLD) - way THEN
        RAISE EXCEPTION 'a transfer stays as it was told to the bank'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.outcome <> OLD.outcome AND (OLD.outcome || '>' || NEW.outcome) NOT IN (
        'pending>arrived', 'pending>returned', 'arrived>returned', 'pending>taken_out'
    ) THEN
        RAISE EXCEPTION 'a transfer never goes from % to %', OLD.outcome, NEW.outcome
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.outcome <> OLD.outcome AND (NEW.outcome = 'taken_out') <> EXISTS (
        SELECT 1 FROM funds_paymentbatch WHERE id = NEW.batch_id AND status = 'made'
    ) THEN
        RAISE EXCEPTION 'taken out before the release, answered by the bank after it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hezuo_funds_batch_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    way text[] := ARRAY['status', 'released_by_id', 'released_at', 'paid_on', 'reason'];
BEGIN
    IF OLD.status = 'made' THEN
        way := way || ARRAY['number_of', 'total'];
    END IF;
    IF OLD.status <> 'made' OR to_jsonb(NEW) - way IS DISTINCT FROM to_jsonb(OLD) - way THEN
        RAISE EXCEPTION 'a batch stays as it was made and released'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hezuo_funds_batch_sums() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    found record;
    batch record;
BEGIN
    SELECT * INTO batch FROM funds_paymentbatch WHERE id = NEW.id;
    IF batch.status = 'discarded' THEN
        RETURN NULL;
    END IF;
    SELECT count(*) AS number_of, coalesce(sum(amount), 0) AS total INTO found
        FROM funds_transfer WHERE batch_id = NEW.id AND outcome <> 'taken_out';
    IF (found.number_of, found.total) IS DISTINCT FROM (batch.number_of::bigint, batch.total) THEN
        RAISE EXCEPTION 'batch % says % orders of %, there are % of %', batch.number,
            batch.number_of, batch.total, found.number_of, found.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_says_what_is_in_it';
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER funds_paymentorder_stays BEFORE UPDATE ON funds_paymentorder
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_order_stays();
CREATE TRIGGER funds_paymentpart_stays BEFORE UPDATE OR DELETE ON funds_paymentpart
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_part_stays();
CREATE TRIGGER funds_paymentpart_table_stays BEFORE TRUNCATE ON funds_paymentpart
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_funds_part_stays();
CREATE CONSTRAINT TRIGGER funds_paymentorder_sum
    AFTER INSERT OR UPDATE OF amount ON funds_paymentorder
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hezuo_funds_parts_sum();
CREATE CONSTRAINT TRIGGER funds_paymentpart_sum
    AFTER INSERT OR DELETE ON funds_paymentpart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hezuo_funds_parts_sum();
CREATE TRIGGER funds_transfer_enters BEFORE INSERT ON funds_transfer
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_transfer_enters();
CREATE TRIGGER funds_transfer_stays BEFORE UPDATE ON funds_transfer
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_transfer_stays();
CREATE TRIGGER funds_paymentbatch_stays BEFORE UPDATE ON funds_paymentbatch
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_batch_stays();
CREATE CONSTRAINT TRIGGER funds_paymentbatch_sums
    AFTER INSERT OR UPDATE ON funds_paymentbatch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hezuo_funds_batch_sums();
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0006_payments"), ("accounts", "0002_moves")]

    operations = [
        RunSQL(
            FUNCTIONS,
            "DROP FUNCTION hezuo_funds_order_stays() CASCADE;"
            "DROP FUNCTION hezuo_funds_part_stays() CASCADE;"
            "DROP FUNCTION hezuo_funds_parts_sum() CASCADE;"
            "DROP FUNCTION hezuo_funds_transfer_enters() CASCADE;"
            "DROP FUNCTION hezuo_funds_transfer_stays() CASCADE;"
            "DROP FUNCTION hezuo_funds_batch_stays() CASCADE;"
            "DROP FUNCTION hezuo_funds_batch_sums() CASCADE;",
        ),
        # Dropped together with the functions.
        RunSQL(TRIGGERS, RunSQL.noop),
        only_moves(
            "funds_paymentorder",
            ["batched>sent", "batched>waiting", "cancelled>waiting", "corrected>returned",
             "corrected>waiting", "paid>returned", "returned>corrected", "sent>paid",
             "sent>returned", "waiting>batched", "waiting>cancelled"],
        ),
        only_moves("funds_paymentbatch", ["made>discarded", "made>released"]),
        only_moves("funds_paymentreturn", ["waiting>done", "waiting>failed"]),
        never_deleted("funds_paymentorder"),
        never_deleted("funds_paymentbatch"),
        never_deleted("funds_transfer"),
        append_only("funds_paymentvoucher"),
        append_only("funds_paymentfile"),
        sync_accounts(),
    ]
