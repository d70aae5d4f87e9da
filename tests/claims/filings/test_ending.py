"""What was filed and agreed to holds no longer: asked by one, agreed to by another.

王建国's referral holds from 20 February; clerk A asks for its end, the approver agrees.
"""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from claims.filings.listings import to_decide
from claims.filings.models import Filing, VisitFiling
from claims.filings.services import after_the_end, ask_end, decide_filing, propose_filing
from claims.models import Settlement
from desk import row_seals
from enrollment.models import Person
from tests.at_once import at_once
from tests.claims.conftest import TODAY
from tests.claims.filings.test_filings import FIRST, file

__all__ = ["file"]
pytestmark = pytest.mark.django_db
File = Callable[..., Filing]
END = date(2026, 3, 10)


def asked(cast: SimpleNamespace, filing: Filing, day: date = END) -> Filing:
    return ask_end(actor=cast.clerk_a, filing=filing, first_day=day, reason="已返乡", on=TODAY)


def ended(cast: SimpleNamespace, filing: Filing, event: str = "end_filing") -> Filing:
    return decide_filing(
        actor=cast.approver, filing=filing, event=event, on=TODAY, reason="材料不全"
    )


def holds(filing: Filing, day: date) -> bool:
    return Filing.objects.holding(filing.person_id, day).filter(pk=filing.pk).exists()


def test_it_holds_until_the_day_before(file: File, cast: SimpleNamespace) -> None:
    filing = asked(cast, file())
    assert holds(filing, END), "asked for, and not agreed to"
    assert list(to_decide(cast.approver)) == [filing]
    with pytest.raises(Refusal, match="待审批"):
        asked(cast, filing)
    for actor in (cast.clerk_a, cast.reviewer):  # who asked, and who had agreed to the filing
        with pytest.raises(Refusal):
            decide_filing(actor=actor, filing=filing, event="end_filing", on=TODAY)
    row = ended(cast, filing)
    assert (row.status, row.ended_from, row.holds_until) == ("approved", END, date(2026, 3, 9))
    assert holds(filing, date(2026, 3, 9)) and not holds(filing, END)
    assert not to_decide(cast.approver)
    with pytest.raises(Refusal, match="已终止"):
        asked(cast, filing)
    with pytest.raises(Refusal, match="没有待审批"):
        ended(cast, filing)


def test_who_does_not_agree_leaves_it(file: File, cast: SimpleNamespace) -> None:
    row = ended(cast, asked(cast, file()), "keep_filing")
    assert (row.ending_from, row.ended_from) == (None, None)
    assert row.ending_reason == "不同意终止：材料不全"
    assert holds(row, END)
    assert asked(cast, row).ending_from == END


def test_what_was_decided_before_stays_sealed(file: File, cast: SimpleNamespace) -> None:
    """Asked to end, kept, asked once more and ended: none of it alters what was agreed to."""
    filing = file()
    row_seals.seal_everything()
    row = ended(cast, asked(cast, filing), "keep_filing")
    row_seals.seal_everything()
    ended(cast, asked(cast, row))
    assert not list(row_seals.row_problems())


@pytest.mark.parametrize("day", [date(2026, 2, 19), date(2026, 6, 2)])
def test_only_within_its_days(file: File, cast: SimpleNamespace, day: date) -> None:
    filing = file(ends=date(2026, 6, 1))
    with pytest.raises(Refusal, match="应在有效期 2026-02-20 至 2026-06-01 之内"):
        asked(cast, filing, day)


def test_another_first_institution_is_chosen_then(
    file: File,
    cast: SimpleNamespace,
    wang: Person,
) -> None:
    """One without an end, of more than a year ago, stood in the way of every later one."""
    about: dict[str, Any] = {
        "person": wang, "kind": "first", "about": "首诊", "ends": None, "evidence": "选定表",
        "place": "大足县人民医院",
    }  # fmt: skip
    first = file("first", about="首诊", place="大足县人民医院", starts=date(2025, 3, 1))
    with pytest.raises(Refusal, match="此人已有"):
        propose_filing(actor=cast.clerk_a, starts=END, on=TODAY, **about)
    ended(cast, asked(cast, first))
    assert propose_filing(actor=cast.clerk_a, starts=END, on=TODAY, **about).status == "proposed"


def test_visits_after_the_end_are_shown(
    file: File, cast: SimpleNamespace, wang: Person, counter: Callable[..., Settlement],
    as_user: Any,
) -> None:  # fmt: skip
    """Filed for by mistake: it never held, and the visit that stands on it is to be looked into."""
    from tests.claims.conftest import line

    filing = file()
    claim = counter(wang, line("X01", "100", "10"))
    VisitFiling.objects.create(visit=claim.visit, kind="referral", filing=filing)
    clerk = as_user(cast.clerk_a)
    page = reverse("claims:filing", args=[filing.pk])
    assert reverse("claims:filing_end", args=[filing.pk]) in clerk.get(page).content.decode()
    form = {"first_day": FIRST.isoformat(), "reason": "办错了人"}
    assert clerk.post(reverse("claims:filing_end", args=[filing.pk]), form).status_code == 302
    approver = as_user(cast.approver)
    assert "同意终止" in approver.get(page).content.decode()
    approver.post(reverse("claims:filing_decide", args=[filing.pk, "end_filing"]))
    filing.refresh_from_db()
    assert (filing.ended_from, after_the_end(filing)) == (FIRST, 1)
    assert "此后仍有 1 次就诊按它办理" in approver.get(page).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_it_is_decided_once(
    file: File,
    cast: SimpleNamespace,
    _round: int,
) -> None:
    filing = asked(cast, file())
    outcomes = at_once([lambda: ended(cast, filing), lambda: ended(cast, filing, "keep_filing")])
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
