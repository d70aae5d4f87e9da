"""Run inside the virtual environment: are the database and the broker fit for the portal?

Reads DATABASE_URL and REDIS_URL, prints what is wrong, and exits 1 if anything is.
"""

import os
import sys
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from kombu.connection import Connection
from kombu.exceptions import KombuError
from psycopg2 import errors

OLDEST = 140000
SCHEMES = {"postgres", "postgresql", "psql", "pgsql"}


def database_faults(url: str) -> list[str]:
    """What keeps this database from serving the portal; empty when it is fit."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        return ["DATABASE_URL 应为 postgres://用户:密码@主机:端口/库名 (not such an address)"]
    try:
        connection = psycopg2.connect(f"postgresql://{rest}", connect_timeout=10)
    except psycopg2.OperationalError as error:
        return [f"连接不上数据库 (cannot connect to the database): {error}".strip()]
    try:
        fault = _fault_of(connection)
    finally:
        connection.rollback()  # nothing is left in a database that is not ours
        connection.close()
    return [fault] if fault else []


def _fault_of(connection: Any) -> str | None:
    if connection.server_version < OLDEST:
        return "需要 PostgreSQL 14 以上 (PostgreSQL 14 or newer is needed)"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if cursor.fetchone() != ("UTF8",):
            return "数据库编码必须是 UTF8 (the database must be encoded in UTF8)"
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except (errors.InsufficientPrivilege, errors.UndefinedFile, errors.FeatureNotSupported):
            return (
                "缺少扩展 pg_trgm:请由管理员执行 CREATE EXTENSION pg_trgm "
                "(ask the administrator to create it)"
            )
        cursor.execute("SELECT cardinality(show_trgm('合作')), lower('Ä合')")
        if cursor.fetchone() != (3, "ä合"):
            return (
                "数据库的区域设置认不出汉字,姓名将无法检索。请以 C.UTF-8 建库,"
                "见 docs/operations.md (its locale does not know Chinese letters)"
            )
    return None


def broker_faults(url: str) -> list[str]:
    """Whether the broker can be reached; a folder always can."""
    if url.startswith("filesystem://"):
        return []
    try:
        with Connection(url, connect_timeout=5) as broker:  # type: ignore[no-untyped-call]
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=10)
    except (KombuError, OSError, KeyError, ImportError) as error:  # unknown transports too
        return [f"连接不上消息队列 REDIS_URL (cannot reach the broker): {error}"]
    return []


if __name__ == "__main__":
    faults = database_faults(os.environ["DATABASE_URL"]) + broker_faults(os.environ["REDIS_URL"])
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.exit(1 if faults else 0)
