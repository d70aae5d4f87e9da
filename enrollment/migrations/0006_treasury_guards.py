"""Lost, returned and checked-off receipt numbers can never be written on; what was counted stays.

A book may change hands, so its holder is no longer fixed once and for all: enrollment_bookevent
keeps who had it.
"""

from django.db import migrations

from accounts.append_only import append_only, never_deleted, set_once
from accounts.sql import RunSQL

BOOK = ("township_id", "year", "code", "first_number", "last_number")
RECEIPT = ("reference", "sponsored_amount", "voided_on")
NUMBERS = """
CREATE FUNCTION enrollment_receipt_number_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM enrollment_receiptbook book
        WHERE book.id = NEW.book_id AND book.status = 'in_use'
            AND NEW.number BETWEEN book.first_number AND book.last_number
    ) THEN
        RAISE EXCEPTION 'receipt number % does not belong to a book in use', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM enrollment_bookevent lost
        WHERE lost.book_id = NEW.book_id AND lost.kind = 'loss'
            AND NEW.number BETWEEN lost.first_number AND lost.last_number
    ) THEN
        RAISE EXCEPTION 'receipt number % was reported lost', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enrollment_receipt_number_is_free BEFORE INSERT ON enrollment_receipt
    FOR EACH ROW EXECUTE FUNCTION enrollment_receipt_number_is_free();
"""
NUMBERS_BACK = """
DROP TRIGGER enrollment_receipt_number_is_free ON enrollment_receipt;
DROP FUNCTION enrollment_receipt_number_is_free();
"""
HOLDER = """
DROP TRIGGER enrollment_receiptbook_set_once ON enrollment_receiptbook;
"""
HOLDER_BACK = """
CREATE TRIGGER enrollment_receiptbook_set_once BEFORE UPDATE ON enrollment_receiptbook
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset(
        'township_id', 'clerk_id', 'year', 'code', 'first_number', 'last_number');
"""
RECEIPT_MORE = f"""
CREATE TRIGGER enrollment_receipt_set_once_too BEFORE UPDATE ON enrollment_receipt
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset({", ".join(f"'{name}'" for name in RECEIPT)});
"""
RECEIPT_LESS = "DROP TRIGGER enrollment_receipt_set_once_too ON enrollment_receipt;"
BANK_LINE = ("area_id", "statement_id", "serial", "booked_on", "amount", "summary", "kind")
LINKS = ("remittance_id", "receipt_id", "sponsor_money_id", "offset_id", "voucher_number")
TAX_ROW = (
    "file_id", "campaign_id", "line", "resident_id_index", "serial", "paid_on", "amount",
    "enrollment_id", "voucher_number",
)
REFUND = (
    "enrollment_id", "ground", "ground_date", "amount", "sponsor_amount", "requested_by_id",
    "requested_on", "decided_by_id", "decided_on", "voucher_number",
)
SPONSOR_USE = ("fund_id", "receipt_id", "enrollment_id", "amount", "voucher_number", "released_on")


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0005_treasury"), ("accounts", "0001_initial")]

    operations = [
        RunSQL(NUMBERS, NUMBERS_BACK),
        RunSQL(HOLDER, HOLDER_BACK),
        set_once("enrollment_receiptbook", BOOK),
        RunSQL(RECEIPT_MORE, RECEIPT_LESS),
        append_only("enrollment_bookevent"),
        append_only("enrollment_bookcheckoff"),
        append_only("enrollment_dayclose"),
        append_only("enrollment_bankstatement"),
        append_only("enrollment_taxfile"),
        *[
            never_deleted(f"enrollment_{name}")
            for name in (
                "sponsorfund", "sponsormoney", "sponsoruse", "bankline", "taxrow", "refund"
            )
        ],
        set_once("enrollment_sponsoruse", SPONSOR_USE),
        set_once("enrollment_bankline", BANK_LINE + LINKS),
        set_once("enrollment_taxrow", TAX_ROW),
        set_once("enrollment_refund", REFUND),
    ]
