"""The county hospital registers, bills, discharges and settles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from claims.entries import Charges, CounterLine, Registration, VisitFacts
from claims.models import Settlement, Visit
from claims.visits import services
from claims.visits.models import BillBatch
from enrollment.models import Person
from institutions.models import CatalogueItem, Institution
from tests.claims.conftest import TODAY, line, stay


def yuan(text: str) -> Decimal:
    return Decimal(text)


def in_bed(starts: date = date(2026, 3, 1), **facts: Any) -> VisitFacts:
    """A stay of which the end is not known yet."""
    return replace(stay(starts, starts, **facts), ends=None)


def charged(
    code: str, quantity: str, price: str, day: int | None = None, number: str = ""
) -> CounterLine:
    """A line charged on that day of March."""
    on = None if day is None else date(2026, 3, day)
    return replace(line(code, quantity, price), charged_on=on, number=number)


@dataclass
class Ward:
    """What the hospital's clerk does, each with the rest of its arguments filled in."""

    clerk: User
    institution: Institution
    on: date = TODAY

    def admit(self, person: Person, facts: VisitFacts | None = None, **given: Any) -> Visit:
        return services.register_visit(
            Registration(
                institution=self.institution, person=person, visit=facts or in_bed(), **given
            ),
            actor=self.clerk,
            on=self.on,
        )

    def bill(self, visit: Visit, *lines: CounterLine, number: str = "") -> BillBatch:
        entry = Charges(lines=lines, number=number)
        return services.add_lines(entry, actor=self.clerk, visit=visit, on=self.on)

    def withdraw(self, batch: BillBatch, reason: str = "录错") -> BillBatch:
        return services.withdraw_batch(actor=self.clerk, batch=batch, reason=reason)

    def leave(self, visit: Visit, day: int = 9, **facts: Any) -> Visit:
        visit.refresh_from_db()
        known = replace(services.facts_of(visit), ends=date(2026, 3, day), **facts)
        return services.discharge(actor=self.clerk, visit=visit, facts=known, on=self.on)

    def settle(self, visit: Visit, **given: Any) -> Settlement:
        return services.settle(actor=self.clerk, visit=visit, on=self.on, **given)

    def part(self, visit: Visit, day: int) -> Settlement:
        to = date(2026, 3, day)
        return services.settle_interim(actor=self.clerk, visit=visit, to=to, on=self.on)


@pytest.fixture
def ward(cast: Any, hospital: Institution, catalogue: dict[str, CatalogueItem]) -> Ward:
    return Ward(cast.hospital_clerk, hospital)


Admit = Callable[..., Visit]
