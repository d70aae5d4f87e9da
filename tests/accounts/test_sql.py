"""What SQL of migrations must keep to, so that an area can live in a schema of its own."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL as AnyRunSQL
from django.test.utils import isolate_apps

from accounts.models import Division
from accounts.sql import PublicExtension, RunSQL, bound, statements

OURS = (
    "accounts", "desk", "policies", "institutions", "funds", "enrollment", "claims",
    "supervision", "reports", "moving", "demo",
)  # fmt: skip
# As PostgreSQL had them on 2026-11-28, before they were bound to their schema.
BEFORE = (Path(__file__).parent / "functions_before.sql").read_text(encoding="utf-8")
# The last migrations of that day.
LATEST = {
    "accounts": "0001", "policies": "0005", "funds": "0004", "enrollment": "0012",
    "claims": "0004", "reports": "0004", "supervision": "0002", "institutions": "0002", "desk": "",
}  # fmt: skip
# Where a role of the application's own was granted its rights, temporary tables come last.
FUNCTIONS = """
    SELECT p.proname, replace(pg_get_functiondef(p.oid), $$, 'pg_temp'$$, ''), p.prosrc,
        coalesce(array_to_string(p.proconfig, ' '), '')
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = current_schema()::regnamespace AND l.lanname = 'plpgsql'
"""
# Words that a body may put before a point: rows and aliases, never a schema.
SCHEMA = re.compile(r"\b(public|pg_temp|current_schema)\b\s*\.?", re.IGNORECASE)


def ask(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_a_script_is_taken_apart_at_semicolons_that_end_a_statement() -> None:
    script = """
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RETURN NEW;
        END $$;
        -- one; two
        COMMENT ON TABLE a IS 'left; right'; DROP TABLE b;
    """
    made, commented, dropped = statements(script)
    assert made.startswith("CREATE FUNCTION") and made.endswith("END $$")
    assert commented.endswith("'left; right'") and dropped == "DROP TABLE b"
    assert statements("") == [] and statements("SELECT a - 1") == ["SELECT a - 1"]
    assert RunSQL("A; B;", RunSQL.noop).sql == ["A", "B"]


@pytest.mark.django_db
def test_every_migration_runs_single_statements() -> None:
    migrations = MigrationLoader(None).disk_migrations
    asked = 0
    for (app, name), migration in migrations.items():
        for operation in migration.operations if app in OURS else ():
            if isinstance(operation, AnyRunSQL):
                assert isinstance(operation, RunSQL), f"{app} {name}: use accounts.sql.RunSQL"
                asked += 1
    assert asked > 50


@pytest.mark.django_db
def test_every_function_is_bound_to_its_schema_and_names_none() -> None:
    functions = ask(FUNCTIONS)
    assert len(functions) > 25
    for name, _, body, settings in functions:
        assert settings.startswith("search_path="), f"{name}: SET search_path FROM CURRENT"
        assert not SCHEMA.search(body), name
        assert not re.search(r"\bJOIN (fresh|added)\b|\b(fresh|added) \w* ?JOIN\b", body), name


def later_functions() -> list[str]:
    """What the migrations since then say about functions, in the order in which they run."""
    loader = MigrationLoader(None)
    found: list[str] = []
    for app, name in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        if app in LATEST and name[:4] > LATEST[app]:
            for operation in loader.graph.nodes[app, name].operations:
                scripts = operation.sql if isinstance(operation, AnyRunSQL) else []
                found += [one for one in scripts if re.search(r"(CREATE|ALTER)\b.*FUNCTION", one)]
    # The new ones are there already.
    return [one.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") for one in found]


NAME = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\s*\(")


def definitions(scripts: Any) -> dict[str, str]:
    """Function → its text, of a list of statements; the last one counts."""
    texts = (one for one in scripts or [] if isinstance(one, str))
    made = ((NAME.search(one), one) for one in texts)
    return {
        found[1]: " ".join(re.sub("OR REPLACE|SET search_path FROM CURRENT", "", one).split())
        for found, one in made
        if found
    }


@pytest.mark.django_db
def test_a_function_that_is_replaced_goes_on_from_what_stood_last() -> None:
    """What a migration goes back to is what it found, and it says so of every function: its new
    text, made from that one, then undoes nothing that came between."""
    loader = MigrationLoader(None)
    standing: dict[str, str] = {}
    replaced = 0
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        operations = loader.graph.nodes[key].operations if key[0] in OURS else ()
        for operation in operations:
            if not isinstance(operation, AnyRunSQL):
                continue
            before = definitions(operation.reverse_sql)
            for name, text in definitions(operation.sql).items():
                if name in standing and name in before:
                    replaced += 1
                    assert before[name] == standing[name], f"{key}: {name}"
                standing[name] = text
    assert replaced > 20


@pytest.mark.django_db
def test_a_database_made_before_gets_the_same_functions() -> None:
    new = {name: definition for name, definition, *_ in ask(FUNCTIONS)}
    older = [f"{one}$function$" for one in re.split(r"\$function\$\s*;", BEFORE) if one.strip()]
    assert len(older) == 25
    for definition in older:
        ask(definition)
    aged = {name: definition for name, definition, *_ in ask(FUNCTIONS)}
    assert sum(aged[name] != new[name] for name in new) == 25
    for statement in later_functions():
        if "CREATE TRIGGER" not in statement and "CONSTRAINT TRIGGER" not in statement:
            ask(statement)
    assert {name: definition for name, definition, *_ in ask(FUNCTIONS)} == new


@pytest.mark.django_db
def test_a_function_can_be_let_loose_again() -> None:
    loose = bound("hezuo_refuse_change").reverse_sql
    assert loose == ["ALTER FUNCTION hezuo_refuse_change() RESET search_path"]


@pytest.mark.django_db
@isolate_apps("accounts")
def test_a_new_column_comes_first_and_then_its_constraints() -> None:
    class Trial(models.Model):
        class Meta:
            app_label = "accounts"
            db_table = "trial"

    ask("CREATE TABLE trial (id bigint PRIMARY KEY)")
    key = models.OneToOneField(Division, models.PROTECT, null=True)
    key.set_attributes_from_name("division")
    key.model = Trial
    count = models.PositiveIntegerField(default=1)
    count.set_attributes_from_name("babies")
    count.model = Trial
    with connection.schema_editor(collect_sql=True) as editor:
        editor.add_field(Trial, key)
        editor.add_field(Trial, count)
        written = list(editor.collected_sql)
    columns = [one for one in written if "ADD COLUMN" in one]
    assert columns == [
        'ALTER TABLE "trial" ADD COLUMN "division_id" bigint NULL;',
        'ALTER TABLE "trial" ADD COLUMN "babies" integer DEFAULT 1 NOT NULL ;',
    ]
    assert 'ALTER TABLE "trial" ADD CONSTRAINT "trial_division_id_key" UNIQUE (division_id);' in (
        written
    )
    assert 'ALTER TABLE "trial" ADD CONSTRAINT "trial_babies_check" CHECK ("babies" >= 0);' in (
        written
    )
    assert any("FOREIGN KEY" in one for one in written)


@pytest.mark.django_db
def test_an_extension_is_asked_for_and_must_stand_in_public() -> None:
    there = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
    assert set(ask(f"{there} WHERE extname IN ('pg_trgm', 'btree_gist')")) == {("public",)}
    operation = PublicExtension("pg_trgm")
    with connection.schema_editor(collect_sql=True) as editor:
        operation.database_forwards("accounts", editor, None, None)
        operation.database_backwards("accounts", editor, None, None)
        PublicExtension("hstore").database_forwards("accounts", editor, None, None)
        assert editor.collected_sql == ["CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;"]
    ((other,),) = ask(
        "SELECT name FROM pg_available_extension_versions WHERE trusted AND NOT installed"
        " AND requires IS NULL AND schema IS NULL ORDER BY name LIMIT 1"
    )
    ask("CREATE SCHEMA elsewhere")
    ask(f"CREATE EXTENSION {other} SCHEMA elsewhere")
    with (
        pytest.raises(RuntimeError, match=f"ALTER EXTENSION {other} SET SCHEMA public"),
        connection.schema_editor(collect_sql=True) as editor,
    ):
        PublicExtension(other).database_forwards("accounts", editor, None, None)
