"""Reserves, the year's surplus, and premiums received ahead of their year.

All three look at an insurance year by the `policy_year` of postings, not at a calendar year: on
cash basis the premiums of 2026 arrive in autumn 2025, and they are not 2025's surplus.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.locks import lock_name
from funds.events import ADVANCES, RESERVES
from funds.models import ZERO, Account, Book, Posting, Voucher
from funds.services.posting import EventLine, post_event
from lib.money import to_fen, to_yuan, told
from policies.fund_rules import reserve_extraction, split_surplus
from policies.services import terms_in_force
from policies.terms import Terms


@transaction.atomic
def draw_reserve(*, actor: User | None, book: Book, year: int, on: date) -> Voucher:
    """Set aside what the measures ask of the insurance year's income so far, less what was drawn.

    Income is what was raised (筹资: premiums, aid and subsidies of that year); a reserve with a
    stop is compared with that same total. Each reserve rounds to the fen. Raises Refusal when
    nothing is due or no measures are in force.
    """
    terms = _terms(book, year)
    lock_name(book.area.code, f"funds.reserve:{book.pk}")
    of_year = _postings(book).filter(policy_year=year)
    raised = to_fen(
        _credit_balance(
            of_year.filter(
                Q(account__code__startswith="4001") | Q(account__code__startswith="4101")
            )
        )
    )
    draws = of_year.filter(voucher__event="reserve_drawn")
    drawn: dict[str, int] = {}
    balances: dict[str, int] = {}
    for code, account in RESERVES.accounts.items():
        drawn[code] = to_fen(_credit_balance(draws.filter(account__code=account)))
        total = _credit_balance(_postings(book).filter(account__code=account))
        balances[code] = to_fen(total) - drawn[code]
    wanted = reserve_extraction(
        terms, income=max(raised, 0), balances=balances, fund_total=max(raised, 0)
    )
    due = {code: amount - drawn.get(code, 0) for code, amount in wanted.items()}
    lines = [
        EventLine(amount=to_yuan(amount), purpose=code, policy_year=year)
        for code, amount in due.items()
        if amount > 0
    ]
    if not lines:
        raise Refusal(f"{year}年度没有应提取的风险基金：已按筹资 {told(to_yuan(raised))} 元提足")
    before = Voucher.objects.filter(book=book, key__startswith=f"reserve:{year}:").count()
    key, source = f"reserve:{year}:{before + 1}", f"{year}年度筹资 {told(to_yuan(raised))} 元"
    return _post(book, "reserve_drawn", lines, key=key, source=source, actor=actor, on=on)


@transaction.atomic
def carry_surplus(
    *, actor: User | None, book: Book, year: int, on: date, household_balances: Decimal
) -> Voucher:
    """Move the part of a finished year's pool surplus that the measures give to the risk fund.

    The surplus is the year's income less its benefits and the reserves drawn, and less
    `household_balances` (yuan), which the families keep for the next year. The rest stays in 3001
    for the next year's pool. Once a year; raises Refusal when there is no surplus.
    """
    if on < date(year, 12, 31):
        raise Refusal(f"{year}年度还没有结束，不能分配结余", "on")
    if household_balances < 0:
        raise Refusal("门诊账户结余不能为负", "household_balances")
    terms = _terms(book, year)
    of_year = _postings(book).filter(policy_year=year)
    result = _credit_balance(
        of_year.filter(account__kind__in=[Account.Kind.INCOME, Account.Kind.EXPENSE])
    )
    reserved = of_year.filter(voucher__event__in=["reserve_drawn", "reserve_used"])
    set_aside = _credit_balance(reserved.filter(account__code__startswith="3101"))
    surplus = result - set_aside - household_balances
    if surplus <= 0:
        raise Refusal(
            f"{year}年度没有可分配的结余：收支相抵 {told(result)} 元，"
            f"提取风险基金 {told(set_aside)} 元，"
            f"门诊账户结余 {told(household_balances)} 元"
        )
    shares = split_surplus(terms, surplus=to_fen(surplus))
    lines = [
        EventLine(amount=to_yuan(amount), purpose=receiver, policy_year=year)
        for receiver, amount in shares.items()
        if receiver in RESERVES.accounts and amount
    ]
    if not lines:
        raise Refusal("办法没有规定结余转入风险基金的比例，无须登记")
    key, source = f"surplus:{year}", f"{year}年度统筹结余 {told(surplus)} 元"
    return _post(book, "surplus_reserved", lines, key=key, source=source, actor=actor, on=on)


@transaction.atomic
def recognise_advances(*, actor: User | None, book: Book, year: int, on: date) -> Voucher:
    """Turn premiums that waited for their year (2001) into that year's income, all at once.

    Only for books that defer them. Raises Refusal before the year begins or when none wait.
    """
    if on.year < year:
        raise Refusal(f"{year}年还没有开始，预收保费不能转为收入", "on")
    purposes = {account: purpose for purpose, account in ADVANCES.accounts.items()}
    rows = (
        _postings(book)
        .filter(account__code__in=purposes, policy_year=year)
        .order_by("account__code", "tier", "township__code", "funding_level")
        .values_list("account__code", "tier", "township", "funding_level")
        .annotate(Sum("credit"), Sum("debit"))
    )
    waiting = [row for row in rows if row[4] > row[5]]
    towns = Division.objects.in_bulk([row[2] for row in waiting if row[2]])
    lines = [
        EventLine(
            amount=credit - debit,
            purpose=purposes[code],
            tier=tier,
            township=towns.get(town),
            funding_level=level,
            policy_year=year,
        )
        for code, tier, town, level, credit, debit in waiting
    ]
    if not lines:
        raise Refusal(f"没有等待转为 {year} 年收入的预收保费")
    key, source = f"advance:{year}", f"{year}年预收保费"
    return _post(book, "advance_recognised", lines, key=key, source=source, actor=actor, on=on)


def _terms(book: Book, year: int) -> Terms:
    terms = terms_in_force(area_code=book.area.code, day=date(year, 12, 31))
    if terms.fund is None:
        raise Refusal(f"《{terms.title}》没有基金管理规定，无法计算风险基金")
    return terms


def _post(
    book: Book,
    event: str,
    lines: Sequence[EventLine],
    *,
    key: str,
    source: str,
    actor: User | None,
    on: date,
) -> Voucher:
    """Into this book, where others of the area have the same accounts."""
    return post_event(
        event=event,
        area=book.area,
        on=on,
        key=key,
        source=source,
        actor=actor,
        lines=lines,
        fund_type=book.fund_type,
    )


def _postings(book: Book) -> QuerySet[Posting]:
    return Posting.objects.filter(voucher__book=book)


def _credit_balance(postings: QuerySet[Posting]) -> Decimal:
    sums = postings.order_by().aggregate(d=Sum("debit"), c=Sum("credit"))
    return (sums["c"] or ZERO) - (sums["d"] or ZERO)
