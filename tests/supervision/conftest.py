"""Claims as an import from another system leaves them: rows, without the counter's own checks."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from claims.models import Settlement, Visit
from claims.services.drawn import recount
from enrollment.models import Enrollment, Person
from institutions.models import Institution
from policies.models import Pack
from tests.claims.conftest import Register

numbers = count(1)


@pytest.fixture(autouse=True)
def told_to_the_covers(db: None, county: Division) -> Iterator[None]:
    """What was written past the services is told to the covers before the commit asks for it."""
    yield
    recount(county.code)


@pytest.fixture
def register(county: Division, cast: SimpleNamespace, pack: Pack) -> Register:
    return Register(county, cast.clerk_a, pack)


@pytest.fixture
def wang(register: Register, village_a: Division) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def neighbours(register: Register, village_a: Division) -> list[Person]:
    """Three households of 桥亭村."""
    names = ("刘大娘", "张建国", "何秀兰")
    return [register.person(name, register.household(village_a)) for name in names]


@pytest.fixture
def settled(cast: SimpleNamespace, hospital: Institution) -> Callable[..., Settlement]:
    """settled(person, 1, 9): a submitted stay of 1 to 9 March 2026, 5000.00, 2400.00 paid."""

    def enter(person: Person, starts: int, ends: int, **facts: Any) -> Settlement:
        by = facts.pop("by", cast.hospital_clerk)
        cover = Enrollment.objects.get(person=person, year=2026)
        institution = facts.pop("institution", hospital)
        care = facts.pop("care", "inpatient")
        visit = Visit.objects.create(
            person=person,
            household=person.household,
            enrollment=cover,
            division=cover.division,
            institution=institution,
            institution_name=institution.name,
            level=institution.level,
            place="local",
            source=facts.pop("source", "counter"),
            care=care,
            bed=care in {"inpatient", "delivery"},
            counts_as_stay=care == "inpatient",
            starts=date(2026, 3, starts),
            ends=date(2026, 3, ends),
            diagnosis_code=facts.pop("diagnosis", "J18.9"),
            diagnosis="肺炎",
            entered_by=by,
        )
        off = Decimal(facts.pop("off_catalogue", 0))
        total = Decimal("5000.00")
        fund = Decimal("2400.00")
        status = facts.pop("status", Settlement.Status.SUBMITTED)
        settlement = Settlement.objects.create(
            visit=visit,
            number=f"T{next(numbers):06d}",
            division=cover.division,
            policy_year=2026,
            pack=cover.pack,
            tier=cover.tier,
            status=status,
            pay_to="institution",
            total_amount=total,
            full_self_pay_amount=off,
            over_limit_amount=0,
            first_self_pay_amount=0,
            in_scope_amount=total - off,
            deductible_amount=Decimal("200.00"),
            ratio=5000,
            fund_amount=fund,
            personal_amount=total - fund,
            cash_amount=total - fund,
            entered_by=by,
            settled_on=date(2026, 3, ends),
            **facts,
        )
        settlement.funds.create(layer="basic", fund_pay_type="390100", book="resident", amount=fund)
        return settlement

    return enter


@pytest.fixture
def paid(cast: SimpleNamespace) -> Callable[[Settlement, date], Settlement]:
    """Walked through review, approval and payment in the database's own terms, without books."""

    def go(settlement: Settlement, on: date) -> Settlement:
        for changes in (
            {"status": "reviewed", "reviewed_by": cast.reviewer},
            {"status": "approved", "approved_by": cast.approver},
            {"status": "paid", "paid_by": cast.cashier, "paid_on": on},
        ):
            Settlement.objects.filter(pk=settlement.pk).update(**changes)
        settlement.refresh_from_db()
        return settlement

    return go
