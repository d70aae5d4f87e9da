"""A calculation as it is shown, made a voucher and asked for again when that is entered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db.models import Q, QuerySet, Sum

from accounts.errors import Refusal
from funds.events import YEAR_END
from funds.models import ZERO, Book, Posting
from funds.named import premium_back
from funds.services.posting import EventLine
from lib.money import told
from policies.services import terms_in_force
from policies.terms import FundRules, Terms


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the calculation: what, how it comes, yuan, and the article that says so."""

    what: str
    amount: Decimal
    how: str = ""
    article: str = ""

    @classmethod
    def of(cls, told: dict[str, str]) -> Self:
        """From what `as_json` gave."""
        return cls(told["what"], Decimal(told["amount"]), told["how"], told["article"])

    def as_json(self) -> dict[str, str]:
        return {
            "what": self.what,
            "amount": str(self.amount),
            "how": self.how,
            "article": self.article,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """What an event comes to for an insurance year, by the books up to now.

    `law`: the document and articles, which stand on the voucher. `source`: what it is reckoned
    from. `stops`: why it may not be booked as it is, each with its remedy. `nothing`: why there are
    no lines.
    """

    event: str
    year: int
    law: str
    source: str
    steps: tuple[Step, ...]
    lines: tuple[EventLine, ...]
    stops: tuple[str, ...] = ()
    nothing: str = ""

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def problem(self) -> str:
        """Why no voucher can be made of it; "" when one can."""
        return "；".join(self.stops) or ("" if self.lines else self.nothing)


def rules_of(book: Book, year: int) -> tuple[Terms, FundRules]:
    """The measures of the year with their rules on the fund. Raises Refusal without such."""
    terms = terms_in_force(area_code=book.area.code, day=date(year, 12, 31))
    if terms.fund is None:
        raise Refusal(f"《{terms.title}》没有基金管理规定，无从计算")
    return terms, terms.fund


def cited(terms: Terms, *articles: str) -> str:
    """The measures with these articles; another document's article stands by itself."""
    asked = [one for one in dict.fromkeys(articles) if one]
    others = [one for one in asked if "〔" in one or "《" in one]
    own = [one for one in asked if one not in others]
    named = [f"《{terms.title}》{'、'.join(own)}"] if own else []
    return "，".join([*named, *others])


def percent(ratio: int) -> str:
    """1/10000 as people read it: 500 → 5%."""
    return f"{(Decimal(ratio) / 100).normalize():f}%"


def postings(book: Book) -> QuerySet[Posting]:
    return Posting.objects.filter(voucher__book=book).order_by()


def of_year(book: Book, year: int) -> QuerySet[Posting]:
    """Of an insurance year; what names none belongs to the year in which it was booked."""
    return postings(book).filter(_insured("", year)).exclude(voucher__event__in=YEAR_END)


def before_year(book: Book, year: int) -> QuerySet[Posting]:
    """Of earlier insurance years, in the same way."""
    return postings(book).filter(_insured("__lt", year)).exclude(voucher__event__in=YEAR_END)


def _insured(how: str, year: int) -> Q:
    """A red letter that names no year stands in that of what it takes back."""
    named, booked = Q(**{f"policy_year{how}": year}), Q(**{f"period__year{how}": year})
    taken_back = Q(**{f"voucher__reversal_of__period__year{how}": year})
    return named | Q(policy_year=None) & (Q(voucher__reversal_of=None) & booked | taken_back)


def credit_balance(rows: QuerySet[Posting]) -> Decimal:
    sums = rows.aggregate(d=Sum("debit", default=ZERO), c=Sum("credit", default=ZERO))
    found: Decimal = sums["c"] - sums["d"]
    return found


def by_code(rows: QuerySet[Posting]) -> dict[str, Decimal]:
    """Account code → its credit balance in these postings."""
    sums = rows.values_list("account__code").annotate(
        d=Sum("debit", default=ZERO), c=Sum("credit", default=ZERO)
    )
    return {code: credit - debit for code, debit, credit in sums}


def raised(book: Book, year: int) -> Decimal:
    """筹资: premiums, aid and subsidies of the year less what went back; never below zero."""
    kinds = Q(account__code__startswith="4001") | Q(account__code__startswith="4101")
    kinds |= premium_back()
    return max(ZERO, credit_balance(of_year(book, year).filter(kinds)))


def still_due(asked: Collection[EventLine], now: Working) -> str:
    """Why these lines may not be entered by what the working says now; "" when they may: each is
    at most what is due."""
    if now.stops:
        return "；".join(now.stops)
    due = {_about(line): line.amount for line in now.lines}
    for line in asked:
        left = due.get(_about(line), ZERO)
        if line.amount > left:
            return (
                f"制单以后账上有变动：现在应为 {told(left)} 元，凭证写的是 {told(line.amount)} 元；"
                "请退回后重新计算"
            )
    return ""


def _about(line: EventLine) -> tuple[Any, ...]:
    return (
        line.purpose,
        line.tier,
        line.township.pk if line.township else None,
        line.policy_year,
        line.institution_code,
        line.funding_level,
    )
