"""An alert says what was found for ever, and once it is handled it stays handled."""

from django.db import migrations

from accounts.append_only import append_only, never_deleted, set_once
from accounts.sql import RunSQL

FINAL = """
CREATE FUNCTION hezuo_supervision_alert_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'open' THEN
        RAISE EXCEPTION 'a handled alert never changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER supervision_alert_final BEFORE UPDATE ON supervision_alert
    FOR EACH ROW EXECUTE FUNCTION hezuo_supervision_alert_final();
"""


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        RunSQL(FINAL, "DROP FUNCTION hezuo_supervision_alert_final() CASCADE;"),
        set_once(
            "supervision_alert",
            ["rule", "certainty", "settlement_id", "division_id", "finding", "found_at"],
        ),
        never_deleted("supervision_alert"),
        append_only("supervision_screening"),
    ]
