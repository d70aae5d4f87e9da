"""The commands: the same county twice, any day, and no county where it may not be."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import override_settings

from accounts.errors import Refusal
from accounts.models import Division, User
from demo import bookkeeping, county, loading
from demo.bookkeeping import Bookkeeping
from demo.fingerprint import fingerprint, fingerprints
from demo.foundation import measures_for
from demo.plan import Plan
from enrollment.models import Enrollment, Household, Person
from funds.models import Period, Posting
from policies.loader import load_text
from tests.conftest import past_the_guards

pytestmark = pytest.mark.django_db
AUTUMN, SUMMER = date(2026, 11, 20), date(2026, 7, 20)


class TakenBackError(Exception):
    """Ends a county that was only made to be looked at."""


def told(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def content(plan: Plan) -> tuple[str, dict[str, str], str]:
    """Fingerprint, its parts, and one ciphertext of the county; nothing stays."""
    found: tuple[str, dict[str, str], str] | None = None
    try:
        with transaction.atomic():
            county.seed(plan)
            with connection.cursor() as cursor:
                cursor.execute("SELECT min(resident_id) FROM enrollment_person")
                sealed = cursor.fetchone()[0]
            found = (fingerprint(), dict(fingerprints()), sealed)
            raise TakenBackError
    except TakenBackError:
        assert found is not None
        return found


def test_the_same_plan_makes_the_same_county_and_another_seed_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = content(Plan(500, 2026, 1, AUTUMN))
    monkeypatch.setattr(loading, "BATCH", 40)  # as a big county, which never fits one batch
    again = content(Plan(500, 2026, 1, AUTUMN))
    other = content(Plan(500, 2026, 2, AUTUMN))
    earlier = content(Plan(500, 2026, 1, SUMMER))
    assert first[:2] == again[:2]
    assert first[2] != again[2]  # sealed anew, and yet the same content
    assert first[0] != other[0]
    for part in ("people", "enrollments", "settlements", "lines", "steps", "ledger"):
        assert first[1][part] != other[1][part], part
    assert first[1]["catalogue"] == other[1]["catalogue"]
    # Later days change what has happened, not who lives there.
    assert first[1]["divisions"] == earlier[1]["divisions"]
    assert first[1]["settlements"] != earlier[1]["settlements"]


def test_the_fingerprint_sees_a_changed_fen() -> None:
    county.seed(Plan(500, 2026, 1, SUMMER))
    before = fingerprint()
    person = Person.objects.order_by("pk").first()
    assert person is not None
    person.save()  # sealed anew
    assert fingerprint() == before
    past_the_guards(Enrollment.objects.filter(person=person), consecutive_years=9)
    assert fingerprint() != before
    assert told("demo_fingerprint").strip().endswith(fingerprint())


def test_the_seed_command_prints_figures_and_the_second_time_does_nothing() -> None:
    arguments = ("seed_demo", "--persons=500", "--year=2026", "--seed=1", "--through=2026-07-20")
    first = told(*arguments, "--fingerprint")
    assert "演示县已生成：3 个乡镇" in first
    assert f"内容指纹 {fingerprint()}" in first
    assert "库中已有数据，未生成演示县" in told(*arguments, "--if-empty")
    with pytest.raises(CommandError, match="只能生成在空库中"):
        told(*arguments)
    assert Person.objects.count() == 500


@override_settings(TODAY=date(2025, 3, 2))
def test_without_a_year_the_county_is_todays() -> None:
    told("seed_demo", "--persons=500")
    assert Enrollment.objects.of_year(2025).exists()
    assert Enrollment.objects.of_year(2024).exists()
    assert not Enrollment.objects.of_year(2026).exists()


@override_settings(PRODUCTION=True)
def test_production_gets_no_demo_and_no_demo_password() -> None:
    with pytest.raises(CommandError, match="生产环境"):
        told("seed_demo", "--persons=500", "--year=2026", "--through=2026-07-20")
    with pytest.raises(CommandError, match="生产环境"):
        told("demo_guide")
    assert not User.objects.exists()


def test_a_county_that_is_there_is_left_alone(county: Division) -> None:
    with pytest.raises(CommandError, match="只能生成在空库中"):
        told("seed_demo", "--persons=500", "--year=2026", "--through=2026-07-20")
    assert list(Division.objects.all()) == [county]


def test_bad_figures_are_told_in_words() -> None:
    with pytest.raises(CommandError, match="应在 500 至 1000000 人之间"):
        told("seed_demo", "--persons=12", "--year=2026", "--through=2026-07-20")
    with pytest.raises(CommandError, match="早于 2026 年度的第一天"):
        told("seed_demo", "--persons=500", "--year=2026", "--through=2025-07-20")


def test_an_interrupted_seed_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: Any, **kwargs: Any) -> None:
        assert Household.objects.exists()
        raise Refusal("断电")

    monkeypatch.setattr(Bookkeeping, "run", stop)
    with pytest.raises(CommandError, match="断电"):
        told("seed_demo", "--persons=500", "--year=2026", "--through=2026-07-20")
    assert county.is_empty()


def test_the_measures_last_as_long_as_the_demo_needs_them() -> None:
    far = load_text(measures_for(Plan(500, 2041, 1, date(2041, 6, 1))), name="demo.yaml")
    near = load_text(measures_for(Plan(500, 2026, 1, AUTUMN)), name="demo.yaml")
    assert far.covers(date(2042, 12, 31))
    assert near.covers(date(2027, 12, 31))


@pytest.mark.parametrize(
    ("year", "through"),
    [(2026, date(2026, 1, 1)), (2026, date(2027, 5, 5)), (2044, date(2044, 2, 29))],
)
def test_any_day_in_or_after_any_year_makes_a_county(year: int, through: date) -> None:
    outcome = county.seed(Plan(500, year, 1, through))
    assert outcome.people == 500
    told("verify_books")
    # Who is asked at the counter that day is covered that day.
    assert Enrollment.objects.covering(through).count() > 400


def test_a_fund_that_runs_dry_shares_the_overspend_by_law(monkeypatch: pytest.MonkeyPatch) -> None:
    only_the_county = {"county": bookkeeping.TRANCHES["county"]}
    monkeypatch.setattr(bookkeeping, "TRANCHES", only_the_county)
    county.seed(Plan(500, 2026, 1, date(2026, 12, 31)))
    lines = Posting.objects.filter(account__code="4501-overspend")
    shares = dict(lines.order_by().values_list("funding_level").annotate(Sum("credit")))
    assert set(shares) == {"county", "institution"}
    assert shares["county"] * 6 == shares["institution"] * 4 > 0
    assert Period.objects.filter(year=2026, status=Period.Status.CLOSED).count() == 11
    told("verify_books")


def test_the_guide_of_an_empty_database_says_how_to_begin() -> None:
    assert "manage.py seed_demo" in told("demo_guide", "http://127.0.0.1:8000")


def test_the_spring_follows_the_whole_year() -> None:
    with pytest.raises(CommandError, match="请同时写 --through 2026-12-31"):
        told("seed_demo", "--persons=500", "--year=2026", "--through=2026-11-20", "--spring=3")
    assert county.is_empty()
