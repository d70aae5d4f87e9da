"""Dazu in spring 2026, small enough to be worked out by hand: three people, five claims.

王建国 (second tier), county hospital: 5000.00 with 300.00 outside the catalogue and 800.00 of CT
→ (3900 + 400 - 200) x 50 % = 2050.00, paid in March; 3000.00 → (3000 - 200) x 50 % = 1400.00.
李秀兰 (first tier), county hospital: 1200.00 → (1200 - 200) x 40 % = 400.00, paid in February.
张大山 (second tier), city hospital: 20000.00 → (20000 - 1000) x 35 % = 6650.00; county hospital:
1000.00 → (1000 - 200) x 50 % = 400.00.
Together 30200.00, of which the fund bears 10900.00 and has paid 2450.00.
"""

from datetime import date
from types import SimpleNamespace

import pytest

from desk.jobs import run
from policies.models import Pack
from reports.whatif.models import Simulation
from reports.whatif.services import request_simulation
from tests.claims.conftest import line, stay

YEAR = 2026
TODAY = date(2026, 6, 30)
COUNTY = "{when: {level: county, age_group: adult}, ratio: 50%}"
CITY = "{when: {level: [city, province], age_group: adult}, ratio: 35%}"


def compute_simulation(pk: int) -> bool:
    """What a worker does. True when there was something to do."""
    return run("reports.simulation", pk, TODAY)


@pytest.fixture
def year(spring: SimpleNamespace, people: SimpleNamespace) -> SimpleNamespace:
    """All five claims."""
    spring.second = spring.counter(
        people.wang,
        line("X01", "30", "100.00"),
        visit=stay(date(2026, 4, 2), date(2026, 4, 9)),
        on=date(2026, 4, 9),
    )
    spring.small = spring.counter(
        people.zhang,
        line("X01", "10", "100.00"),
        visit=stay(date(2026, 5, 2), date(2026, 5, 6)),
        on=date(2026, 5, 6),
    )
    return spring


def draft_of(pack: Pack, *changes: tuple[str, str]) -> str:
    """The measures with these pieces of text exchanged, each of which stands there once."""
    source = pack.source
    for before, after in changes:
        assert before in source, before
        source = source.replace(before, after, 1)
    return source


@pytest.fixture
def better_county(pack: Pack) -> str:
    """Adults of the second tier get 55 % instead of 50 % at the county hospital."""
    return draft_of(pack, (COUNTY, COUNTY.replace("50%", "55%")))


@pytest.fixture
def worse_city(pack: Pack) -> str:
    """The same, paid for by 30 % instead of 35 % at hospitals of the city and the province."""
    return draft_of(
        pack, (COUNTY, COUNTY.replace("50%", "55%")), (CITY, CITY.replace("35%", "30%"))
    )


@pytest.fixture
def simulation(year, cast, county, worse_city) -> Simulation:
    return request_simulation(
        actor=cast.supervisor, area=county, year=YEAR, source=worse_city, name="草稿1"
    )
