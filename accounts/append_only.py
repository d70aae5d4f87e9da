"""Migration operations that make PostgreSQL itself refuse changes.

Own triggers instead of a library's: a library's triggers can be switched off by a session
variable, these only by the owner of the table (docs/decisions/0004-append-only.md).
"""

from collections.abc import Sequence

from accounts.sql import RunSQL

FUNCTION = """
CREATE OR REPLACE FUNCTION hezuo_refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION hezuo_refuse_reset() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    field text;
    was jsonb := to_jsonb(OLD);
    now jsonb := to_jsonb(NEW);
BEGIN
    FOREACH field IN ARRAY TG_ARGV LOOP
        IF was -> field <> 'null'::jsonb AND was -> field <> '""'::jsonb
                AND was -> field IS DISTINCT FROM now -> field THEN
            RAISE EXCEPTION '%.% cannot be changed once it is set', TG_TABLE_NAME, field
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
"""


def refusal_functions() -> RunSQL:
    """Creates the trigger functions; stands in the first migration of accounts."""
    return RunSQL(
        FUNCTION,
        "DROP FUNCTION hezuo_refuse_change() CASCADE; DROP FUNCTION hezuo_refuse_reset() CASCADE;",
    )


def append_only(table: str) -> RunSQL:
    """UPDATE, DELETE and TRUNCATE of the table are refused."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_change();
        CREATE TRIGGER {table}_table_stays BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_change();
        """,
        f"DROP TRIGGER {table}_rows_stay ON {table}; DROP TRIGGER {table}_table_stays ON {table};",
    )


def never_deleted(table: str) -> RunSQL:
    """DELETE and TRUNCATE of the table are refused; rows may still change."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_rows_stay BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_change();
        CREATE TRIGGER {table}_table_stays BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_change();
        """,
        f"DROP TRIGGER {table}_rows_stay ON {table}; DROP TRIGGER {table}_table_stays ON {table};",
    )


def set_once(table: str, columns: Sequence[str]) -> RunSQL:
    """The columns may go from empty to a value, and never change again."""
    arguments = ", ".join(f"'{column}'" for column in columns)
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_set_once BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset({arguments});
        """,
        f"DROP TRIGGER {table}_set_once ON {table};",
    )


# One function for all tables; the pairs are the trigger's arguments. It reads no table and names
# no schema, so it works wherever its area lives.
MOVES = """
CREATE FUNCTION hezuo_refuse_move() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF (OLD.status || '>' || NEW.status) <> ALL (TG_ARGV) THEN
        RAISE EXCEPTION '% cannot go from % to %', TG_TABLE_NAME, OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


def move_function() -> RunSQL:
    """Creates the trigger function of `only_moves`; stands in one migration of accounts."""
    return RunSQL(MOVES, "DROP FUNCTION hezuo_refuse_move() CASCADE;")


def only_moves(table: str, pairs: Sequence[str], *, was: Sequence[str] = ()) -> RunSQL:
    """The table's `status` moves along `pairs` ("requested>granted") and no others.

    Written out in the migration, which never changes with the code; a test compares them with the
    workflow's table. `was`: the pairs before this migration, to go back to.
    """
    back = _moves(table, was) if was else f"DROP TRIGGER {table}_status_moves ON {table};"
    return RunSQL(_moves(table, pairs), back)


def _moves(table: str, pairs: Sequence[str]) -> str:
    arguments = ", ".join(f"'{pair}'" for pair in pairs)
    return f"""
        CREATE OR REPLACE TRIGGER {table}_status_moves BEFORE UPDATE ON {table}
            FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
            EXECUTE FUNCTION hezuo_refuse_move({arguments});
        """


# What is sealed is sealed anew when keys change; that it still says the same, its fingerprint
# shows (`desk.papers.altered_papers`). Everything else of the row stays, and nothing is emptied.
BUT = """
CREATE FUNCTION hezuo_refuse_change_but() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    field text;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        FOREACH field IN ARRAY TG_ARGV LOOP
            IF coalesce(to_jsonb(NEW) ->> field, '') = ''
                    AND coalesce(to_jsonb(OLD) ->> field, '') <> '' THEN
                RAISE EXCEPTION '%.% cannot be emptied', TG_TABLE_NAME, field
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END LOOP;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def sealed_function() -> RunSQL:
    """Creates the trigger function of `append_only_but_sealed`; stands in desk's migrations."""
    return RunSQL(BUT, "DROP FUNCTION hezuo_refuse_change_but() CASCADE;")


def append_only_but_sealed(table: str, columns: Sequence[str]) -> RunSQL:
    """As `append_only`, except that the sealed `columns` may be sealed with another key."""
    arguments = ", ".join(f"'{column}'" for column in columns)
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_change_but({arguments});
        CREATE TRIGGER {table}_table_stays BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_change();
        """,
        f"DROP TRIGGER {table}_rows_stay ON {table}; DROP TRIGGER {table}_table_stays ON {table};",
    )
