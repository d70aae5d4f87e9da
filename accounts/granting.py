"""Who owns the tables, and what the application's role may do to them.

The owner migrates; the application signs in as a role of its own, which is granted what the rooms
declare (`accounts.rights`) and nothing else: no TRUNCATE, no trigger, no object of its own, no
temporary table that a guard might read in place of the real one.
"""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.rights import Rights, declared

ROLE = "SELECT 1 FROM pg_roles WHERE rolname = %s"
# Trigger functions look for tables where they were made, and never first among temporary ones,
# where PostgreSQL looks unless it is told to look there last.
UNPINNED = """
    SELECT p.oid::regprocedure::text, substr(setting, length('search_path=') + 1)
    FROM pg_proc p CROSS JOIN unnest(p.proconfig) setting
    WHERE p.pronamespace = current_schema()::regnamespace AND setting LIKE 'search\\_path=%%'
        AND setting NOT LIKE '%%pg\\_temp%%' AND pg_has_role(p.proowner, 'USAGE')
"""
ABOUT_US = """
    SELECT current_user,
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
        (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'p', 'S') AND pg_has_role(relowner, 'USAGE')),
        has_schema_privilege(current_schema(), 'CREATE'),
        (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'p') AND (has_table_privilege(oid, 'TRUNCATE')
            OR has_table_privilege(oid, 'TRIGGER')))
"""


def grant_rights(role: str) -> None:
    """Give the application's role exactly what is declared. Run by the owner; harmless twice.

    Raises LookupError when there is no such role, ValueError when it is the owner itself.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROLE, [role])
        if cursor.fetchone() is None:
            raise LookupError(f"数据库中没有角色 {role}，请先建立（no such role）")
        cursor.execute("SELECT current_user, current_schema(), current_database()")
        owner, schema, database = cursor.fetchone()
        if owner == role:
            raise ValueError(f"应用的角色不能是表的所有者 {role}（the role is the owner itself）")
        names = _quoted(role), _quoted(schema), _quoted(database)
        for statement in _around(*names):
            cursor.execute(statement)
        for statement in _on_tables(names[0]):
            cursor.execute(statement)
        _pin_functions(cursor)


def role_problems() -> list[str]:
    """What the role that we are signed in as could do past the guards, in Chinese; empty when it
    is the application's own and owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(ABOUT_US)
        role, is_superuser, owned, creates, passes = cursor.fetchone()
    if is_superuser:
        return [f"应用以超级用户 {role} 连接数据库，可以停用一切守护"]
    found = []
    if owned:
        found.append(f"应用的数据库角色 {role} 是 {owned} 个表和序列的所有者，可以停用守护")
    elif passes:
        found.append(f"应用的数据库角色 {role} 可以清空 {passes} 个表或改动其触发器")
    if creates and not owned:
        found.append(f"应用的数据库角色 {role} 可以在库中建立对象")
    return found


def _around(role: str, schema: str, database: str) -> Iterator[str]:
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {role}"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
    # Those of series to come (desk/numbers.py).
    yield (
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}"
    )


def _on_tables(role: str) -> Iterator[str]:
    yield f"REVOKE ALL ON django_migrations FROM PUBLIC, {role}"
    yield f"GRANT SELECT ON django_migrations TO {role}"
    for model, rights in declared():
        table, key = _quoted(model._meta.db_table), str(model._meta.pk.column)
        yield f"REVOKE ALL ON {table} FROM PUBLIC, {role}"
        yield f"GRANT {', '.join(privileges(rights, key))} ON {table} TO {role}"


def privileges(rights: Rights, key: str) -> list[str]:
    """As GRANT says them, of a table with this primary key."""
    found = ["SELECT", "INSERT"]
    if rights.changes is None:
        found.append("UPDATE")
    elif columns := [*rights.changes, *([key] if rights.locked else [])]:
        found.append(f"UPDATE ({', '.join(map(_quoted, columns))})")
    return [*found, "DELETE"] if rights.deletes else found


def _pin_functions(cursor: CursorWrapper) -> None:
    cursor.execute(UNPINNED)
    for function, path in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SET search_path = {path}, pg_temp")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
