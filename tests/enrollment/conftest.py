"""The autumn of 2025 in 龙水镇: a campaign, receipt books, the Chens and their neighbours."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.collection.books import issue_book
from enrollment.collection.receipts import take_payment
from enrollment.cover.campaigns import open_campaign
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.models import Campaign, Enrollment, Household, Person, Receipt, ReceiptBook
from enrollment.people.register import (
    MemberEntry,
    add_person,
    insert_people,
    read_members,
    register_household,
)
from funds.services import open_book
from lib.periods import Month
from lib.resident_id import check_character
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.conftest import PACKS
from tests.enrollment.statuses import listed
from tests.paying import provide

OCTOBER = date(2025, 10, 15)
MARCH = date(2026, 3, 10)


def resident_id(born: str, sequence: int = 1, *, male: bool = True) -> str:
    """A valid number for somebody born on `born` (YYYYMMDD)."""
    body = f"500225{born}{2 * sequence + (1 if male else 0):03d}"
    return body + check_character(body)


def member(position: int, name: str, number: str, relationship: str, **facts: Any) -> MemberEntry:
    """A row of the form. `statuses`: what the departments' lists say of the number already."""
    if statuses := facts.pop("statuses", ()):
        listed(name, number, statuses)
    return MemberEntry(
        position=position, name=name, resident_id=number, relationship=relationship, **facts
    )


def the_chens() -> list[MemberEntry]:
    """Grandmother on 五保, father on 低保, mother ordinary, son at school."""
    return [
        member(0, "陈国强", resident_id("19780512"), "0", statuses={"dibao"}),
        member(1, "李桂芳", resident_id("19800103", male=False), "1"),
        member(2, "陈小明", resident_id("20120901"), "2", statuses={"student"}),
        member(3, "张素珍", resident_id("19500220", male=False), "5", statuses={"wubao"}),
    ]


@pytest.fixture
def campaign(pack: Pack, county: Division, cast: SimpleNamespace) -> Campaign:
    """Cover for 2026, collected from 1 October to 30 November 2025."""
    open_book(actor=cast.accountant, area=county, first_month=Month(2025, 1))
    return open_campaign(actor=cast.accountant, area=county, year=2026)


@pytest.fixture
def provided(campaign: Campaign, county: Division) -> None:
    """The expenditure account has what refunds are paid from."""
    provide(county)


@pytest.fixture
def books(campaign: Campaign, cast: SimpleNamespace) -> SimpleNamespace:
    def issue(clerk: Any, code: str, last: int = 100) -> Any:
        return issue_book(
            actor=cast.accountant,
            clerk=clerk,
            year=2026,
            code=code,
            first_number=1,
            last_number=last,
        )

    return SimpleNamespace(
        a=issue(cast.clerk_a, "LS01"),
        a2=issue(cast.clerk_a2, "LS02"),
        b=issue(cast.clerk_b, "WG01"),
    )


@pytest.fixture
def entry_of(village_a: Division) -> Callable[..., HouseholdEntry]:
    """A new household of `village_a` on the second tier, unless told otherwise."""

    def build(members: list[MemberEntry], **facts: Any) -> HouseholdEntry:
        facts = {"division": village_a, "tier": "tier2", "address": "桥亭村 3 组 12 号"} | facts
        return HouseholdEntry(members=members, **facts)

    return build


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


@pytest.fixture
def register(cast: SimpleNamespace) -> Any:
    """Put a household with (name, birth, relationship) into a village."""

    def put(village: Division, *family: tuple[str, str, str]) -> Household:
        household = register_household(actor=cast.clerk_a, division=village, on=MARCH)
        for name, born, relationship in family:
            male = relationship in {"0", "2"}
            number = resident_id(born, int(born[-2:]), male=male)
            entry = MemberEntry(
                position=0, name=name, resident_id=number, relationship=relationship
            )
            add_person(actor=cast.clerk_a, household=household, entry=entry, on=MARCH)
        return household

    return put


@pytest.fixture
def zhaos(register: Any, village_b: Division) -> Household:
    return register(village_b, ("赵文斌", "19790707", "0"), ("赵志远", "20010311", "2"))


RESIDENT = (PACKS / "resident-2025.yaml").read_text(encoding="utf-8")


@pytest.fixture
def season(cast, county):
    """The county under the measures of 2025, with a receipt book in hand."""
    source = RESIDENT.replace('code: "360199"', f'code: "{county.code}"')
    pack = propose_pack(actor=cast.supervisor, area=county, source=source)
    pack = adopt_pack(actor=cast.approver, pack=pack, approval="府发〔2026〕1号")
    open_book(actor=cast.accountant, area=county, first_month=Month(2025, 1))
    campaign = open_campaign(actor=cast.accountant, area=county, year=2026)
    issue_book(
        actor=cast.accountant, clerk=cast.clerk_a, year=2026, code="LS01", first_number=1,
        last_number=50,
    )  # fmt: skip
    return campaign, pack


@pytest.fixture
def zhous(cast, season, village_a):
    """周大勇 was covered in 2022 and 2023, his wife 王秀兰 in 2025; both paid 400 yuan a year."""
    members = [
        member(0, "周大勇", resident_id("19700303"), "0"),
        member(1, "王秀兰", resident_id("19720404", male=False), "1"),
    ]
    household = register_household(actor=cast.clerk_a, division=village_a, on=date(2021, 10, 9))
    zhou, wang = insert_people(
        household=household,
        entries=members,
        identities=read_members(members, on=OCTOBER),
        first_number=1,
        actor=cast.clerk_a,
    )
    for person, year in ((zhou, 2022), (zhou, 2023), (wang, 2025)):
        _cover_of(person, year, season=season, clerk=cast.clerk_a)
    return household, zhou, wang


@pytest.fixture
def in_october(settings: Any) -> None:
    """The portal believes that the campaign runs."""
    settings.TODAY = OCTOBER


def _cover_of(person, year, *, season, clerk):
    campaign, pack = season
    first = {"first_day": date(year - 1, 9, 15), "last_day": date(year, 2, 28)}
    past, _ = Campaign.objects.get_or_create(
        area=campaign.area, year=year, defaults=first | {"remit_by": date(year, 3, 10)}
    )
    book = ReceiptBook.objects.create(
        township=clerk.division, clerk=clerk, year=year, code=f"OLD{year}", first_number=1,
        last_number=9, next_number=2,
    )  # fmt: skip
    household = person.household
    receipt = Receipt.objects.create(
        book=book, number=1, household=household, division=household.division, campaign=past,
        channel="cash", amount=400, payer_name=person.name, issued_by=clerk,
        issued_on=date(year - 1, 10, 15),
    )  # fmt: skip
    row = Enrollment.objects.create(
        person=person, household=household, division=household.division, campaign=past, year=year,
        pack=pack, status="active", premium_amount=1100, personal_amount=400, central_amount=420,
        provincial_amount=140, county_amount=140, cover_first_day=date(year, 1, 1),
        cover_last_day=date(year, 12, 31), receipt=receipt, entered_by=clerk,
    )  # fmt: skip
    entered = datetime(year - 1, 10, 15, tzinfo=UTC)
    Enrollment.objects.filter(pk=row.pk).update(entered_at=entered)
