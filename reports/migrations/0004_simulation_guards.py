"""A finished what-if is a document: it never changes and never goes away."""

from django.db import migrations

from accounts.append_only import never_deleted, set_once
from accounts.sql import RunSQL

FINAL = """
CREATE TRIGGER reports_simulation_final BEFORE UPDATE ON reports_simulation
    FOR EACH ROW EXECUTE FUNCTION hezuo_reports_final();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_simulation")]

    operations = [
        RunSQL(FINAL, "DROP TRIGGER reports_simulation_final ON reports_simulation;"),
        set_once(
            "reports_simulation",
            ["area_id", "year", "name", "pack_id", "source", "sha256", "requested_by_id"],
        ),
        never_deleted("reports_simulation"),
    ]
