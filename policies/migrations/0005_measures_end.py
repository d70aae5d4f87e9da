"""Adopted measures may end earlier than they were written, when new ones follow; never later."""

from django.db import migrations

from accounts.append_only import set_once
from accounts.sql import RunSQL

FIXED = [
    "area_id",
    "version",
    "first_day",
    "source",
    "sha256",
    "proposed_by_id",
    "adopted_by_id",
    "adopted_at",
]


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_draft_guards")]

    operations = [
        RunSQL(
            "DROP TRIGGER policies_pack_set_once ON policies_pack",
            set_once("policies_pack", [*FIXED, "last_day"]).sql,
        ),
        set_once("policies_pack", FIXED),
        RunSQL(
            """
            CREATE FUNCTION policies_pack_ends_earlier() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'the last day of a pack may only move to an earlier day'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE TRIGGER policies_pack_ends_earlier BEFORE UPDATE ON policies_pack
                FOR EACH ROW WHEN (NEW.last_day > OLD.last_day)
                EXECUTE FUNCTION policies_pack_ends_earlier();
            """,
            """
            DROP TRIGGER policies_pack_ends_earlier ON policies_pack;
            DROP FUNCTION policies_pack_ends_earlier();
            """,
        ),
    ]
