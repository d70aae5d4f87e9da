"""A finished report is a document: it never changes and never goes away."""

from django.db import migrations

from accounts.append_only import never_deleted, set_once
from accounts.sql import RunSQL

FINAL = """
CREATE FUNCTION hezuo_reports_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('done', 'failed') THEN
        RAISE EXCEPTION 'a finished report never changes; request a new edition'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reports_monthlyreport_final BEFORE UPDATE ON reports_monthlyreport
    FOR EACH ROW EXECUTE FUNCTION hezuo_reports_final();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        RunSQL(FINAL, "DROP FUNCTION hezuo_reports_final() CASCADE;"),
        set_once(
            "reports_monthlyreport",
            ["area_id", "year", "month", "edition", "requested_by_id", "requested_at"],
        ),
        never_deleted("reports_monthlyreport"),
    ]
