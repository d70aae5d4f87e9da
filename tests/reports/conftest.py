"""March 2026 in Dazu, small enough to be worked out by hand.

龙水镇桥亭村: 王建国 and 李秀兰. 万古镇石庙村: 张大山, 陈老伯 (五保), 赵小妹 (not enrolled).
刘老太 of 桥亭村 died in February. What happened:

* February: 李秀兰 (first tier), county hospital, 1200.00 → (1200-200) x 40 % = 400.00, paid.
* March: 王建国 (second tier), county hospital, 5000.00 with 300.00 outside the catalogue and
  800.00 of CT → 2050.00, paid. 张大山, city hospital, 20000.00 → (20000-1000) x 35 % = 6650.00,
  not paid yet.
* The books: 560.00 of premiums in October 2025, 4000.00 from the centre in January, 3000.00 from
  the city and 12.34 of interest in March.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from claims.entries import CounterEntry, PaperEntry
from claims.models import Settlement
from claims.services import approve, enter, review
from desk.jobs import run
from enrollment.models import Person
from funds.models import Book
from funds.services import EventLine, open_book, post_event
from institutions.models import Institution
from lib.periods import Month
from policies.models import Pack
from tests.claims.conftest import CITY, Register, invoice, item, line, paper_line, stay
from tests.paying import pay

MARCH = Month(2026, 3)
TODAY = date(2026, 3, 31)


def compute_report(pk: int) -> bool:
    """What a worker does. True when there was something to do."""
    return run("reports.monthlyreport", pk, TODAY)


@pytest.fixture
def book(cast: SimpleNamespace, county: Division) -> Book:
    return open_book(actor=cast.accountant, area=county, first_month=Month(2025, 10))


@pytest.fixture
def post(book: Book, cast: SimpleNamespace) -> Callable[..., Any]:
    """post("claim_paid", "2050.00", day, purpose="inpatient", …): one line."""
    count = 0

    def post_one(event: str, amount: str, on: date, **dimensions: Any) -> Any:
        nonlocal count
        count += 1
        return post_event(
            event=event,
            area=book.area,
            on=on,
            key=f"test:{count}",
            source="测试",
            actor=cast.accountant,
            lines=[EventLine(amount=Decimal(amount), **dimensions)],
        )

    return post_one


@pytest.fixture
def people(
    county: Division,
    cast: SimpleNamespace,
    pack: Pack,
    village_a: Division,
    village_b: Division,
) -> SimpleNamespace:
    register = Register(county, cast.clerk_a, pack)
    home_a, home_b = register.household(village_a), register.household(village_b)
    found = SimpleNamespace(
        register=register,
        wang=register.person("王建国", home_a),
        li=register.person("李秀兰", home_a, tier="tier1"),
        zhang=register.person("张大山", home_b),
        chen=register.person("陈老伯", home_b, born=date(1948, 2, 3), statuses=["wubao"]),
        zhao=register.person("赵小妹", home_b, covered=False),
        liu=register.person("刘老太", register.household(village_a), covered=False),
    )
    Person.objects.filter(pk=found.liu.pk).update(death_date=date(2026, 2, 10))
    return found


@pytest.fixture
def claims(
    county: Division, cast: SimpleNamespace, hospital: Institution, people: SimpleNamespace
) -> SimpleNamespace:
    """The three claims; `counter` enters further ones at the county hospital."""
    item(county, "X01", "阿莫西林胶囊")
    item(county, "X09", "进口营养粉", payment_class="C")
    item(county, "S01", "CT平扫", catalogue="service", category="special_examination")

    def counter(person: Person, *lines: Any, on: date, **facts: Any) -> Settlement:
        entry = CounterEntry(
            institution=hospital,
            person=person,
            visit=facts.pop("visit", None) or stay(date(on.year, on.month, 1), on),
            lines=lines,
            **facts,
        )
        return enter(entry, actor=cast.hospital_clerk, on=on, submit_now=True)

    february = counter(people.li, line("X01", "12", "100.00"), on=date(2026, 2, 20))
    march = counter(
        people.wang,
        line("X01", "30", "130.00"),
        line("X09", "1", "300.00"),
        line("S01", "1", "800.00"),
        visit=stay(facts={"special_approved"}),
        consent_signed=True,
        on=date(2026, 3, 20),
    )
    paper = PaperEntry(
        person=people.zhang,
        hospital=CITY,
        visit=stay(referral="referred"),
        lines=[paper_line("20000.00")],
        invoices=[invoice("NO1001", "20000.00")],
    )
    outside = enter(paper, actor=cast.clerk_b, on=date(2026, 3, 21), submit_now=True)
    return SimpleNamespace(february=february, march=march, outside=outside, counter=counter)


@pytest.fixture
def paid(cast: SimpleNamespace) -> Callable[[Settlement, date], Settlement]:
    """Reviewed, approved and paid by three people."""

    def go_all_the_way(settlement: Settlement, on: date) -> Settlement:
        review(actor=cast.reviewer, settlement=settlement)
        approve(actor=cast.approver, settlement=settlement)
        return pay(actor=cast.cashier, settlements=[settlement], on=on, today=on)[0]

    return go_all_the_way


@pytest.fixture
def spring(
    claims: SimpleNamespace,
    post: Callable[..., Any],
    paid: Callable[..., Settlement],
    town_a: Division,
    town_b: Division,
) -> SimpleNamespace:
    """The whole story up to the end of March 2026."""
    for town, amount in ((town_a, "320.00"), (town_b, "240.00")):
        post(
            "premium_collected",
            amount,
            date(2025, 10, 25),
            township=town,
            policy_year=2026,
            funding_level="personal",
        )
    post("subsidy_received", "4000.00", date(2026, 1, 15), funding_level="central")
    post("subsidy_received", "3000.00", date(2026, 3, 10), funding_level="city", policy_year=2026)
    post("interest_received", "12.34", date(2026, 3, 21), purpose="fiscal")
    paid(claims.february, date(2026, 2, 25))
    paid(claims.march, date(2026, 3, 25))
    return claims
