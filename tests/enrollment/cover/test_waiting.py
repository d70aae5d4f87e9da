"""等待期 after missed years, by 国办发〔2024〕38号: three months and one for each missed year.

Months run from the day of enrolling. 周大勇 was last covered in 2023: two years missed for 2026, so
3 + 2 months from 15 October 2025 are 15 March 2026.
"""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment
from enrollment.cover.covering import CoverDays, CoverHistory, cover_days
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.cover.premiums import Payer
from enrollment.models import Enrollment
from policies.loader import load_text
from tests.enrollment.conftest import OCTOBER, RESIDENT, member, text_of

pytestmark = pytest.mark.django_db
WHOLE_YEAR = CoverDays(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
def terms():
    return load_text(RESIDENT, name="resident-2025.yaml")


def days(terms, *, on, gap=None, repaired=0, in_window=True, statuses=()):
    return cover_days(
        Payer(birth_date=date(1970, 3, 3), sex="male", statuses=frozenset(statuses)),
        terms,
        year=2026,
        on=on,
        history=CoverHistory(gap_years=gap, repaired_years=repaired),
        name="周大勇",
        in_window=in_window,
    )


@pytest.mark.parametrize(
    ("facts", "first_day"),
    [
        ({"on": OCTOBER, "gap": 1}, date(2026, 2, 15)),  # 3 + 1 months
        ({"on": OCTOBER, "gap": 2}, date(2026, 3, 15)),  # 3 + 2
        ({"on": OCTOBER, "gap": 2, "repaired": 1}, date(2026, 2, 15)),  # one year paid afterwards
        ({"on": date(2026, 2, 10), "gap": 2}, date(2026, 7, 10)),  # 3 + 2
        ({"on": date(2026, 5, 10), "gap": 0, "in_window": False}, date(2026, 8, 10)),  # only late
        ({"on": date(2026, 5, 10), "gap": 3, "in_window": False}, date(2026, 11, 10)),  # 3 + 3
    ],
)
def test_months_of_waiting(terms, facts, first_day):
    found = days(terms, **facts)
    assert (found.first_day, found.last_day) == (first_day, date(2026, 12, 31))
    assert found.sentence.endswith(f"待遇自 {first_day} 起（国办发〔2024〕38号）")


def test_newcomers_and_the_unbroken_have_the_whole_year(terms):
    assert days(terms, on=OCTOBER) == WHOLE_YEAR  # never insured
    assert days(terms, on=OCTOBER, gap=0) == WHOLE_YEAR
    assert days(terms, on=OCTOBER, gap=3, statuses={"veteran"}) == WHOLE_YEAR  # does not wait
    assert WHOLE_YEAR.sentence == ""


def test_waiting_that_outlasts_the_year_is_refused_before_it_is_paid(terms):
    late = {"on": date(2026, 8, 10), "gap": 3, "in_window": False}
    with pytest.raises(Refusal, match="周大勇中断参保 3 年，等待期到 2027-02-10 才结束"):
        days(terms, **late)
    assert days(terms, **late, statuses={"veteran"}).first_day == date(2026, 8, 10)


# -- at the window ---------------------------------------------------------------------------------


def _form(zhou, wang, **more):
    people = {
        f"members-{i}-{name}": value
        for i, (person, relationship) in enumerate(((zhou, "0"), (wang, "1")))
        for name, value in (
            ("person_id", person.pk), ("name", person.name), ("relationship", relationship),
            ("residence", "rural"), ("joins", "on"),
        )
    }  # fmt: skip
    form = {"members-TOTAL_FORMS": "4", "members-INITIAL_FORMS": "2"}
    return people | form | {"address": "桥亭村 3 组 12 号"} | more


def test_the_quote_tells_from_when_before_anything_is_saved(cast, zhous, as_user, settings):
    """On 15 October 周大勇 waits till 15 March, 王秀兰 is covered from New Year; 400 yuan each."""
    household, zhou, wang = zhous
    settings.TODAY = OCTOBER
    page = as_user(cast.clerk_a).post(
        f"/enrollment/households/{household.pk}/renew",
        _form(zhou, wang),
        headers={"HX-Request": "true"},
    )
    said = text_of(page)
    assert said.count("断保 2 年，待遇自 2026-03-15 起（国办发〔2024〕38号）") == 1
    assert "断保" not in said.partition("王秀兰")[2]
    assert "800.00" in said
    assert not Enrollment.objects.filter(year=2026).exists()


def test_what_was_quoted_is_what_is_saved_paid_and_printed(cast, zhous, as_user, settings):
    household, zhou, wang = zhous
    settings.TODAY = OCTOBER
    entry = HouseholdEntry(
        division=household.division, household=household, tier="",
        members=[
            member(0, "周大勇", "", "0", person_id=zhou.pk),
            member(1, "王秀兰", "", "1", person_id=wang.pk),
        ],
    )  # fmt: skip
    saved = save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    assert [(row.person.name, row.cover_first_day) for row in saved.enrollments] == [
        ("周大勇", date(2026, 3, 15)),
        ("王秀兰", date(2026, 1, 1)),
    ]
    clerk = as_user(cast.clerk_a)
    due = text_of(clerk.get(f"/enrollment/households/{household.pk}/payment"))
    assert "2026-03-15" in due
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=household, received=Decimal(800), on=OCTOBER
    )
    paper = text_of(clerk.get(f"/enrollment/receipts/{receipt.pk}"))
    assert "享受待遇：周大勇 2026-03-15 至 2026-12-31；王秀兰 2026-01-01 至 2026-12-31" in paper
