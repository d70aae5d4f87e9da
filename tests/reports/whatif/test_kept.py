"""What a year was settled from is kept for the next draft, and whatever changes is noticed."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from claims.models import BillLine
from claims.services import Cut, cut_and_review, withdraw
from enrollment.models import Enrollment, IdentityStatus, Person
from institutions.models import Level
from reports.whatif import facts, tables
from reports.whatif import run as run_module
from reports.whatif.models import KeptYear
from reports.whatif.packing import pack as packed
from reports.whatif.packing import unpack
from tests.claims.conftest import agree, line, stay  # noqa: F401
from tests.claims.test_one_person import booked, merge, undo
from tests.conftest import past_the_guards
from tests.paying import pay
from tests.reports.whatif.conftest import draft_of
from tests.reports.whatif.test_figures import money, run

CLAIMS = ("claims_visit", "claims_billline")


@pytest.fixture
def read(monkeypatch):
    """The tables that were read, as they are read."""
    sources = []
    original = tables.copy_columns

    def noted(columns, source, params):
        sources.append(source)
        return original(columns, source, params)

    monkeypatch.setattr(tables, "copy_columns", noted)
    return sources


def of_claims(read):
    found = [source for source in read if any(table in source for table in CLAIMS)]
    read.clear()
    return found


def told(county, source):
    return {name: part for name, part in run(county, source).items() if name != "seconds"}


def test_the_next_draft_reads_no_visit_and_no_line(year, county, pack, better_county, read):
    """The first reads them; the second, of other ratios, gives 385.00 more from what was kept."""
    assert told(county, pack.source)["total"]["change"] == 0
    assert of_claims(read)
    figures = told(county, better_county)
    assert money(figures["total"]) == (10900_00, 11285_00, 385_00)
    assert (figures["check"]["differing"], of_claims(read)) == (0, [])
    assert KeptYear.objects.count() == 1


def test_the_measures_in_force_are_computed_once(year, world, county, pack, better_county):
    """For the second draft the check is known; for a birth date corrected since it is not."""
    asked = []

    def counted(columns, terms):
        asked.append(terms.title)
        return decide(columns, terms)

    decide, run_module._decide = run_module._decide, counted
    try:
        first, second = told(county, pack.source), told(county, better_county)
        assert (len(asked), first["check"]) == (3, second["check"])
        _born_later(world)
        assert told(county, better_county)["check"]["differing"] == 2
        assert len(asked) == 5
    finally:
        run_module._decide = decide


def _settle(world):
    """900 - 200 at 50 %: 350.00 more."""
    world.year.counter(
        world.people.wang,
        line("X01", "9", "100.00"),
        visit=stay(date(2026, 6, 2), date(2026, 6, 4)),
        on=date(2026, 6, 4),
    )


def _withdraw(world):
    withdraw(actor=world.cast.hospital_clerk, settlement=world.year.second, reason="录错人")


def _cut(world):
    cuts = {1: Cut(approved_amount=Decimal("2700.00"), reason="超量用药")}
    cut_and_review(
        actor=world.cast.reviewer, settlement=world.year.second, cuts=cuts, on=date(2026, 4, 21)
    )


def _replace(world):
    """One withdrawn, one more settled: as many as before."""
    _withdraw(world)
    _settle(world)


def _born_later(world):
    Person.objects.filter(pk=world.people.wang.pk).update(birth_date=date(2010, 5, 1))


def _status(world):
    IdentityStatus.objects.create(
        person=world.people.wang, code="dibao", first_day=date(2026, 4, 1), source="民政局"
    )


def _credit(world):
    covers = Enrollment.objects.filter(person=world.people.li)
    past_the_guards(covers, credit_amount=50, other_amount=50)


def _cover_begins_later(world):
    covers = Enrollment.objects.filter(person=world.people.li)
    past_the_guards(covers, cover_first_day=date(2026, 3, 1))


def _merge(world):
    """王建国 was written down twice and had a claim in each record; both were kept."""
    wang = world.people.wang
    register = world.people.register
    home = register.household(wang.household.division)
    twin = register.person(wang.name, home, born=wang.birth_date)
    booked(world.cast, *Enrollment.objects.filter(person__in=[wang, twin]))
    world.year.counter(
        twin,
        line("X01", "9", "100.00"),
        visit=stay(date(2026, 6, 2), date(2026, 6, 4)),
        on=date(2026, 6, 4),
    )
    told(world.county, world.pack.source)
    return merge(world.cast, wang, twin)


def _undo(world):
    row = _merge(world)
    KeptYear.objects.all().delete()
    told(world.county, world.pack.source)
    undo(world.cast, row)


def _line_by_plain_sql(world):
    """As much again of the known visit, past every service."""
    line = BillLine.objects.filter(visit=world.year.second.visit_id).first()
    line.pk, line.line_number = None, line.line_number + 50
    line.save(force_insert=True)


CHANGES = (_settle, _withdraw, _cut, _replace, _born_later, _status, _credit,
           _cover_begins_later, _merge, _undo, _line_by_plain_sql)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed(change, year, people, cast, county, pack, world, better_county):
    """What is told after it equals what a reading from nothing tells, and is not what was told."""
    before = told(county, better_county)
    change(world)
    after = told(county, better_county)
    KeptYear.objects.all().delete()
    assert after == told(county, better_county)
    assert after != before


@pytest.fixture
def world(year, people, cast, county, pack):
    return SimpleNamespace(year=year, people=people, cast=cast, county=county, pack=pack)


def test_the_tier_of_a_claim_stays_when_its_cover_changes_tier(year, world, county, better_county):
    """A claim was settled by the tier of its day; the cover's present one is not asked."""
    before = told(county, better_county)
    covers = Enrollment.objects.filter(person=world.people.li)
    assert covers.get().tier == "tier1"
    past_the_guards(covers, tier="tier2")
    assert told(county, better_county) == before
    KeptYear.objects.all().delete()
    assert told(county, better_county) == before


def test_another_release_reads_anew(year, county, pack, read, monkeypatch):
    run(county, pack.source)
    of_claims(read)
    monkeypatch.setattr(facts, "programs", lambda *folders: "another release")
    run(county, pack.source)
    assert of_claims(read)
    assert KeptYear.objects.count() == 2


def test_a_status_that_ends_is_noticed(year, world, county, better_county):
    without = told(county, better_county)
    _status(world)
    assert told(county, better_county) != without
    IdentityStatus.objects.update(last_day=date(2026, 4, 1))  # the day before the visit
    assert told(county, better_county) == without


def test_a_payment_changes_when_it_was_paid(year, county, pack, agree, cast):  # noqa: F811
    run(county, pack.source)
    agree(year.second)
    day = date(2026, 6, 1)
    pay(actor=cast.cashier, settlements=[year.second], on=day, today=day)
    after = told(county, pack.source)
    KeptYear.objects.all().delete()
    assert after == told(county, pack.source)


def test_what_a_visit_said_of_its_hospital_stays(year, county, pack, hospital):
    """A hospital that rises was a county hospital when these claims were settled."""
    before = told(county, pack.source)
    hospital.level = Level.CITY
    hospital.save()
    assert told(county, pack.source) == before


def test_new_claims_alone_are_read(year, world, county, pack, read):
    """Five are known, one is new: its visit is asked for by its id."""
    run(county, pack.source)
    of_claims(read)
    _settle(world)
    assert run(county, pack.source)["claims"] == 6
    assert len(of_claims(read)) == 2  # one span of visits, one of lines
    run(county, pack.source)
    assert of_claims(read) == []


def test_many_new_claims_are_read_with_all_others(year, world, county, pack, monkeypatch):
    run(county, pack.source)
    monkeypatch.setattr(facts, "FEW", 0)
    _settle(world)
    assert run(county, pack.source)["claims"] == 6


def test_single_lines_of_a_claim_that_went_go_with_it():
    columns = {
        "claim": np.array([3, 5, 9]),
        "visit": np.array([30, 10, 20]),
        "approved": np.arange(6).reshape(2, 3),
        "line visit": np.array([10, 20, 20, 30]),
        "line units": np.array([1, 2, 3, 4]),
    }
    left = facts._chosen(columns, np.array([0, 2]))
    assert {name: column.tolist() for name, column in left.items()} == {
        "claim": [3, 9], "visit": [30, 20], "approved": [[0, 2], [3, 5]],
        "line visit": [20, 20, 30], "line units": [2, 3, 4],
    }  # fmt: skip


def test_other_codes_are_another_reading_and_the_oldest_goes(year, county, pack):
    for number in range(KeptYear.WAYS + 1):
        more = f"    work_injury: 工伤事故\n    kind{number}: 新类\n"
        run(county, draft_of(pack, ("    work_injury: 工伤事故\n", more)))
    assert KeptYear.objects.count() == KeptYear.WAYS
    assert KeptYear.objects.values("key").distinct().count() == KeptYear.WAYS


def test_a_year_too_large_for_one_value_is_read_every_time(year, county, pack, monkeypatch):
    monkeypatch.setattr(KeptYear, "LARGEST", 10)
    run(county, pack.source)
    assert not KeptYear.objects.exists()


def test_columns_come_back_from_bytes_as_they_went():
    edge = {
        "none": np.zeros(0, dtype=np.int64),
        "small": np.array([-128, 127]),
        "large": np.array([-(2**63), 2**63 - 1]),
        "rows": np.array([[1, 2**40], [-1, 0]]),
        "no rows": np.zeros((2, 0), dtype=np.int64),
    }
    back = unpack(memoryview(packed(edge)))
    assert list(back) == list(edge)
    for name, column in edge.items():
        assert back[name].dtype == np.int64
        assert back[name].tolist() == column.tolist()


def test_a_kept_year_is_seen_by_its_county_alone(year, county, pack, cast):
    run(county, pack.source)
    assert KeptYear.objects.visible_to(cast.supervisor).count() == 1
    assert not KeptYear.objects.visible_to(cast.hospital_clerk).exists()
