"""Whether PostgreSQL still refuses what it is to refuse.

The triggers belong to the owner of the tables, who can switch them off; a restore with
`--disable-triggers` that broke off leaves them off too. `verify_books` therefore looks at them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

APPEND_ONLY = (
    "accounts_auditline",
    "desk_paper",
    "desk_rowseal",
    "funds_account",
    "funds_accountline",
    "funds_book",
    "funds_booklimit",
    "funds_closingbalance",
    "funds_openingline",
    "funds_paymentfile",
    "funds_paymentkept",
    "funds_paymentvoucher",
    "funds_posting",
    "funds_seal",
    "funds_voucher",
    "funds_voucherreview",
)
EXPECTED = frozenset(
    (table, f"{table}_{what}")
    for table in (
        *APPEND_ONLY,
        "funds_accountstatement",
        "funds_adjustment",
        "funds_budget",
        "funds_chartswitch",
        "funds_fundingplan",
        "funds_ledgerexport",
        "funds_limitproposal",
        "funds_linematch",
        "funds_matcheditem",
        "funds_opening",
        "funds_period",
        "funds_paymentbatch",
        "funds_paymentorder",
        "funds_returnnote",
        "funds_transfer",
        "funds_voucherdoubt",
        "funds_voucherdraft",
    )
    for what in ("rows_stay", "table_stays")
) | {
    ("funds_accountstatement", "funds_accountstatement_set_once"),
    ("funds_accountstatement", "funds_accountstatement_status_moves"),
    ("funds_adjustment", "funds_adjustment_set_once"),
    ("funds_adjustment", "funds_adjustment_status_moves"),
    ("funds_budget", "funds_budget_set_once"),
    ("funds_budget", "funds_budget_status_moves"),
    ("funds_chartswitch", "funds_chartswitch_set_once"),
    ("funds_chartswitch", "funds_chartswitch_status_moves"),
    ("funds_fundingplan", "funds_fundingplan_set_once"),
    ("funds_fundingplan", "funds_fundingplan_status_moves"),
    ("funds_linematch", "funds_linematch_set_once"),
    ("funds_linematch", "funds_linematch_status_moves"),
    ("funds_ledgerexport", "funds_ledgerexport_set_once"),
    ("funds_limitproposal", "funds_limitproposal_set_once"),
    ("funds_limitproposal", "funds_limitproposal_status_moves"),
    ("funds_matcheditem", "funds_matcheditem_set_once"),
    ("funds_opening", "funds_opening_set_once"),
    ("funds_opening", "funds_opening_status_moves"),
    ("funds_paymentbatch", "funds_paymentbatch_stays"),
    ("funds_paymentbatch", "funds_paymentbatch_status_moves"),
    ("funds_paymentbatch", "funds_paymentbatch_sums"),
    ("funds_paymentkept", "funds_paymentkept_sum"),
    ("funds_paymentorder", "funds_paymentorder_kept"),
    ("funds_paymentorder", "funds_paymentorder_stays"),
    ("funds_paymentorder", "funds_paymentorder_status_moves"),
    ("funds_paymentorder", "funds_paymentorder_sum"),
    ("funds_paymentpart", "funds_paymentpart_stays"),
    ("funds_paymentpart", "funds_paymentpart_sum"),
    ("funds_paymentpart", "funds_paymentpart_table_stays"),
    ("funds_returnnote", "funds_returnnote_set_once"),
    ("funds_returnnote", "funds_returnnote_status_moves"),
    ("funds_transfer", "funds_transfer_enters"),
    ("funds_transfer", "funds_transfer_stays"),
    ("funds_paymentreturn", "funds_paymentreturn_status_moves"),
    ("funds_period", "funds_chart_is_decided"),
    ("funds_period", "funds_number_is_used"),
    ("funds_period", "funds_opening_period_stays"),
    ("funds_period", "funds_period_begins"),
    ("funds_period", "funds_period_moves_on"),
    ("funds_period", "funds_period_status_moves"),
    ("funds_posting", "funds_postings_fit"),
    ("funds_seal", "funds_seal_follows"),
    ("funds_voucher", "funds_voucher_balances"),
    ("funds_voucher", "funds_voucher_by_hand"),
    ("funds_voucher", "funds_voucher_covered"),
    ("funds_voucher", "funds_voucher_enters"),
    ("funds_voucher", "funds_voucher_opens"),
    ("funds_voucher", "funds_voucher_opening_is_agreed"),
    ("funds_voucherdoubt", "funds_voucherdoubt_set_once"),
    ("funds_voucherdoubt", "funds_voucherdoubt_status_moves"),
    ("funds_voucherdraft", "funds_voucherdraft_set_once"),
    ("funds_voucherdraft", "funds_voucherdraft_status_moves"),
    ("funds_voucherreview", "funds_voucherreview_enters"),
}
# Each of those raises; a function that does so nowhere was replaced by an empty one.
TRIGGERS = """
    SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A'), p.prosrc LIKE '%%RAISE EXCEPTION%%'
    FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND n.nspname = coalesce(%s, current_schema())
    ORDER BY c.relname, t.tgname
"""


@dataclass(frozen=True)
class Guard:
    """A trigger of ours as the catalogue has it. `refuses`: its function raises somewhere."""

    table: str
    name: str
    enabled: bool
    refuses: bool


def guards_in(schema: str | None = None) -> list[Guard]:
    """The triggers of one area's tables: those of `schema`, by default of the own one.

    The only place that asks the catalogue for them, so that an area may live elsewhere.
    """
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS, [schema])
        return [Guard(*row) for row in cursor.fetchall()]


def guard_problems(*schemas: str) -> list[str]:
    """What is wrong with the guards of these areas' schemas, by default of the own one.

    In Chinese; empty when they stand. Of several areas each line begins with the schema.
    """
    if not schemas:
        return _problems(guards_in())
    return [f"{schema}：{each}" for schema in schemas for each in _problems(guards_in(schema))]


def _problems(guards: Sequence[Guard]) -> list[str]:
    missing = EXPECTED - {(guard.table, guard.name) for guard in guards}
    problems = [
        f"数据库守护 {table}.{name} 不见了，请联系审计人员" for table, name in sorted(missing)
    ]
    for guard in guards:
        if not guard.enabled:
            problems.append(f"数据库守护 {guard.table}.{guard.name} 被停用，请联系审计人员")
        elif not guard.refuses and (guard.table, guard.name) in EXPECTED:
            problems.append(f"数据库守护 {guard.table}.{guard.name} 的函数已被替换，请联系审计人员")
    return problems
