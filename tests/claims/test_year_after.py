"""Consecutive and zero-claim years, gaps and repaired years, for the year after."""

from datetime import UTC, date, datetime

import pytest

from claims.services import withdraw
from claims.services.claim_free import mark_claim_free
from claims.tasks import mark_claim_free_years
from enrollment.cover.covering import CoverHistory, cover_histories
from enrollment.models import Campaign, Enrollment
from tests.claims.conftest import line

pytestmark = pytest.mark.django_db


def covered(person, *years, paid_late=()):
    """Copies of this year's cover in other years."""
    row = Enrollment.objects.get(person=person, year=2026)
    for year in (*years, *paid_late):
        first = {"first_day": date(year - 1, 10, 1), "last_day": date(year - 1, 11, 30)}
        campaign, _ = Campaign.objects.get_or_create(
            area=row.campaign.area, year=year, defaults=first | {"remit_by": date(year - 1, 12, 9)}
        )
        row.pk, row.year, row.campaign = None, year, campaign
        row.cover_first_day, row.cover_last_day = date(year, 1, 1), date(year, 12, 31)
        row._state.adding = True
        row.save()
        day = datetime(year + 2 if year in paid_late else year - 1, 10, 9, tzinfo=UTC)
        Enrollment.objects.filter(pk=row.pk).update(entered_at=day)
    Enrollment.objects.filter(person=person, year=2026).update(
        entered_at=datetime(2025, 10, 9, tzinfo=UTC)
    )


def history(person, year=2027):
    return cover_histories([person.pk], year)[person.pk]


def test_years_in_a_row_gaps_and_repairs(wang):
    covered(wang, 2022, 2024, 2025)
    assert history(wang) == CoverHistory(consecutive=3, claim_free=0, gap_years=0)
    assert history(wang, 2030) == CoverHistory(consecutive=0, gap_years=3)
    assert history(wang, 2024) == CoverHistory(consecutive=0, gap_years=1)
    assert history(wang, 2022) == CoverHistory()  # never covered before
    covered(wang, paid_late=(2023,))
    assert history(wang, 2024) == CoverHistory(gap_years=1, repaired_years=1)
    assert history(wang) == CoverHistory(consecutive=3, gap_years=0)  # repaired is not in time


def test_a_year_without_claims_is_marked_when_it_is_over(wang):
    covered(wang, 2024, 2025)
    assert mark_claim_free(year=2026, on=date(2026, 12, 31)) == 0  # it still runs
    for year in (2024, 2025):
        assert mark_claim_free(year=year, on=date(2027, 1, 1)) == 1
    assert mark_claim_free(year=2025, on=date(2027, 1, 1)) == 0
    assert history(wang, 2026).claim_free == 2
    assert history(wang, 2027).claim_free == 0  # 2026 is not known yet
    Enrollment.objects.filter(person=wang, year=2024).update(claim_free=False)
    assert history(wang, 2026).claim_free == 1


def test_a_claim_takes_the_mark_and_its_withdrawal_gives_it_back(
    cast,
    wang,
    counter,
    settings,
):
    settlement = counter(wang, line("X01", "30", "130.00"))
    assert settlement.fund_amount > 0
    settings.TODAY = date(2027, 1, 5)
    assert mark_claim_free_years() == 1
    row = Enrollment.objects.get(person=wang)
    assert row.claim_free is False
    assert history(wang) == CoverHistory(consecutive=1, claim_free=0, gap_years=0)
    withdraw(actor=cast.hospital_clerk, settlement=settlement, reason="录错了人")
    assert mark_claim_free_years() == 0  # it follows at once: claims computed next ask for it
    assert history(wang) == CoverHistory(consecutive=1, claim_free=1, gap_years=0)
