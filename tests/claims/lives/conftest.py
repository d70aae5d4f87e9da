"""One person, the measures of the life that is told, and the doors that its bills come in by."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import Division
from accounts.roles import Role
from claims.models import Settlement
from claims.visits import services
from enrollment.models import Person
from institutions.models import Institution
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import Register, invoice, line, paper_line, stay
from tests.claims.lives.table import Life, source_of
from tests.claims.recovery.conftest import ask, paid, reviewer2, take
from tests.claims.visits.conftest import Ward
from tests.conftest import make_user

__all__ = ["ask", "paid", "reviewer2", "take"]

Enter = Callable[[int], Settlement]


@pytest.fixture
def measures(life: Life) -> str:
    return source_of(life.measures)


@pytest.fixture
def pack(measures: str, cast: Any, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=measures)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture
def person(life: Life, register: Register, village_a: Division) -> Person:
    return register.person("王建国", register.household(village_a), **life.who)


@pytest.fixture
def place(
    life: Life, cast: Any, hospital: Institution, township_hospital: Institution
) -> tuple[Institution, Any]:
    """The hospital and its clerk."""
    if life.level == "county":
        return hospital, cast.hospital_clerk
    code = township_hospital.code
    return township_hospital, make_user(
        "town_clerk", "邱玉兰", Role.INSTITUTION_CLERK, institution_code=code
    )


@pytest.fixture
def enter(
    life: Life,
    person: Person,
    place: tuple[Institution, Any],
    counter: Callable[..., Settlement],
    paper: Callable[..., Settlement],
) -> Enter:
    """Hand in one of the two bills by the door of the life."""
    institution, clerk = place

    def at_the_counter(facts: Any, yuan: str, number: int) -> Settlement:
        how = {"actor": clerk, "institution": institution, "on": life.on}
        return counter(person, line("S03", "1", yuan), visit=facts, **how)

    def on_paper(facts: Any, yuan: str, number: int) -> Settlement:
        given = {"lines": [paper_line(yuan)], "invoices": [invoice(f"NO100{number}", yuan)]}
        return paper(person, yuan, visit=facts, on=life.on, **given)

    def in_the_ward(facts: Any, yuan: str, number: int) -> Settlement:
        ward = Ward(clerk, institution, life.on)
        visit = ward.admit(person, replace(facts, ends=None))
        ward.bill(visit, line("S03", "1", yuan))
        if visit.bed:
            visit.refresh_from_db()
            known = replace(services.facts_of(visit), ends=facts.ends)
            services.discharge(actor=clerk, visit=visit, facts=known, on=life.on)
        return ward.settle(visit)

    doors: Mapping[str, Callable[[Any, str, int], Settlement]] = {
        "counter": at_the_counter,
        "paper": on_paper,
        "ward": in_the_ward,
    }

    def handed_in(number: int) -> Settlement:
        facts = stay(*life.days[number], **life.visits[number])
        return doors[life.door](facts, life.bills[number], number)

    return handed_in
