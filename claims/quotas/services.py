"""Sharing the year's fund out over the townships: one proposes, another decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Value
from django.db.models.functions import Substr

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.fund_law import household_accounts
from claims.quotas.models import Allotment, TownshipQuota
from claims.quotas.workflow import ALLOTMENTS
from desk.changes import all_or_nothing
from desk.decisions import Asked
from enrollment.models import Enrollment
from funds.balances import book_of
from funds.law.reserves import asked_of_year
from funds.law.working import cited, raised, rules_of
from lib.money import to_fen, to_yuan
from policies.fund_rules import quota_split

TOWNSHIP_CODE = 9  # digits (lib/divisions.py)


@dataclass(frozen=True, slots=True)
class Pool:
    """What may be shared out of a year's fund, in yuan, and the insured of each township."""

    raised: Decimal
    reserved: Decimal
    accounts: Decimal
    insured: Mapping[str, int]
    law: str

    @property
    def total(self) -> Decimal:
        return self.raised - self.reserved - self.accounts

    def columns(self) -> dict[str, Any]:
        """As an allotment keeps it."""
        return {
            "raised": self.raised,
            "reserved": self.reserved,
            "accounts": self.accounts,
            "pool": self.total,
            "law": self.law,
        }

    def quotas(self) -> dict[str, Decimal]:
        """By head count, to the fen; empty where there is nothing to share out."""
        if self.total <= 0 or not sum(self.insured.values()):
            return {}
        shares = quota_split(total=to_fen(self.total), members=self.insured)
        return {code: to_yuan(fen) for code, fen in shares.items()}


def pool_of(area: Division, year: int, on: date) -> Pool:
    """By books and covers as they are: insured is whose cover of the year has begun by the day.
    Raises Refusal where the measures share nothing out."""
    book = book_of(area)
    terms, rules = rules_of(book, year)
    if not rules.quota_article:
        raise Refusal(f"《{terms.title}》没有规定按参保人数分配街镇额度")
    return Pool(
        raised=raised(book, year),
        reserved=asked_of_year(book, year, on),
        accounts=household_accounts(area, year).granted,
        insured=insured(area, year, on),
        law=cited(terms, rules.quota_article),
    )


def insured(area: Division, year: int, on: date) -> dict[str, int]:
    """Township code → people with cover of the year that has begun by the day."""
    covers = Enrollment.objects.active().of_year(year)
    covers = covers.filter(division__code__startswith=area.code, cover_first_day__lte=on)
    town = Substr("division__code", Value(1), Value(TOWNSHIP_CODE))
    rows = covers.order_by().values_list(town).annotate(Count("person", distinct=True))
    return dict(sorted(rows))


@all_or_nothing()
def propose_allotment(
    *, actor: User, area: Division, year: int, on: date, evidence: str, reason: str
) -> Allotment:
    """Share out what is there now; what was shared out before holds until somebody has agreed."""
    if not actor.may("claims.propose_allotment"):
        raise Refusal("街镇额度由会计提出分配")
    pool = pool_of(area, year, on)
    quotas = pool.quotas()
    if not quotas:
        raise Refusal(f"{year}年度还没有可分配的统筹基金或参保人，不能分配额度")
    row = ALLOTMENTS.propose(
        Asked(actor, on, evidence, reason, "文号或会议纪要"),
        area=area,
        year=year,
        counted_on=on,
        **pool.columns(),
    )
    towns = {one.code: one for one in Division.objects.filter(code__in=quotas)}
    TownshipQuota.objects.bulk_create(
        TownshipQuota(
            allotment=row, township=towns[code], insured=pool.insured[code], amount=amount
        )
        for code, amount in quotas.items()
    )
    return row
