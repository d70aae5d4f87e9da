"""The lines that a statement brought."""

from django.db.models import QuerySet

from accounts.models import User
from desk.listing import Column, Listing, attr
from funds.banking.models import BankLine


def _lines(user: User) -> QuerySet[BankLine]:
    return BankLine.objects.visible_to(user)


STATEMENT_LINES = Listing(
    "流水",
    "enrollment.view_reconciliation",
    _lines,
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
