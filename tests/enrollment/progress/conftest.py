"""The autumn of 2025 in two townships: three households of 桥亭村, one of 石庙村."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.collection.receipts import take_payment
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.models import Enrollment, Household, Person
from enrollment.people.register import MemberEntry
from tests.enrollment.conftest import OCTOBER, books, campaign, member, resident_id, the_chens

__all__ = ["OCTOBER", "books", "campaign"]


@pytest.fixture(autouse=True)
def _in_october(settings: Any) -> None:
    settings.TODAY = OCTOBER


def the_zhous() -> list[MemberEntry]:
    """Father and mother join, the grown son is away and does not."""
    return [
        member(0, "周大勇", resident_id("19700303", 2), "0"),
        member(1, "王秀兰", resident_id("19720404", 2, male=False), "1"),
        member(2, "周小军", resident_id("19990505", 2), "2", joins=False),
    ]


@pytest.fixture
def enter(cast: SimpleNamespace, books: SimpleNamespace, village_a: Division) -> Callable[..., Any]:
    """Enter a household at the window; `paid` takes the cash."""

    def go(
        members: list[MemberEntry],
        *,
        paid: bool = True,
        clerk: Any = None,
        division: Division | None = None,
        on: date = OCTOBER,
    ) -> Household:
        clerk = clerk or cast.clerk_a
        entry = HouseholdEntry(
            division=division or village_a, members=members, tier="tier2", address="3 组 12 号"
        )
        saved = save_entry(actor=clerk, entry=entry, on=on)
        if paid:
            take_payment(
                actor=clerk, household=saved.household, received=Decimal(saved.personal), on=on
            )
        return saved.household

    return go


@pytest.fixture
def autumn(
    enter: Callable[..., Any],
    cast: SimpleNamespace,
    village_b: Division,
    register_only: Callable[..., Household],
) -> SimpleNamespace:
    """Chens paid (4 people, 450 yuan); of the Zhous two are entered and owe 240, one stays away;
    the Yangs (2) are only registered; the Luos of 石庙村 paid 120 for one of two."""
    return SimpleNamespace(
        chens=enter(the_chens()),
        zhous=enter(the_zhous(), paid=False),
        yangs=register_only(
            [
                member(0, "杨德明", resident_id("19600606", 3), "0"),
                member(1, "刘桂英", resident_id("19630707", 3, male=False), "1"),
            ]
        ),
        luos=enter(
            [
                member(0, "罗永福", resident_id("19550808", 4), "0"),
                member(1, "何素芬", resident_id("19580909", 4, male=False), "1", joins=False,
                       statuses={"dibao"}),
            ],
            clerk=cast.clerk_b,
            division=village_b,
        ),
    )  # fmt: skip


@pytest.fixture
def register_only(enter: Callable[..., Any]) -> Callable[..., Household]:
    """Registered, enrolled by mistake and withdrawn: nobody of the household has cover."""

    def go(members: list[MemberEntry], **facts: Any) -> Household:
        household: Household = enter(members, paid=False, **facts)
        rows = Enrollment.objects.filter(household=household)
        rows.update(status=Enrollment.Status.CANCELLED)
        return household

    return go


@pytest.fixture
def covered_last_year(campaign: Any, cast: SimpleNamespace) -> Callable[[Person], None]:
    """Give somebody paid-up cover for 2025, as the year before left it."""
    from enrollment.models import Campaign, Receipt, ReceiptBook

    last = Campaign.objects.create(
        area=campaign.area,
        year=2025,
        first_day=date(2024, 10, 1),
        last_day=date(2024, 11, 30),
        remit_by=date(2024, 12, 10),
    )
    book = ReceiptBook.objects.create(
        township=cast.clerk_a.division, clerk=cast.clerk_a, year=2025, code="OLD1",
        first_number=1, last_number=99, next_number=1,
    )  # fmt: skip

    def give(person: Person) -> None:
        number = Receipt.objects.filter(book=book).count() + 1
        receipt = Receipt.objects.create(
            book=book, number=number, household=person.household, campaign=last,
            division=person.household.division, channel="cash", amount=120,
            payer_name=person.name, issued_by=cast.clerk_a, issued_on=date(2024, 10, 15),
        )  # fmt: skip
        Enrollment.objects.create(
            person=person, household=person.household, division=person.household.division,
            campaign=last, year=2025, pack=cast_pack(), tier="tier2", status="active",
            premium_amount=200, personal_amount=120, central_amount=40, city_amount=30,
            county_amount=10, cover_first_day=date(2025, 1, 1), cover_last_day=date(2025, 12, 31),
            receipt=receipt, entered_by=cast.clerk_a,
        )  # fmt: skip

    def cast_pack() -> Any:
        from policies.models import Pack

        return Pack.objects.get()

    return give


def text_of(response: Any) -> str:
    """A page's text without tags and blanks at the ends of lines."""
    import re

    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
