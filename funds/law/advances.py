"""预收以后年度保费: income of their year, all at once in its first month (补充规定, from 2026)."""

from datetime import date

from django.db.models import Sum

from accounts.models import Division
from funds.events import ADVANCES
from funds.law.working import Step, Working, postings
from funds.models import ZERO, Book
from funds.services.posting import EventLine

LAW = "《社会保险基金会计制度》补充规定"


def recognise(book: Book, year: int, on: date) -> Working:
    """What waits under 2001 for the year, in all its dimensions."""
    purposes = {account: purpose for purpose, account in ADVANCES.accounts.items()}
    rows = (
        postings(book)
        .filter(account__code__in=purposes, policy_year=year)
        .order_by("account__code", "tier", "township__code", "funding_level")
        .values_list("account__code", "tier", "township", "funding_level")
        .annotate(Sum("credit"), Sum("debit"))
    )
    waiting = [row for row in rows if row[4] > row[5]]
    towns = Division.objects.in_bulk([row[2] for row in waiting if row[2]])
    lines = tuple(
        EventLine(
            amount=credit - debit,
            purpose=purposes[code],
            tier=tier,
            township=towns.get(town),
            funding_level=level,
            policy_year=year,
        )
        for code, tier, town, level, credit, debit in waiting
    )
    steps = tuple(
        Step(f"{year}年预收{name}", sum(
            (line.amount for line in lines if line.purpose == purpose), ZERO
        ))
        for purpose, name in (("personal", "个人保费"), ("aid", "资助保费"))
    )  # fmt: skip
    return Working(
        event="advance_recognised",
        year=year,
        law=LAW,
        source=f"{year}年预收保费",
        steps=steps,
        lines=lines,
        stops=(f"{year}年还没有开始，预收保费不能转为收入",) if on.year < year else (),
        nothing=f"没有等待转为 {year} 年收入的预收保费",
    )
