"""A voucher made by hand, or a red one of such, comes from a draft that three people had in hand:
held at COMMIT. A draft that was returned or withdrawn no longer holds its key."""

from django.db import migrations, models

from accounts.sql import RunSQL

BY_HAND = """
CREATE FUNCTION hezuo_funds_by_hand() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.key NOT LIKE 'manual:%' AND NOT EXISTS (
        SELECT 1 FROM funds_voucher v WHERE v.id = NEW.reversal_of_id AND v.key LIKE 'manual:%'
    ) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM funds_voucherdraft d
        WHERE d.voucher_id = NEW.id AND d.status = 'posted' AND d.book_id = NEW.book_id
            AND d.event = NEW.event AND d.occurred_on = NEW.occurred_on
            AND d.amount = abs(NEW.amount) AND d.made_by_id = NEW.prepared_by_id
            AND d.reverses_id IS NOT DISTINCT FROM NEW.reversal_of_id
    ) THEN
        RAISE EXCEPTION 'voucher % was made by hand and no draft brought it', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_by_hand_has_its_draft';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funds_voucher_by_hand AFTER INSERT ON funds_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.key LIKE 'manual:%' OR NEW.reversal_of_id IS NOT NULL)
    EXECUTE FUNCTION hezuo_funds_by_hand();
"""
BACK = """
DROP TRIGGER funds_voucher_by_hand ON funds_voucher;
DROP FUNCTION hezuo_funds_by_hand();
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0013_hands_of_vouchers")]

    operations = [
        migrations.RemoveConstraint("voucherdraft", "voucher_draft_once"),
        migrations.AddConstraint(
            "voucherdraft",
            models.UniqueConstraint(
                fields=["book", "key"],
                name="voucher_draft_once",
                condition=~models.Q(status__in=["refused", "withdrawn"]),
                violation_error_message="这张凭证刚刚已经制单，请刷新",
            ),
        ),
        RunSQL(BY_HAND, BACK),
    ]
