"""What the rooms say of their tables is what the triggers refuse."""

import pytest
from django.db import connection

import config.urls  # noqa: F401 - loads every room and with it every workflow
from accounts.rights import declared
from desk.decisions import ASKED, DECISION, Decision
from desk.workflow import WORKFLOWS

# Row triggers before a change, and what they are asked about.
GUARDS = """
    SELECT c.relname, p.proname, t.tgtype & 16 > 0, t.tgtype & 8 > 0, t.tgqual IS NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgtype & 1 > 0 AND t.tgtype & 2 > 0 AND t.tgtype & 24 > 0
        AND c.relnamespace = current_schema()::regnamespace
"""


@pytest.mark.django_db
def test_declarations_and_triggers_agree() -> None:
    refused: dict[str, set[str]] = {}
    asked_when_going: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        for table, function, changes, going, always in cursor.fetchall():
            asked_when_going |= {table} if going else set()
            if function == "hezuo_refuse_change" and always:
                refused.setdefault(table, set()).update(
                    {"change"} if changes else set(), {"delete"} if going else set()
                )
    for model, rights in declared():
        table = model._meta.db_table
        never = refused.get(table, set())
        where = f"{model._meta.app_label}/rights.py"
        if "delete" in never and rights.deletes:
            pytest.fail(
                f"a trigger keeps the rows of {table}: say so of {model.__name__} in {where}"
            )
        if "change" in never and rights.changes != ():
            pytest.fail(f"a trigger lets no row of {table} change: ADDED for {where}")
        if not rights.deletes and table not in asked_when_going:
            pytest.fail(
                f"{where} keeps the rows of {model.__name__}, and no trigger does: its migration"
                f' wants append_only("{table}") or another of accounts/append_only.py'
            )
        columns = {field.column for field in model._meta.concrete_fields}
        assert columns >= {*(rights.changes or ()), *rights.sealed}, table


def test_every_step_of_a_workflow_may_be_written() -> None:
    """The status, the stamps and the reason, by the role that is granted what is declared."""
    assert len(WORKFLOWS) > 40
    given = dict(declared())
    for workflow in WORKFLOWS:
        model, changes = workflow.model, given[workflow.model].changes
        for step in workflow.steps:
            reason = [workflow.reason_column] if step.reason and workflow.reason_column else []
            fields = [model._meta.get_field(name) for name in ("status", *step.stamps, *reason)]
            written = {str(getattr(field, "attname", "")) for field in fields}
            assert changes is None or written <= {*changes}, f"{model.__name__}: {step.event}"


def test_what_two_people_decided_is_kept_and_sealed() -> None:
    """What was asked for from the first, the answer once it is given, whatever comes after."""
    decisions = {model: rights for model, rights in declared() if issubclass(model, Decision)}
    assert len(decisions) > 12
    for model, rights in decisions.items():
        first, *later = rights.seals(model)
        assert first.since == "true" and {*ASKED} <= {*first.columns}, model
        assert DECISION in later and not rights.deletes, model
