"""Paid-up cover, the days of a campaign and the holder of a receipt book change only as they may.

The services that correct leave their own trace first (a void receipt, a granted refund, a
transfer); without it the database refuses. Only updates are looked at: WHEN clauses keep rows that
do not touch these columns free of any function call, and inserts cost nothing.
"""

from django.db import migrations

from accounts.sql import RunSQL

FACTS = (
    "person_id",
    "household_id",
    "division_id",
    "campaign_id",
    "year",
    "pack_id",
    "tier",
    "premium_status",
    "premium_amount",
    "personal_amount",
    "central_amount",
    "provincial_amount",
    "city_amount",
    "county_amount",
    "other_amount",
    "credit_amount",
    "account_amount",
    "consecutive_years",
    "cover_first_day",
    "cover_last_day",
)
DAYS = ("area_id", "year", "first_day", "last_day", "remit_by")


def changed(columns):
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


COVER = f"""
CREATE FUNCTION enrollment_cover_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'active' AND NEW.status = 'pending' AND NEW.receipt_id IS NULL AND EXISTS (
        SELECT 1 FROM enrollment_receipt r WHERE r.id = OLD.receipt_id AND r.voided_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'active' AND NEW.status = 'cancelled' AND NEW.receipt_id = OLD.receipt_id
        AND EXISTS (
            SELECT 1 FROM enrollment_refund r
            WHERE r.enrollment_id = OLD.id AND r.status IN ('granted', 'paid')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'cover % is paid up: it ends by a refund or by voiding its receipt', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION enrollment_cover_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'cover % is paid up or withdrawn: what it says cannot be changed', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER enrollment_cover_moves BEFORE UPDATE ON enrollment_enrollment
    FOR EACH ROW WHEN (OLD.status <> 'pending' AND {changed(("status", "receipt_id"))})
    EXECUTE FUNCTION enrollment_cover_moves();
CREATE TRIGGER enrollment_cover_stays BEFORE UPDATE ON enrollment_enrollment
    FOR EACH ROW WHEN (OLD.status <> 'pending' AND {changed(FACTS)})
    EXECUTE FUNCTION enrollment_cover_stays();
"""
COVER_BACK = """
DROP TRIGGER enrollment_cover_moves ON enrollment_enrollment;
DROP TRIGGER enrollment_cover_stays ON enrollment_enrollment;
DROP FUNCTION enrollment_cover_moves();
DROP FUNCTION enrollment_cover_stays();
"""
CAMPAIGN = f"""
CREATE FUNCTION enrollment_campaign_days_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM enrollment_receipt r WHERE r.campaign_id = OLD.id) THEN
        RAISE EXCEPTION 'campaign % has receipts: its year and days cannot be changed', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enrollment_campaign_days_stay BEFORE UPDATE ON enrollment_campaign
    FOR EACH ROW WHEN ({changed(DAYS)})
    EXECUTE FUNCTION enrollment_campaign_days_stay();
"""
CAMPAIGN_BACK = """
DROP TRIGGER enrollment_campaign_days_stay ON enrollment_campaign;
DROP FUNCTION enrollment_campaign_days_stay();
"""
HOLDER = """
CREATE FUNCTION enrollment_book_changes_hands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest enrollment_bookevent;
BEGIN
    SELECT * INTO latest FROM enrollment_bookevent e
    WHERE e.book_id = OLD.id AND e.kind = 'transfer' ORDER BY e.id DESC LIMIT 1;
    IF latest.holder_id = OLD.clerk_id AND latest.new_holder_id = NEW.clerk_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'receipt book % changes hands only by a recorded transfer', OLD.code
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION enrollment_book_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'receipt book % is checked off: its figures are final', OLD.code
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER enrollment_book_changes_hands BEFORE UPDATE ON enrollment_receiptbook
    FOR EACH ROW WHEN (OLD.clerk_id <> NEW.clerk_id)
    EXECUTE FUNCTION enrollment_book_changes_hands();
CREATE TRIGGER enrollment_book_is_final BEFORE UPDATE ON enrollment_receiptbook
    FOR EACH ROW WHEN (OLD.status = 'checked_off' AND OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION enrollment_book_is_final();
"""
HOLDER_BACK = """
DROP TRIGGER enrollment_book_changes_hands ON enrollment_receiptbook;
DROP TRIGGER enrollment_book_is_final ON enrollment_receiptbook;
DROP FUNCTION enrollment_book_changes_hands();
DROP FUNCTION enrollment_book_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0009_refund_payment_and_tax_suspense")]

    operations = [
        RunSQL(COVER, COVER_BACK),
        RunSQL(CAMPAIGN, CAMPAIGN_BACK),
        RunSQL(HOLDER, HOLDER_BACK),
    ]
