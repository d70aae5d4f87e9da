"""Whether PostgreSQL still refuses what it is to refuse.

The triggers belong to the owner of the tables, who can switch them off; a restore with
`--disable-triggers` that broke off leaves them off too. `verify_books` therefore looks at them.
"""

from django.db import connection

APPEND_ONLY = (
    "accounts_auditline",
    "desk_paper",
    "funds_account",
    "funds_book",
    "funds_closingbalance",
    "funds_posting",
    "funds_seal",
    "funds_voucher",
)
EXPECTED = frozenset(
    (table, f"{table}_{what}")
    for table in (*APPEND_ONLY, "funds_period")
    for what in ("rows_stay", "table_stays")
) | {
    ("funds_period", "funds_number_is_used"),
    ("funds_period", "funds_period_begins"),
    ("funds_period", "funds_period_moves_on"),
    ("funds_posting", "funds_postings_fit"),
    ("funds_seal", "funds_seal_follows"),
    ("funds_voucher", "funds_voucher_balances"),
    ("funds_voucher", "funds_voucher_enters"),
}
# Each of those raises; a function that does so nowhere was replaced by an empty one.
TRIGGERS = """
    SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A'), p.prosrc LIKE '%%RAISE EXCEPTION%%'
    FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
    ORDER BY c.relname, t.tgname
"""


def guard_problems() -> list[str]:
    """What is wrong with the guards of the whole database, in Chinese; empty when they stand."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        rows = cursor.fetchall()
    problems = [
        f"数据库守护 {table}.{name} 不见了，请联系审计人员"
        for table, name in sorted(EXPECTED - {(row[0], row[1]) for row in rows})
    ]
    for table, name, enabled, refuses in rows:
        if not enabled:
            problems.append(f"数据库守护 {table}.{name} 被停用，请联系审计人员")
        elif not refuses and (table, name) in EXPECTED:
            problems.append(f"数据库守护 {table}.{name} 的函数已被替换，请联系审计人员")
    return problems
