"""Families of 龙水镇 and 万古镇 with cover for 2026, a small catalogue, and an open book."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.fields import blind_index
from accounts.models import Division, User
from claims.entries import (
    CounterEntry,
    CounterLine,
    Hospital,
    PaperEntry,
    PaperInvoice,
    PaperLine,
    VisitFacts,
)
from claims.models import Settlement
from claims.services import approve, review
from claims.services import enter as enter_claim
from enrollment.models import (
    Campaign,
    Enrollment,
    Household,
    IdentityStatus,
    Person,
    Receipt,
    ReceiptBook,
)
from funds.models import Book
from funds.services import open_book
from institutions.models import CatalogueItem, Institution
from lib.periods import Month
from lib.resident_id import check_character
from policies.models import Pack

TODAY = date(2026, 3, 20)
GRANT = {"tier1": Decimal(20), "tier2": Decimal(40)}


def resident_id(born: date, sequence: int) -> str:
    body = f"500225{born:%Y%m%d}{sequence:03d}"
    return body + check_character(body)


@dataclass
class Register:
    """Writes people straight into the register, enrolled for 2026."""

    county: Division
    clerk: User
    pack: Pack
    households: int = 0
    people: int = 0

    def __post_init__(self) -> None:
        self.campaign = Campaign.objects.create(
            area=self.county,
            year=2026,
            first_day=date(2025, 10, 1),
            last_day=date(2025, 11, 30),
            remit_by=date(2025, 12, 10),
        )

    def household(self, village: Division) -> Household:
        self.households += 1
        number = f"{village.code[:12]}{self.households:04d}"
        # The head's, as registers have it.
        account = f"62170037600{self.households:08d}"
        return Household.objects.create(number=number, division=village, bank_account=account)

    def person(
        self,
        name: str,
        household: Household,
        *,
        born: date = date(1970, 5, 1),
        tier: str = "tier2",
        residence: str = "rural",
        statuses: Sequence[str] = (),
        years: int = 1,
        credit: int = 0,
        covered: bool = True,
        sequence: int | None = None,
    ) -> Person:
        self.people += 1
        number = resident_id(born, sequence or self.people)
        person = Person.objects.create(
            household=household,
            member_number=household.members.count() + 1,
            relationship="0" if not household.members.exists() else "8",
            name=name,
            pinyin="x",
            initials="x",
            sex="1" if int(number[16]) % 2 else "2",
            birth_date=born,
            resident_id=number,
            resident_id_index=blind_index("resident_id", number),
            residence=residence,
        )
        for code in statuses:
            IdentityStatus.objects.create(
                person=person, code=code, first_day=date(2025, 1, 1), source="民政局"
            )
        if covered:
            self.cover(person, tier=tier, years=years, credit=credit)
        return person

    def cover(
        self,
        person: Person,
        *,
        tier: str = "tier2",
        years: int = 1,
        credit: int = 0,
        year: int = 2026,
        grant: Decimal | None = None,
    ) -> Enrollment:
        village = person.household.division
        town = Division.objects.get(code=village.code[:9])
        book, _ = ReceiptBook.objects.get_or_create(
            code=f"B{town.code}",
            defaults={
                "township": town,
                "clerk": self.clerk,
                "year": 2026,
                "first_number": 1,
                "last_number": 9999,
                "next_number": 1,
            },
        )
        receipt = Receipt.objects.create(
            book=book,
            number=book.receipts.count() + 1,
            household=person.household,
            division=village,
            campaign=self.campaign,
            channel="cash",
            amount=Decimal(120),
            payer_name=person.name,
            issued_by=self.clerk,
            issued_on=date(2025, 10, 20),
        )
        standard = Decimal(200 if tier == "tier2" else 100)
        return Enrollment.objects.create(
            person=person,
            household=person.household,
            division=village,
            campaign=self.campaign,
            year=year,
            pack=self.pack,
            tier=tier,
            status=Enrollment.Status.ACTIVE,
            premium_amount=standard,
            personal_amount=standard + credit,
            credit_amount=credit,
            account_amount=GRANT[tier] if grant is None else grant,
            consecutive_years=years,
            cover_first_day=date(year, 1, 1),
            cover_last_day=date(year, 12, 31),
            receipt=receipt,
            entered_by=self.clerk,
        )


@pytest.fixture
def register(county: Division, cast: SimpleNamespace, pack: Pack) -> Register:
    return Register(county, cast.clerk_a, pack)


@pytest.fixture
def wang(register: Register, village_a: Division) -> Person:
    """王建国, 55, tier 2, first year, of 桥亭村."""
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def book(county: Division, cast: SimpleNamespace) -> Book:
    return open_book(actor=cast.accountant, area=county, first_month=Month(2026, 1))


def item(county: Division, code: str, name: str, **facts: Any) -> CatalogueItem:
    defaults: dict[str, Any] = {
        "catalogue": "drug",
        "initials": "x",
        "category": "western_drug",
        "payment_class": "A",
        "unit": "盒",
        "first_day": date(2025, 1, 1),
    }
    return CatalogueItem.objects.create(area=county, code=code, name=name, **defaults | facts)


@pytest.fixture
def catalogue(county: Division) -> dict[str, CatalogueItem]:
    items = [
        item(county, "X01", "阿莫西林胶囊", initials="amxljn"),
        item(county, "X02", "头孢曲松钠注射液", initials="tbqsnzsy", payment_class="B"),
        item(county, "X09", "进口营养粉", initials="jkyyf", payment_class="C"),
        item(
            county,
            "S01",
            "CT平扫",
            initials="ctps",
            catalogue="service",
            unit="次",
            category="special_examination",
        ),
        item(
            county, "S02", "输血", initials="sx", catalogue="service", unit="单位", category="blood"
        ),
        item(county, "S03", "手术费", initials="ssf", catalogue="service", category="surgery"),
        item(
            county,
            "F01",
            "普通床位",
            initials="ptcw",
            catalogue="facility",
            category="bed",
            unit="日",
            price_limit=Decimal("30.00"),
        ),
    ]
    return {one.code: one for one in items}


def line(code: str, quantity: str, price: str, amount: str | None = None) -> CounterLine:
    money = amount or f"{Decimal(quantity) * Decimal(price):.2f}"
    return CounterLine(
        code=code, quantity=Decimal(quantity), unit_price=Decimal(price), amount=Decimal(money)
    )


def stay(
    starts: date = date(2026, 3, 1), ends: date = date(2026, 3, 9), **facts: Any
) -> VisitFacts:
    for name in ("facts", "diseases", "reasons"):
        facts[name] = frozenset(facts.get(name, ()))
    return VisitFacts(
        **{"care": "inpatient", "diagnosis": "肺炎", "diagnosis_code": "J18.9"}
        | facts
        | {"starts": starts, "ends": ends}
    )


@pytest.fixture
def counter(
    cast: SimpleNamespace, hospital: Institution, catalogue: dict[str, CatalogueItem]
) -> Callable[..., Settlement]:
    """The county hospital's clerk settles and submits."""

    def enter(person: Person, *lines: CounterLine, **given: Any) -> Settlement:
        how = {"actor": cast.hospital_clerk, "on": TODAY, "submit_now": True}
        how |= {name: given.pop(name) for name in how.keys() & given.keys()}
        facts: dict[str, Any] = {
            "institution": hospital,
            "visit": given.pop("visit", None) or stay(),
        }
        return enter_claim(CounterEntry(person=person, lines=lines, **facts | given), **how)

    return enter


CITY = Hospital(name="重庆市第一医院", level="city", place="outside")


@pytest.fixture
def paper(cast: SimpleNamespace, pack: Pack) -> Callable[..., Settlement]:
    """Clerk A keys in one invoice from the city hospital, referred there, and submits."""

    def enter(person: Person, amount: str, **given: Any) -> Settlement:
        how = {"actor": cast.clerk_a, "on": TODAY, "submit_now": True}
        how |= {name: given.pop(name) for name in how.keys() & given.keys()}
        facts: dict[str, Any] = {
            "hospital": CITY,
            "visit": stay(referral="referred"),
            "lines": [paper_line(amount)],
            "invoices": [invoice("NO1001", amount)],
        }
        return enter_claim(PaperEntry(person=person, **facts | given), **how)

    return enter


def paper_line(amount: str, bill_class: str = "in_scope", name: str = "住院费用") -> PaperLine:
    return PaperLine(name=name, category="other", bill_class=bill_class, amount=Decimal(amount))


def invoice(number: str, amount: str, issuer: str = "重庆市第一医院") -> PaperInvoice:
    return PaperInvoice(
        number=number, issuer=issuer, issued_on=date(2026, 3, 9), amount=Decimal(amount)
    )


@pytest.fixture
def agree(cast: SimpleNamespace) -> Callable[[Settlement], Settlement]:
    """Reviewed by one, approved by another."""

    def both(settlement: Settlement) -> Settlement:
        review(actor=cast.reviewer, settlement=settlement)
        return approve(actor=cast.approver, settlement=settlement)

    return both
