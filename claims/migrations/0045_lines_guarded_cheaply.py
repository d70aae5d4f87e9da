"""The guards of a bill's lines, as strict as before, asked so that ten thousand lines of a hospital's
day cost a tenth.

No settlement stands on a line that has no part: the question is not asked of it. What is frozen is
compared column by column in one row instead of two JSON texts; a column that is added later is
frozen like the others.
"""

from django.db import migrations

from accounts.sql import RunSQL

FUNCTION = """
CREATE FUNCTION claims_line_is_frozen() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    same claims_billline := NEW;
BEGIN
    same.approved_amount := OLD.approved_amount;
    same.cut_code := OLD.cut_code;
    same.cut_bearer := OLD.cut_bearer;
    same.cut_reason := OLD.cut_reason;
    same.part := OLD.part;
    same.is_live := OLD.is_live;
    IF same IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION '% is frozen but for its cut, its part and whether it is live', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
FROZEN = """
DROP TRIGGER claims_billline_frozen ON claims_billline;
CREATE TRIGGER claims_billline_frozen BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION claims_line_is_frozen()
"""
FROZEN_BEFORE = """
DROP TRIGGER claims_billline_frozen ON claims_billline;
CREATE TRIGGER claims_billline_frozen BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen(
        'approved_amount', 'cut_code', 'cut_bearer', 'cut_reason', 'part', 'is_live')
"""
STANDS = """
DROP TRIGGER claims_billline_stands ON claims_billline;
CREATE TRIGGER claims_billline_stands BEFORE UPDATE ON claims_billline
    FOR EACH ROW WHEN (OLD.part IS NOT NULL) EXECUTE FUNCTION hezuo_claims_line_stands()
"""
STANDS_BEFORE = STANDS.replace(" WHEN (OLD.part IS NOT NULL)", "")


class Migration(migrations.Migration):
    dependencies = [("claims", "0044_aid_accounts_sealed_anew")]

    operations = [
        RunSQL(FUNCTION, "DROP FUNCTION claims_line_is_frozen()"),
        RunSQL(FROZEN, FROZEN_BEFORE),
        RunSQL(STANDS, STANDS_BEFORE),
    ]
