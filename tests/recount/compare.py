"""The whole year and the spring after it: what the portal says against the recomputation."""

from collections import defaultdict
from dataclasses import dataclass, field

from accounts.models import Division
from lib.periods import Month
from tests.recount.books import TRANSFERS, Books, Figures, Months, last_day, rounded, twelve
from tests.recount.care import Care
from tests.recount.rows import Rows, read
from tests.recount.told import month_told, year_told

KEPT = "结账 "


@dataclass
class Difference:
    """A figure that the two do not agree on, or something that can never be."""

    name: str
    portal: object
    recount: object

    def __str__(self) -> str:
        return f"{self.name}：系统 {self.portal}，重算 {self.recount}"


@dataclass
class Outcome:
    compared: int = 0
    different: list[Difference] = field(default_factory=list)

    def compare(self, at: str, portal: Figures, recount: Figures) -> None:
        """What one of them does not name is nothing: 0 or no value."""
        for name in sorted({*portal, *recount}):
            said, found = portal.get(name), recount.get(name)
            self.compared += 1
            if said != found and (said or found):
                self.different.append(Difference(f"{at} {name}", said, found))


def compare_all(
    area: Division, first: Month, last: Month, year: int, rows: Rows | None = None
) -> Outcome:
    """Every month from the first to the last, and what is left of `year` and the next. `rows`: as
    they were read before."""
    rows = rows or read(area.code)
    books = Books(rows)
    care, outcome = Care(rows, books), Outcome()
    month = first
    while month <= last:
        at = (month.year, month.month)
        portal, counted = month_told(area, month), month_counted(books, care, at)
        if not any(name.startswith(KEPT) for name in portal):  # nobody has closed it
            counted = {name: one for name, one in counted.items() if not name.startswith(KEPT)}
        outcome.compare(str(month), portal, counted)
        outcome.compare(f"{month} 支付", paid_by_books(rows, at), care.paid_by_claims(at))
        for words in books.wrong(at):
            outcome.different.append(Difference(words, None, None))
        month = month.next()
    for one in (year, year + 1):
        portal, counted = year_told(area, one), year_counted(books, care, one)
        if one > year:  # its accounts and surplus wait for its end
            for name in [each for each in portal if each not in counted]:
                del portal[name]
        outcome.compare("年度", portal, counted)
        outcome.compare(
            "缴费", {f"{one}": books.raised(one)["personal"]}, {f"{one}": care.premiums(one)}
        )
    outcome.compare("结转", closed_of(rows, year), {})
    return outcome


def month_counted(books: Books, care: Care, month: Months) -> Figures:
    found = {
        **books.accounts(month),
        **books.sheet(month),
        **books.income(month),
        **care.indicators(month),
        **care.townships(month),
    }
    end = care.end(month)
    for one in twelve(month):
        if one < books.rows.first_month:
            continue
        flow: dict[str, int] = defaultdict(int)
        for leg in books.rows.legs:
            if (leg.book_year, leg.book_month) == one and leg.event not in TRANSFERS:
                flow[leg.kind] += (leg.credit - leg.debit) * (-1 if leg.kind == "expense" else 1)
        at = books.at_end(one)
        name = f"流量 {Month(*one)}"
        found[f"{name} income"], found[f"{name} expenditure"] = flow["income"], flow["expense"]
        found[f"{name} balance"] = sum(
            fen * {"asset": 1, "liability": -1}.get(books.kinds[code], 0)
            for code, fen in at.items()
        )
    found["基金 balance"], found["基金 ahead"] = end.balance, end.ahead
    found["基金 surplus"], found["基金 reserve"] = end.surplus, end.reserve
    found["基金 general"] = end.surplus - end.reserve
    sums: dict[str, int] = defaultdict(int)
    for leg in books.rows.legs:
        if (leg.book_year, leg.book_month) <= month:
            sums[leg.code] += leg.debit - leg.credit
    return found | {f"{KEPT}{code}": fen for code, fen in sums.items()}


def year_counted(books: Books, care: Care, year: int) -> Figures:
    left = care.account_left(year)
    carried = books.total(
        lambda leg: leg.code == "3001-household" and leg.year is not None and leg.year < year
    )
    found = books.law(year, left, carried)
    end = last_day((year, 12))
    if not any(leg.day > end for leg in books.rows.legs):  # the year is not over
        return {name: fen for name, fen in found.items() if "储备金" in name} | care.quotas(year)
    state = care.end((year, 12))
    raised = max(0, books.total(lambda leg: books.belongs(leg, year)
                                and leg.code[:4] in ("4001", "4101")))  # fmt: skip
    found |= {
        f"{year} 门诊账户结余": left,
        f"{year} 门诊账户上年结余": care.account_left(year - 1),
        f"{year} 门诊账户为负": len(care.below_zero(year)),
        f"{year} 当年结余": raised - state.spent,
        f"{year} 累计结余": state.surplus,
        f"{year} 当年结余率": rounded((raised - state.spent) * 10_000, raised),
        f"{year} 累计结余率": rounded(state.surplus * 10_000, raised),
    }
    return found | care.quotas(year)


def paid_by_books(rows: Rows, month: Months) -> Figures:
    found: dict[str, int] = defaultdict(int)
    for leg in rows.legs:
        is_paid = leg.event == "claim_paid" and leg.kind == "expense"
        if is_paid and (leg.day.year, leg.day.month) == month:
            found[f"待遇支付 {leg.town}"] += leg.debit - leg.credit
    return dict(found)


def closed_of(rows: Rows, year: int) -> Figures:
    """After the closing nothing stands on income and expense, and 3001 has the year's result."""
    left: dict[str, int] = defaultdict(int)
    result = moved = 0
    for leg in rows.legs:
        if leg.book_year <= year and leg.kind in ("income", "expense"):
            left[leg.code] += leg.credit - leg.debit
            if leg.event not in TRANSFERS and leg.book_year == year:
                result += leg.credit - leg.debit
        if leg.event in TRANSFERS and leg.book_year == year and leg.code == "3001":
            moved += leg.credit - leg.debit
    return {f"{year} {code}": fen for code, fen in left.items()} | {
        f"{year} 结转差额": moved - result
    }
