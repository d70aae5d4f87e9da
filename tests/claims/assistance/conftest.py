"""王建国 of 桥亭村, 低保, with one stay that was decided: 5000 yuan, of which he bore 2600."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from claims.assistance.models import AidApplication
from claims.assistance.services import AidPayee, apply_aid, approve_aid, publish_aid
from claims.models import Settlement
from enrollment.models import IdentityStatus, Person
from funds.models import Book
from funds.services import open_book
from lib.periods import Month
from tests.claims.conftest import line

APPLIED = date(2026, 4, 1)
PUBLIC = date(2026, 4, 2)
# Seven days: the 2nd to the 8th.
AFTER = date(2026, 4, 9)


@pytest.fixture
def aid_book(county: Division, cast: SimpleNamespace, book: Book) -> Book:
    """The county keeps a book of medical assistance beside the insurance."""
    return open_book(
        actor=cast.accountant,
        area=county,
        first_month=Month(2026, 1),
        fund_type=Book.FundType.ASSISTANCE,
    )


def lists(person: Person, code: str = "dibao", first: date = date(2026, 1, 1)) -> IdentityStatus:
    return IdentityStatus.objects.create(person=person, code=code, first_day=first, source="民政局")


@pytest.fixture
def stay_of(
    counter: Callable[..., Settlement], agree: Callable[[Settlement], Settlement]
) -> Callable[..., Settlement]:
    """A decided stay of so many yuan within the scope, at the county hospital."""

    def enter(person: Person, amount: str = "5000.00", **given: Any) -> Settlement:
        return agree(counter(person, line("S03", "1", amount), **given))

    return enter


OWN = AidPayee(name="王建国", account="6222020011112222333", bank="农商行龙水支行")


@pytest.fixture
def apply(cast: SimpleNamespace) -> Callable[..., AidApplication]:
    def made(person: Person, kind: str = "inpatient_aid", **given: Any) -> AidApplication:
        how: dict[str, Any] = {
            "actor": cast.clerk_a,
            "year": 2026,
            "facts": "妻子残疾，家中无劳力",
            "payee": AidPayee(name=person.name, account=OWN.account, bank=OWN.bank),
            "on": APPLIED,
        }
        return apply_aid(person=person, kind=kind, **how | given)

    return made


@pytest.fixture
def decided(
    cast: SimpleNamespace, apply: Callable[..., AidApplication], aid_book: Book
) -> Callable[..., AidApplication]:
    """Applied for, made public and approved."""

    def made(person: Person, kind: str = "inpatient_aid", **given: Any) -> AidApplication:
        row = apply(person, kind, **given)
        publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
        return approve_aid(actor=cast.approver, application=row, on=AFTER)

    return made
