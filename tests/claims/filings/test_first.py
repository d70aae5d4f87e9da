"""大足办法 第二十一条: 住院首诊定点医院一经选定，一年内不得变更.

王建国 of 桥亭村 chose 龙水镇卫生院 from 1 January 2026; on 20 March he would rather have
大足县人民医院.
"""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division
from claims.filings.models import Filing
from claims.filings.services import ask_end, decide_filing
from claims.models import Settlement
from enrollment.models import Person
from enrollment.people.households import move_household
from enrollment.people.lifecycle import record_death
from institutions.agreements.services import decide_step, propose_step
from institutions.models import Agreement, Institution
from institutions.registry.services import decide_change, propose_change
from policies.models import Pack
from tests.claims.conftest import TODAY, line
from tests.claims.filings.test_filings import file
from tests.conftest import make_division

__all__ = ["file"]
pytestmark = pytest.mark.django_db
File = Callable[..., Filing]
NEW_YEAR, NEXT_YEAR = date(2026, 1, 1), date(2027, 1, 1)
HELD = "首诊机构自 2026-01-01 选定，12 个月内不得变更，2027-01-01 起可以变更（第二十一条）"


@pytest.fixture
def chosen(file: File, pack: Pack, township_hospital: Institution) -> Filing:
    return file("first", about="住院首诊", place="龙水镇卫生院", starts=NEW_YEAR)


def end(cast: SimpleNamespace, filing: Filing, day: date = TODAY, on: date = TODAY) -> Filing:
    filing = Filing.objects.get(pk=filing.pk)
    return ask_end(actor=cast.clerk_a, filing=filing, first_day=day, reason="想换一家", on=on)


def test_within_the_year_it_stays(chosen: Filing, cast: SimpleNamespace, wang: Person) -> None:
    assert (chosen.place, chosen.code) == ("龙水镇卫生院", "H50022500101")
    for day in (TODAY, date(2026, 12, 31)):
        with pytest.raises(Refusal) as refused:
            end(cast, chosen, day)
        assert refused.value.message.startswith(f"{HELD}。本人死亡")
        assert refused.value.at == ("first_day",)
    row = end(cast, chosen, NEXT_YEAR)
    decide_filing(actor=cast.approver, filing=row, event="end_filing", on=TODAY)
    assert Filing.objects.holding(wang.pk, date(2026, 12, 31)).exists()
    assert not Filing.objects.holding(wang.pk, NEXT_YEAR).exists()


def test_other_filings_end_at_any_day(file: File, pack: Pack, cast: SimpleNamespace) -> None:
    assert end(cast, file()).ending_from == TODAY


def test_who_died_has_none(chosen: Filing, cast: SimpleNamespace, wang: Person) -> None:
    record_death(actor=cast.clerk_a, person=wang, effective_on=date(2026, 3, 18), on=TODAY)
    assert end(cast, chosen).ending_from == TODAY


def test_who_moved_to_another_township_chooses_there(
    chosen: Filing, cast: SimpleNamespace, wang: Person, town_a: Division, village_b: Division
) -> None:
    moved: dict[str, Any] = {
        "household": wang.household, "effective_on": TODAY, "on": TODAY, "reason": "全户迁移",
    }  # fmt: skip
    near = make_division("500225101202", "龙水镇石马村", town_a)
    move_household(actor=cast.reviewer, division=near, **moved)
    with pytest.raises(Refusal, match="不得变更"):
        end(cast, chosen)
    move_household(actor=cast.reviewer, division=village_b, **moved)
    assert ask_end(
        actor=cast.clerk_a, filing=chosen, first_day=TODAY, reason="迁往万古镇", on=TODAY
    ).ending_from == TODAY  # fmt: skip


def stopped(cast: SimpleNamespace, first: date, last: date | None) -> None:
    agreement = Agreement.objects.get(institution__code="H50022500101")
    row = propose_step(
        actor=cast.supervisor, agreement=agreement, state="suspended" if last else "ended",
        first_day=first, last_day=last, evidence="大医保〔2026〕12号", reason="挂床住院", on=TODAY,
    )  # fmt: skip
    decide_step(actor=cast.approver, row=row, event="approve_agreement_step", on=TODAY)


@pytest.mark.parametrize("last", [None, date(2026, 5, 9)])
def test_an_institution_without_agreement_is_left(
    chosen: Filing, cast: SimpleNamespace, last: date | None
) -> None:
    """Its agreement is ended, or suspended for a month, from 10 April on."""
    stopped(cast, date(2026, 4, 10), last)
    with pytest.raises(Refusal, match="不得变更"):
        end(cast, chosen, date(2026, 4, 9))
    assert end(cast, chosen, date(2026, 4, 10)).ending_from == date(2026, 4, 10)


def test_a_closed_institution_is_left(
    chosen: Filing, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    row = propose_change(
        actor=cast.supervisor, institution=township_hospital, column="is_active", becomes="停业",
        first_day=date(2026, 4, 10), evidence="注销公告", reason="并入中心卫生院", on=TODAY,
    )  # fmt: skip
    decide_change(actor=cast.approver, row=row, event="approve_registry_change", on=TODAY)
    with pytest.raises(Refusal, match="不得变更"):
        end(cast, chosen, date(2026, 4, 9))
    assert end(cast, chosen, date(2026, 4, 10)).ending_from == date(2026, 4, 10)


def test_a_renewal_that_is_not_signed_yet_opens_nothing(
    file: File, pack: Pack, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    """He chose in June; the agreement runs to 31 December, the next one is signed in December."""
    chosen = file("first", about="住院首诊", place="龙水镇卫生院", starts=date(2026, 6, 1))
    january = date(2027, 1, 10)
    with pytest.raises(Refusal, match="2027-06-01 起可以变更"):
        end(cast, chosen, january, on=date(2026, 11, 20))
    assert end(cast, chosen, january, on=january).ending_from == january


def test_what_ran_out_early_is_followed_by_the_same(
    file: File, pack: Pack, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    """Filed to the end of February only: nobody changes by letting it run out."""
    file("first", about="首诊", place="龙水镇卫生院", starts=NEW_YEAR, ends=date(2026, 2, 28))
    march = date(2026, 3, 1)
    with pytest.raises(Refusal) as refused:
        file("first", about="首诊", place="大足县人民医院", starts=march)
    assert refused.value.message == f"{HELD}，请仍选龙水镇卫生院"
    assert refused.value.at == ("starts",)
    again = {"about": "首诊", "starts": march, "ends": date(2026, 12, 31)}
    assert file("first", place="H50022500101", **again).place == "龙水镇卫生院"


def test_it_names_an_institution_of_the_county(
    file: File, pack: Pack, township_hospital: Institution
) -> None:
    with pytest.raises(Refusal, match="没有登记这个定点机构") as refused:
        file("first", about="首诊", place="龙水医院")
    assert refused.value.at == ("place",)


def test_a_slip_of_the_pen_is_put_right(
    file: File, cast: SimpleNamespace, wang: Person, counter: Callable[..., Settlement]
) -> None:
    """Filed for the wrong person it ends on its first day; not once he was a patient there."""
    chosen = file("first", about="住院首诊", place="大足县人民医院", starts=NEW_YEAR)
    assert end(cast, chosen, NEW_YEAR).ending_from == NEW_YEAR
    decide_filing(
        actor=cast.approver, filing=chosen, event="keep_filing", on=TODAY, reason="选定表有本人签名"
    )
    counter(wang, line("X01", "100", "10"))
    with pytest.raises(Refusal, match="已在该机构就诊，不能按办错撤销"):
        end(cast, chosen, NEW_YEAR)


def test_the_page_says_it_before_and_after(
    chosen: Filing, cast: SimpleNamespace, as_user: Any, settings: Any
) -> None:
    settings.TODAY = TODAY
    clerk = as_user(cast.clerk_a)
    for name in ("claims:filing", "claims:filing_end"):
        assert HELD in clerk.get(reverse(name, args=[chosen.pk])).content.decode()
    form = {"first_day": TODAY.isoformat(), "reason": "想换到县医院"}
    answer = clerk.post(reverse("claims:filing_end", args=[chosen.pk]), form)
    page = answer.content.decode()
    assert answer.status_code == 200 and f"{HELD}。本人死亡" in page and "想换到县医院" in page
