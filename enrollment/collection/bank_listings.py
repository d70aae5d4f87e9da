"""The lines that a statement brought."""

from desk.listing import Column, Listing, attr, visible
from funds.banking.models import BankLine

STATEMENT_LINES = Listing(
    "流水",
    "enrollment.view_reconciliation",
    visible(BankLine),
    (
        Column("入账日期", attr("booked_on"), "day"),
        Column("流水号", attr("serial"), "code", link="enrollment:bank_line"),
        Column("金额", attr("amount"), "yuan"),
        Column("摘要", attr("summary")),
        Column("用途", lambda row: row.get_kind_display() or "未核对"),
    ),
    empty="没有新的流水",
    key="lines",
    template="enrollment/collection/statement.html",
)
