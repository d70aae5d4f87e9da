"""What each layer pays stays as it was settled, and together it is what the fund pays.

As strong as the columns were: rows are never changed, and go only with the draft that they belong
to; the sum is asked for at the commit, of every settlement and every row that came or went, so a
row added later to a claim that has all of its rows breaks it.
"""

from django.db import migrations
from accounts.sql import RunSQL

FUNCTIONS = """
CREATE FUNCTION hezuo_claims_fund_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM claims_settlement
                                    WHERE id = OLD.settlement_id AND status = 'draft') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a layer pays of a settlement never changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION hezuo_claims_funds_sum() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    claim bigint;
    missing numeric;
BEGIN
    IF TG_ARGV[0] = 'settlement' THEN
        claim := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        claim := OLD.settlement_id;
    ELSE
        claim := NEW.settlement_id;
    END IF;
    SELECT s.fund_amount - coalesce(
        (SELECT sum(f.amount) FROM claims_settlementfund f WHERE f.settlement_id = s.id), 0
    ) INTO missing FROM claims_settlement s WHERE s.id = claim;
    IF missing <> 0 THEN
        RAISE EXCEPTION 'the layers of settlement % do not sum to what the fund pays: % missing',
            claim, missing USING ERRCODE = 'check_violation', CONSTRAINT = 'layers_sum_to_fund';
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER claims_settlementfund_stays BEFORE UPDATE OR DELETE ON claims_settlementfund
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_fund_stays();
CREATE TRIGGER claims_settlementfund_table_stays BEFORE TRUNCATE ON claims_settlementfund
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_claims_fund_stays();
CREATE CONSTRAINT TRIGGER claims_settlement_funds_sum
    AFTER INSERT OR UPDATE OF fund_amount ON claims_settlement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION hezuo_claims_funds_sum('settlement');
CREATE CONSTRAINT TRIGGER claims_settlementfund_sum
    AFTER INSERT OR DELETE ON claims_settlementfund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION hezuo_claims_funds_sum('fund');
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0008_settlement_funds")]

    operations = [
        RunSQL(
            FUNCTIONS,
            "DROP FUNCTION hezuo_claims_fund_stays() CASCADE;"
            "DROP FUNCTION hezuo_claims_funds_sum() CASCADE;",
        ),
        # Dropped together with the functions.
        RunSQL(TRIGGERS, RunSQL.noop),
    ]
