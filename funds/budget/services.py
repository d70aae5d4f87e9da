"""Putting a budget forward, deciding it, and setting what was done beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.locks import lock_name
from desk.uploads import table_of
from funds.budget.models import Budget
from funds.budget.workflow import BUDGETS
from funds.models import ZERO, Book
from funds.statements import EXPENSE, INCOME, Line, income_statement
from lib import typed_text
from lib.money import half_up, to_fen, to_yuan
from lib.periods import Month
from lib.tables.layout import Column, Layout

WHOLE = 10_000  # ratios are in 1/10000
LAYOUT = Layout(
    (
        Column("title", "项目", ("科目", "预算项目"), example="社会保险费收入"),
        Column("amount", "预算金额", ("本年预算", "预算数", "金额"), example="1200000.00"),
    ),
    required=("title", "amount"),
    max_rows=200,
    max_bytes=1024 * 1024,
    advice="请按模板填写项目和预算金额",
)


def lines_of(book: Book) -> tuple[list[Line], list[Line]]:
    """Lines of income and of expense that the book has accounts for, without those "其中"."""
    codes = list(book.accounts.values_list("code", flat=True))

    def known(lines: Iterable[Line]) -> list[Line]:
        return [one for one in lines if not one.is_part and any(one.holds(code) for code in codes)]

    return known(INCOME), known(EXPENSE)


@all_or_nothing()
def propose_budget(
    *,
    actor: User,
    book: Book,
    year: int,
    amounts: Mapping[str, Decimal],
    evidence: str,
    reason: str,
    on: date,
) -> Budget:
    """The year's first budget, or an adjustment of it; the one in force holds until it is adopted.

    `amounts`: account of a line → yuan. Raises Refusal below zero, without any sum, and for an
    adjustment that changes nothing.
    """
    if not actor.may("funds.propose_budget"):
        raise Refusal("预算由会计编报")
    income, expense = lines_of(book)
    known = {one.account: one.title for one in (*income, *expense)}
    for account, amount in amounts.items():
        if account not in known:
            raise Refusal("预算项目不在收支表中，请刷新后重填", "amounts")
        if amount < 0:
            raise Refusal(f"“{known[account]}”的预算不能小于零", account)
    kept = {account: f"{amount:.2f}" for account, amount in amounts.items()}
    if not any(amounts.values()):
        raise Refusal("请至少填写一项预算金额", "amounts")
    lock_name(book.area.code, f"funds.budget:{book.pk}:{year}")
    before = Budget.objects.in_force(book, year)
    if before is not None and before.amounts == kept:
        raise Refusal(f"与 {year} 年现行预算相同，没有调整")
    return BUDGETS.propose(
        Asked(
            actor,
            on,
            evidence,
            reason,
            "预算批复或会议依据",
            "调整的原因" if before else "编报说明",
        ),
        book=book,
        year=year,
        amounts=kept,
        income=sum((amounts.get(one.account, ZERO) for one in income), ZERO),
        expense=sum((amounts.get(one.account, ZERO) for one in expense), ZERO),
    )


def read_budget(file: Any, book: Book) -> dict[str, Decimal]:
    """The amounts of an uploaded table, by the lines' titles. Raises Refusal that names the row."""
    income, expense = lines_of(book)
    accounts = {one.title: one.account for one in (*income, *expense)}
    found: dict[str, Decimal] = {}
    faults = []
    for row in table_of(file, LAYOUT).rows:
        title, text = row.cells["title"].strip(), row.cells["amount"]
        if not title and not text:
            continue
        fen = typed_text.amount(text) if text else 0
        if title not in accounts:
            faults.append(f"第 {row.line} 行“{title}”不是收支表的项目")
        elif fen is None or fen < 0:
            faults.append(f"第 {row.line} 行金额“{text}”不对，应为不小于零的元数")
        elif accounts[title] in found:
            faults.append(f"第 {row.line} 行“{title}”出现了两次")
        else:
            found[accounts[title]] = to_yuan(fen)
    if faults:
        raise Refusal("；".join(faults[:5]), "file")
    return found


@dataclass(frozen=True, slots=True)
class Executed:
    """A line, or the total of a side. `budget`: None where none was adopted. `ratio`: the year so
    far in 1/10000 of the budget."""

    title: str
    account: str
    month: Decimal
    year: Decimal
    budget: Decimal | None
    is_total: bool = False

    @property
    def ratio(self) -> int | None:
        if not self.budget:
            return None
        return half_up(to_fen(self.year) * WHOLE, to_fen(self.budget))


def execution(book: Book, month: Month) -> list[Executed]:
    """Income and its lines, expense and its lines: the month, the year so far, the budget. Two
    statements of SQL."""
    budget = Budget.objects.in_force(book, month.year)
    codes = list(book.accounts.values_list("code", flat=True))
    stated = income_statement(area=book.area, fund_type=book.fund_type, month=month, codes=codes)
    found = []
    for section, total in (
        (stated.income, budget.income if budget else None),
        (stated.expense, budget.expense if budget else None),
    ):
        found.append(
            Executed(section.title, "", section.total[0], section.total[1], total, is_total=True)
        )
        found += [
            Executed(
                one.line.title, one.line.account, one.figures[0], one.figures[1],
                budget.amount_of(one.line.account) if budget else None,
            )
            for one in section.lines
            if not one.line.is_part
        ]  # fmt: skip
    return found
