"""Indexes for the first pages of many claims; and away with those that begin another one.

An index on a column that a longer index begins with answers nothing that the longer one does not,
and is written with every line, step and visit. Dropped by name: Django would take the foreign keys
down as well and have them checked anew over all rows.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from accounts.sql import RunSQL


def double(model: str, name: str, index: str, to: str, **given: Any) -> RunSQL:
    """The key's own index goes."""
    key = models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=to, **given
    )
    return RunSQL(
        f"DROP INDEX {index}",
        f"CREATE INDEX {index} ON claims_{model} ({name}_id)",
        state_operations=[migrations.AlterField(model, name, key)],
    )


VISIT = {"related_name": "visits"}
USAGE = {"null": True, "related_name": "usage"}
PLACE = {"verbose_name": "村组"}
DIVISION, PERSON = "accounts.division", "enrollment.person"


class Migration(migrations.Migration):
    dependencies = [("claims", "0045_lines_guarded_cheaply")]

    operations = [
        double("billline", "visit", "claims_billline_visit_id_64a9e72d", "claims.visit",
               related_name="lines"),
        double("settlementstep", "settlement", "claims_settlementstep_settlement_id_d86d144d",
               "claims.settlement", related_name="steps"),
        double("visit", "person", "claims_visit_person_id_1cd1030d", PERSON, **VISIT),
        double("visit", "division", "claims_visit_division_id_a6fc4d38", DIVISION, **PLACE),
        double("visit", "institution", "claims_visit_institution_id_54514342",
               "institutions.institution", null=True, blank=True),
        double("settlement", "division", "claims_settlement_division_id_a7db3a4a", DIVISION,
               **PLACE),
        double("usageentry", "person", "claims_usageentry_person_id_95e94734", PERSON, **USAGE),
        double("usageentry", "household", "claims_usageentry_household_id_f2a89148",
               "enrollment.household", **USAGE),
        migrations.AddIndex(
            "settlement",
            models.Index(
                fields=["settled_on"],
                include=("visit", "fund_amount", "status"),
                name="claims_settlement_by_day",
            ),
        ),
        migrations.AddIndex(
            "settlement",
            models.Index(
                fields=["submitted_at", "id"],
                condition=models.Q(("status__in", ["submitted", "reviewed"])),
                name="claims_settlement_waiting",
            ),
        ),
    ]  # fmt: skip
