"""The lines that a statement brought."""

from desk.listing import Column, Listing, attr, visible
from funds.reconciling.models import AccountLine

ACCOUNT_LINES = Listing(
    "流水",
    "funds.view",
    visible(AccountLine),
    (
        Column("入账日期", attr("booked_on"), "day"),
        Column("流水号", attr("serial"), "code"),
        Column("金额", attr("amount"), "yuan"),
        Column("摘要", attr("summary")),
    ),
    empty="没有新的流水",
    key="lines",
    template="funds/reconciling/statement.html",
)
