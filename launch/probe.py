"""Run inside the virtual environment: are the database and the broker fit for the portal?

Reads DATABASE_URL and REDIS_URL, prints what is wrong, and exits 1 if anything is.
"""

import os
import sys

import psycopg2  # type: ignore[import-untyped]
from kombu.connection import Connection
from kombu.exceptions import KombuError
from psycopg2 import errors

OLDEST = 140000


def database_faults(url: str) -> list[str]:
    """What keeps this database from serving the portal; empty when it is fit."""
    address = "postgresql://" + url.partition("://")[2]
    try:
        connection = psycopg2.connect(address, connect_timeout=10)
    except psycopg2.OperationalError as error:
        return [f"连接不上数据库 (cannot connect to the database): {error}".strip()]
    try:
        if connection.server_version < OLDEST:
            return ["需要 PostgreSQL 14 以上 (PostgreSQL 14 or newer is needed)"]
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            if cursor.fetchone() != ("UTF8",):
                return ["数据库编码必须是 UTF8 (the database must be encoded in UTF8)"]
            try:
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            except (errors.InsufficientPrivilege, errors.UndefinedFile, errors.FeatureNotSupported):
                return [
                    "缺少扩展 pg_trgm:请由管理员执行 CREATE EXTENSION pg_trgm "
                    "(ask the administrator to create it)"
                ]
            cursor.execute("SELECT cardinality(show_trgm('合作')), lower('Ä合')")
            if cursor.fetchone() != (3, "ä合"):
                return [
                    "数据库的区域设置认不出汉字,姓名将无法检索。请以 C.UTF-8 建库,"
                    "见 docs/operations.md (its locale does not know Chinese letters)"
                ]
    finally:
        connection.rollback()  # nothing is left in a database that is not ours
        connection.close()
    return []


def broker_faults(url: str) -> list[str]:
    """Whether the broker can be reached; a folder always can."""
    if url.startswith("filesystem://"):
        return []
    try:
        with Connection(url, connect_timeout=5) as broker:  # type: ignore[no-untyped-call]
            broker.ensure_connection(max_retries=2, timeout=10)
    except (KombuError, OSError) as error:
        return [f"连接不上消息队列 REDIS_URL (cannot reach the broker): {error}"]
    return []


if __name__ == "__main__":
    faults = database_faults(os.environ["DATABASE_URL"]) + broker_faults(os.environ["REDIS_URL"])
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.exit(1 if faults else 0)
