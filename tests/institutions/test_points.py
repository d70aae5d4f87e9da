"""Points of who serves the insured: the bands, the two bounds, the appeal, the way back.

The cases follow from the table of 医保发〔2024〕23号 and from two published decisions.
"""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from institutions.eligibility import (
    decide_eligibility,
    ineligible,
    propose_eligibility,
    standing_on,
)
from institutions.models import Eligibility, Institution, Practitioner
from institutions.points.arithmetic import (
    DEGREES,
    GROUNDS,
    Line,
    Outcome,
    outcome,
    points_for,
    years_after,
)
from institutions.points.listings import waiting
from institutions.points.models import PointAppeal, PointRecord, PointTerms
from institutions.points.papers import POINT_NOTICE
from institutions.points.services import (
    answer_appeal,
    decide_appeal,
    decide_points,
    lines_of,
    lodge_appeal,
    propose_points,
    propose_terms,
)
from institutions.points.workflow import TERMS
from tests.conftest import make_user
from tests.papers import keeps_what_it_said

CODE, OTHER = "D500225000001", "D500225000002"
MONTHS = {9: 2, 10: 4, 11: 6}
MARCH, OCTOBER = date(2026, 3, 16), date(2026, 10, 12)


# -- the sums ----------------------------------------------------------------------------------


def test_the_bands_of_the_document() -> None:
    assert {(one.least, one.most) for one in GROUNDS} == {(1, 3), (4, 6), (7, 9), (10, 12)}
    # Ulanqab 2025-07: three persons of one case, 4, 5 and 6 points.
    assert [points_for("articles_38_39", degree) for degree in DEGREES] == [4, 5, 6]
    # Fushun: one doctor of a fraud, 11 points.
    assert points_for("fraud", "important") == 11


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], Outcome(0)),
        ([6], Outcome(6)),
        ([6, 2], Outcome(8)),
        ([6, 3], Outcome(9, "suspended", months=2)),
        ([10], Outcome(10, "suspended", months=4)),
        ([11], Outcome(11, "suspended", months=6)),  # Fushun: six months
        ([5, 7], Outcome(12, "ended", years=1)),
        ([12], Outcome(12, "ended", years=3)),
        ([4, 12], Outcome(16, "ended", years=3)),
        ([6, 9], Outcome(15, "ended", years=1)),
    ],
)
def test_what_a_year_leads_to(lines: list[int], found: Outcome) -> None:
    assert outcome([Line(one) for one in lines], MONTHS) == found


def test_what_was_given_back_of_twelve_is_no_stroke_any_more() -> None:
    assert outcome([Line(12, back=1), Line(3)], MONTHS) == Outcome(14, "ended", years=1)


LINES = st.lists(
    st.integers(1, 12).flatmap(lambda most: st.builds(Line, st.just(most), st.integers(0, most)))
)
RANK = {"": 0, "suspended": 1, "ended": 2}


@given(LINES, st.integers(1, 12))
def test_one_more_decision_never_helps_and_the_order_means_nothing(
    lines: list[Line], points: int
) -> None:
    before, after = outcome(lines, MONTHS), outcome([*lines, Line(points)], MONTHS)
    assert RANK[after.effect] >= RANK[before.effect]
    assert after.months >= before.months or after.effect == "ended"
    assert after.years >= before.years
    assert outcome(lines[::-1], MONTHS) == before
    assert (before.effect == "") == (before.total < 9)
    assert (before.effect == "ended") == (before.total >= 12)


def test_of_a_leap_day() -> None:
    assert years_after(date(2028, 2, 29), 1) == date(2029, 3, 1)
    assert years_after(date(2026, 11, 15), 3) == date(2029, 11, 15)


# -- decided -----------------------------------------------------------------------------------


@pytest.fixture
def han(hospital: Institution) -> Practitioner:
    Practitioner.objects.create(code=OTHER, name="严守信", institution=hospital)
    return Practitioner.objects.create(code=CODE, name="韩永康", institution=hospital)


@pytest.fixture
def terms(cast: SimpleNamespace) -> PointTerms:
    """Two, four and six months; ten working days; two points by learning."""
    row = propose_terms(
        actor=cast.supervisor, reminded_from=6, months_nine=2, months_ten=4, months_eleven=6,
        days_to_appeal=10, max_course=2, evidence="大医保〔2026〕1号", reason="施行记分",
        on=date(2026, 1, 5),
    )  # fmt: skip
    return TERMS.decide(row, "approve_point_terms", actor=cast.approver, on=date(2026, 1, 6))


Give = Callable[..., PointRecord]


@pytest.fixture
def give(cast: SimpleNamespace, han: Practitioner, terms: PointTerms) -> Give:
    """A decision of the day, agreed to on it."""

    def points(ground: str, degree: str, on: date, **facts: Any) -> PointRecord:
        number = PointRecord.objects.count() + 1
        asked: dict[str, Any] = {
            "code": CODE, "handled_paper": f"大医保罚〔2026〕{number}号", "handled_on": on,
            "evidence": f"大医保记〔2026〕{number}号", "reason": "负有责任",
        }  # fmt: skip
        row = propose_points(
            actor=cast.supervisor, on=on, ground=ground, degree=degree, **asked | facts
        )
        return decide_points(actor=cast.approver, row=row, event="approve_points", on=on)

    return points


pytestmark = pytest.mark.django_db


def test_six_in_march_and_three_in_october_suspend_from_october(give: Give) -> None:
    first = give("articles_38_39", "main", MARCH)
    assert (first.points, first.effect, first.appeal_by) == (6, None, date(2026, 3, 30))
    assert ineligible([CODE], OCTOBER) == {}
    second = give("agreement", "main", OCTOBER)
    held = second.effect
    assert held is not None
    assert (held.state, held.first_day, held.last_day) == (
        "suspended", OCTOBER, date(2026, 12, 11),
    )  # fmt: skip
    assert (held.proposed_by.name, held.decided_by and held.decided_by.name) == ("蒋正平", "吴国栋")
    assert ineligible([CODE], date(2026, 10, 11)) == {}
    assert ineligible([CODE], OCTOBER)[CODE] == (
        "医师韩永康自 2026-10-12 起暂停医保支付资格至 2026-12-11（大医保记〔2026〕2号），"
        "2026-10-12 的费用医保不予支付，急诊、抢救除外"
    )
    assert AuditLine.objects.filter(action="institutions.approve_eligibility").count() == 1


def test_six_in_december_and_three_in_january_are_of_two_years(
    give: Give, han: Practitioner
) -> None:
    give("articles_38_39", "main", date(2026, 12, 30))
    give("agreement", "main", date(2027, 1, 4))
    assert lines_of(han, 2026) == [Line(6)]
    assert lines_of(han, 2027) == [Line(3)]
    assert not Eligibility.objects.exists()


def test_a_suspension_outlives_the_year_of_its_points(give: Give) -> None:
    give("fraud", "important", date(2026, 11, 15))
    assert list(ineligible([CODE], date(2027, 5, 14))) == [CODE]
    assert ineligible([CODE], date(2027, 5, 15)) == {}


def test_twelve_in_one_stroke_end_for_three_years(
    give: Give, cast: SimpleNamespace, han: Practitioner
) -> None:
    held = give("fraud", "main", OCTOBER).effect
    assert held is not None
    assert (held.state, held.last_day, held.barred_until) == ("ended", None, date(2029, 10, 12))
    with pytest.raises(Refusal) as refused:
        restored(cast, date(2029, 10, 11))
    assert refused.value.message.startswith("终止支付资格未满期，2029-10-12 以前不得重新登记")
    restored(cast, date(2029, 10, 12))
    assert list(ineligible([CODE], date(2029, 10, 11))) == [CODE]
    assert ineligible([CODE], date(2029, 10, 12)) == {}


def restored(cast: SimpleNamespace, day: date) -> None:
    row = propose_eligibility(
        actor=cast.supervisor, code=CODE, state="normal", first_day=day, last_day=None,
        evidence="大医保〔2029〕9号", reason="期满重新登记", on=day,
    )  # fmt: skip
    decide_eligibility(actor=cast.approver, row=row, event="approve_eligibility", on=day)


def test_five_and_seven_end_for_one_year(give: Give) -> None:
    assert give("articles_38_39", "important", MARCH).effect is None
    held = give("for_another", "general", OCTOBER).effect
    assert held is not None
    assert (held.state, held.barred_until) == ("ended", date(2027, 10, 12))


def test_who_is_suspended_and_gets_more_is_ended_then(give: Give) -> None:
    give("for_another", "main", MARCH)  # 9: to 15 May
    give("agreement", "main", date(2026, 4, 1))  # 12
    held = standing_on(CODE, date(2026, 8, 1))
    assert held is not None
    assert (held.state, held.first_day) == ("ended", date(2026, 4, 1))


def test_the_county_without_terms_gives_no_points(cast: SimpleNamespace, han: Practitioner) -> None:
    with pytest.raises(Refusal) as refused:
        propose_points(
            actor=cast.supervisor, code=CODE, ground="agreement", degree="main",
            handled_paper="大医保〔2026〕2号", handled_on=MARCH, evidence="大医保记〔2026〕1号",
            reason="负有责任", on=MARCH,
        )  # fmt: skip
    assert refused.value.message == "县里还没有记分办法，请先在“记分办法”中提出并审批"


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"code": "D9"}, "code", "本县没有登记这个人员"),
        ({"handled_paper": ""}, "handled_paper", "先处理机构，后给人员记分"),
        ({"handled_on": date(2026, 3, 17)}, "handled_on", "不能晚于今天（2026-03-16）"),
        ({"evidence": ""}, "evidence", "文号"),
    ],
)
def test_what_is_refused_at_its_input(
    give: Give, facts: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        give("agreement", "main", MARCH, **facts)
    assert words in refused.value.message
    assert refused.value.at == (field,)


def test_one_handling_gives_points_once(give: Give) -> None:
    give("agreement", "main", MARCH, handled_paper="大医保〔2026〕2号")
    with pytest.raises(Refusal) as refused:
        give("agreement", "general", MARCH, handled_paper="大医保〔2026〕2号")
    assert "不能重复记分" in refused.value.message
    # Another person of the same case: each for his own share.
    other = give("agreement", "general", MARCH, handled_paper="大医保〔2026〕2号", code=OTHER)
    assert other.points == 1


def test_an_open_decision_on_the_eligibility_is_decided_first(
    give: Give, cast: SimpleNamespace
) -> None:
    propose_eligibility(
        actor=cast.supervisor, code=CODE, state="ended", first_day=OCTOBER, last_day=None,
        evidence="大医保〔2026〕3号", reason="另案", on=OCTOBER,
    )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        give("fraud", "main", OCTOBER)
    assert "已有一份支付资格决定待审批" in refused.value.message
    assert PointRecord.objects.get().status == "proposed"


# -- asked back --------------------------------------------------------------------------------


def appealed(cast: SimpleNamespace, record: PointRecord, **facts: Any) -> PointAppeal:
    asked: dict[str, Any] = {
        "kind": "appeal",
        "asked_back": 3,
        "reason": "只负一般责任",
        "on": OCTOBER,
    } | facts
    on = asked["on"]
    row = lodge_appeal(actor=cast.hospital_clerk, record=record, **asked)
    back = asked["asked_back"]
    row = answer_appeal(actor=cast.supervisor, appeal=row, points_back=back, answer="情况属实")
    return decide_appeal(actor=cast.approver, row=row, event="decide_point_appeal", on=on)


@pytest.mark.usefixtures("as_application")
def test_an_appeal_for_three_of_nine_lifts_the_suspension_and_both_lines_stay(
    give: Give, cast: SimpleNamespace, han: Practitioner
) -> None:
    record = give("for_another", "main", OCTOBER)
    on = date(2026, 10, 20)
    done = appealed(cast, record, on=on)
    assert lines_of(han, 2026) == [Line(9, back=3)]
    assert done.effect is not None
    assert (done.effect.state, done.effect.first_day) == ("normal", OCTOBER)
    # It was wrong from the first day: what he did meanwhile is paid for.
    assert ineligible([CODE], OCTOBER) == {}
    assert Eligibility.objects.decided().count() == 2
    record.refresh_from_db()
    assert (record.points, record.status) == (9, "approved")
    # The next wrong counts on what is left: 6 and 3.
    again = give("agreement", "main", date(2026, 11, 2))
    assert again.effect is not None
    assert again.effect.first_day == date(2026, 11, 2)


def test_in_part_the_rest_of_the_months_stays(give: Give, cast: SimpleNamespace) -> None:
    record = give("fraud", "important", date(2026, 6, 1))  # 11: six months, to 30 November
    appealed(cast, record, asked_back=1, on=date(2026, 6, 10))
    # 10: four months from the same day.
    assert list(ineligible([CODE], date(2026, 6, 1))) == [CODE]
    assert list(ineligible([CODE], date(2026, 9, 30))) == [CODE]
    assert ineligible([CODE], date(2026, 10, 1)) == {}
    appealed(cast, record, kind="course", asked_back=1, on=date(2026, 7, 1))
    # 9: two months from 1 June, to 31 July.
    assert list(ineligible([CODE], date(2026, 7, 31))) == [CODE]
    assert ineligible([CODE], date(2026, 8, 1)) == {}


def test_of_an_ended_one_the_appeal_leaves_a_suspension(give: Give, cast: SimpleNamespace) -> None:
    record = give("fraud", "main", OCTOBER)
    appealed(cast, record, asked_back=2)
    held = standing_on(CODE, OCTOBER)
    assert held is not None
    assert (held.state, held.last_day) == ("suspended", date(2027, 2, 11))
    assert ineligible([CODE], date(2027, 2, 12)) == {}


def test_learning_takes_so_many_a_year_and_undoes_no_ending(
    give: Give, cast: SimpleNamespace
) -> None:
    record = give("for_another", "main", OCTOBER)
    with pytest.raises(Refusal) as much:
        appealed(cast, record, kind="course", asked_back=3)
    assert much.value.message == "学习修复每年最多减 2 分，今年已减 0 分"
    later = date(2026, 11, 2)
    appealed(cast, record, kind="course", asked_back=2, on=later)
    # From its day: the days before stay as they were.
    assert list(ineligible([CODE], date(2026, 11, 1))) == [CODE]
    assert ineligible([CODE], later) == {}
    ended = give("fraud", "main", later, code=OTHER)
    with pytest.raises(Refusal) as refused:
        appealed(cast, ended, kind="course", asked_back=1, on=later)
    assert "不适用学习修复" in refused.value.message


def test_too_late_too_much_and_twice(give: Give, cast: SimpleNamespace) -> None:
    record = give("for_another", "main", OCTOBER)
    assert record.appeal_by == date(2026, 10, 26)
    with pytest.raises(Refusal) as late:
        appealed(cast, record, on=date(2026, 10, 27))
    assert late.value.message.startswith("申诉期限到 2026-10-26 为止，已过")
    with pytest.raises(Refusal) as much:
        appealed(cast, record, asked_back=10)
    assert much.value.message == "减分应为 1 至 9 分（这份决定现记 9 分）"
    facts: dict[str, Any] = {"kind": "appeal", "asked_back": 1, "reason": "有误", "on": OCTOBER}
    row = lodge_appeal(actor=cast.hospital_clerk, record=record, **facts)
    with pytest.raises(Refusal) as twice:
        lodge_appeal(actor=cast.hospital_clerk, record=record, **facts)
    assert "已有一份申诉在办理" in twice.value.message
    answer_appeal(actor=cast.supervisor, appeal=row, points_back=0, answer="维持")
    row.refresh_from_db()
    decide_appeal(
        actor=cast.approver, row=row, event="return_point_answer", on=OCTOBER, reason="理由不足"
    )
    answer_appeal(actor=cast.supervisor, appeal=row, points_back=0, answer="查实，维持")
    done = decide_appeal(actor=cast.approver, row=row, event="decide_point_appeal", on=OCTOBER)
    assert (done.points_back, done.effect) == (0, None)
    assert list(ineligible([CODE], OCTOBER)) == [CODE]


def test_what_the_county_decided_otherwise_is_not_lifted_by_points(
    give: Give, cast: SimpleNamespace
) -> None:
    record = give("articles_38_39", "main", MARCH)  # 6: nothing
    row = propose_eligibility(
        actor=cast.supervisor, code=CODE, state="ended", first_day=MARCH, last_day=None,
        evidence="大医保〔2026〕3号", reason="执业证书被吊销", on=MARCH,
    )  # fmt: skip
    decide_eligibility(actor=cast.approver, row=row, event="approve_eligibility", on=MARCH)
    appealed(cast, record, asked_back=6, on=date(2026, 3, 20))
    assert list(ineligible([CODE], date(2026, 3, 20))) == [CODE]


def refused_days(*days: date) -> list[bool]:
    return [bool(ineligible([CODE], day)) for day in days]


@pytest.mark.usefixtures("as_application")
def test_what_the_county_suspended_by_hand_still_runs_when_the_points_are_lifted(
    give: Give, cast: SimpleNamespace
) -> None:
    """By hand 1 March to 31 August; nine points on 1 April, upheld on 10 April."""
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    row = propose_eligibility(
        actor=cast.supervisor, code=CODE, state="suspended", first_day=march,
        last_day=date(2026, 8, 31), evidence="大医保〔2026〕3号", reason="另案", on=march,
    )  # fmt: skip
    decide_eligibility(actor=cast.approver, row=row, event="approve_eligibility", on=march)
    record = give("for_another", "main", april)
    done = appealed(cast, record, asked_back=9, on=date(2026, 4, 10))
    assert "大医保〔2026〕3号" in ineligible([CODE], april)[CODE]
    assert refused_days(march, date(2026, 8, 31), date(2026, 9, 1)) == [True, True, False]
    assert done.effect is not None and done.effect.evidence == "大医保〔2026〕3号"
    # A later appeal tells the county's own span from what the first wrote.
    other = give("agreement", "main", date(2026, 5, 6))
    appealed(cast, other, asked_back=3, on=date(2026, 5, 8))
    assert refused_days(date(2026, 8, 31), date(2026, 9, 1)) == [True, False]


def test_upheld_after_the_suspension_is_over_gives_back_its_days(
    give: Give, cast: SimpleNamespace
) -> None:
    """Nine points on 12 January: to 11 March; asked back in time, decided in July."""
    first = date(2026, 1, 12)
    record = give("for_another", "main", first)
    row = lodge_appeal(
        actor=cast.hospital_clerk, record=record, kind="appeal", asked_back=9, reason="有误",
        on=first,
    )  # fmt: skip
    row = answer_appeal(actor=cast.supervisor, appeal=row, points_back=9, answer="情况属实")
    assert refused_days(first, date(2026, 3, 11), date(2026, 3, 12)) == [True, True, False]
    done = decide_appeal(
        actor=cast.approver, row=row, event="decide_point_appeal", on=date(2026, 7, 6)
    )
    assert refused_days(first, date(2026, 3, 11)) == [False, False]
    assert done.effect is not None
    assert (done.effect.state, done.effect.first_day) == ("normal", first)


def nine_and_one(give: Give) -> tuple[PointRecord, PointRecord]:
    """Nine on 12 January: to 11 March; one more on 2 February: ten, to 1 June."""
    nine = give("for_another", "main", date(2026, 1, 12))
    one = give("agreement", "general", date(2026, 2, 2))
    assert (nine.effect and nine.effect.last_day, one.effect and one.effect.last_day) == (
        date(2026, 3, 11), date(2026, 6, 1),
    )  # fmt: skip
    return nine, one


def test_the_first_of_two_upheld_is_given_back_from_its_own_day(
    give: Give, cast: SimpleNamespace
) -> None:
    nine, _ = nine_and_one(give)
    asked = date(2026, 1, 20)
    appealed(cast, nine, asked_back=9, on=asked)
    days = (date(2026, 1, 12), date(2026, 2, 1), date(2026, 2, 2), date(2026, 6, 1))
    assert refused_days(*days) == [False] * 4


def test_the_second_of_two_upheld_leaves_the_months_of_the_first(
    give: Give, cast: SimpleNamespace
) -> None:
    _, one = nine_and_one(give)
    appealed(cast, one, asked_back=1, on=date(2026, 2, 9))
    days = (date(2026, 1, 12), date(2026, 2, 9), date(2026, 3, 11), date(2026, 3, 12))
    assert refused_days(*days) == [True, True, True, False]


def test_what_learning_gave_back_is_not_given_back_before_its_day(
    give: Give, cast: SimpleNamespace
) -> None:
    """Ten: to 1 June. Two learnt on 2 March: eight. The one upheld then: seven; the days to 1 March
    stay as nine points left them."""
    nine, one = nine_and_one(give)
    asked: dict[str, Any] = {
        "kind": "appeal", "asked_back": 1, "reason": "有误", "on": date(2026, 2, 9),
    }  # fmt: skip
    row = lodge_appeal(actor=cast.hospital_clerk, record=one, **asked)
    row = answer_appeal(actor=cast.supervisor, appeal=row, points_back=1, answer="情况属实")
    appealed(cast, nine, kind="course", asked_back=2, on=date(2026, 3, 2))
    days = (date(2026, 1, 12), date(2026, 2, 2), date(2026, 3, 1), date(2026, 3, 2))
    assert refused_days(*days) == [True, True, True, False]
    decide_appeal(actor=cast.approver, row=row, event="decide_point_appeal", on=date(2026, 3, 9))
    assert refused_days(*days) == [True, True, True, False]


def test_what_learning_may_take_is_asked_again_when_it_is_decided(
    give: Give, cast: SimpleNamespace
) -> None:
    """Two learnings of two points each, both lodged while none was decided; two a year."""
    waiting_ones = []
    for ground in ("articles_38_39", "agreement"):
        record = give(ground, "general" if ground == "articles_38_39" else "main", MARCH)
        row = lodge_appeal(
            actor=cast.hospital_clerk, record=record, kind="course", asked_back=2,
            reason="已学习", on=MARCH,
        )  # fmt: skip
        answer_appeal(actor=cast.supervisor, appeal=row, points_back=2, answer="已学完")
        row.refresh_from_db()
        waiting_ones.append(row)
    first, second = waiting_ones
    step = "decide_point_appeal"
    decide_appeal(actor=cast.approver, row=first, event=step, on=MARCH)
    with pytest.raises(Refusal) as much:
        decide_appeal(actor=cast.approver, row=second, event=step, on=MARCH)
    assert much.value.message == "学习修复每年最多减 2 分，今年已减 2 分"
    with pytest.raises(Refusal, match="记分已随年度清零"):
        decide_appeal(actor=cast.approver, row=second, event=step, on=date(2027, 1, 4))
    second.refresh_from_db()
    assert second.status == "answered"


def test_the_steps_are_two_hands_and_what_is_decided_stays(
    give: Give, cast: SimpleNamespace
) -> None:
    row = propose_points(
        actor=cast.supervisor, code=CODE, ground="agreement", degree="main",
        handled_paper="大医保〔2026〕2号", handled_on=MARCH, evidence="大医保记〔2026〕1号",
        reason="负有责任", on=MARCH,
    )  # fmt: skip
    with pytest.raises(Refusal):
        decide_points(actor=cast.supervisor, row=row, event="approve_points", on=MARCH)
    decide_points(actor=cast.approver, row=row, event="refuse_points", on=MARCH, reason="重复")
    assert lines_of(row.practitioner, 2026) == []


# -- pages -------------------------------------------------------------------------------------


def test_from_the_page_to_the_notice(
    cast: SimpleNamespace, terms: PointTerms, han: Practitioner, as_user: Callable[..., Client],
    county: Division, other_county: Division,
) -> None:  # fmt: skip
    desk, own = as_user(cast.supervisor), as_user(cast.hospital_clerk)
    given = {
        "code": CODE, "ground": "for_another", "degree": "main", "handled_paper": "罚〔2026〕1号",
        "handled_on": str(today()), "evidence": "记〔2026〕1号", "reason": "冒名结算",
    }  # fmt: skip
    answer = desk.post(reverse("institutions:points_new"), given | {"handled_paper": ""})
    assert "机构处理文号" in answer.content.decode()
    desk.post(reverse("institutions:points_new"), given)
    row = PointRecord.objects.get()
    page = reverse("institutions:points", args=[row.pk])
    act = reverse("institutions:points_act", args=[row.pk, "approve_points"])
    assert desk.post(act).status_code == 403
    as_user(cast.approver).post(act)
    row.refresh_from_db()
    assert (row.status, row.points) == ("approved", 9)

    def rename() -> None:
        Practitioner.objects.filter(pk=han.pk).update(name="韩永")

    told = keeps_what_it_said(
        POINT_NOTICE,
        reverse("institutions:point_notice", args=[row.pk]),
        hand=desk,
        change=rename,
        elsewhere=as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.sysadmin),
    )
    assert "记分告知书〔" in told and "韩永康" in told and "主要责任" in told
    asked = {"kind": "appeal", "asked_back": "3", "reason": "只负一般责任"}
    assert desk.post(reverse("institutions:points_appeal", args=[row.pk]), asked).status_code == 403
    own.post(reverse("institutions:points_appeal", args=[row.pk]), asked)
    appeal = PointAppeal.objects.get()
    desk.post(
        reverse("institutions:point_appeal_answer", args=[appeal.pk]),
        {"points_back": "3", "answer": "情况属实"},
    )
    step = reverse("institutions:point_appeal_act", args=[appeal.pk, "decide_point_appeal"])
    as_user(cast.approver).post(step)
    shown = own.get(page).content.decode()
    assert "6 分" in shown and "已办结" in shown
    register = own.get(reverse("institutions:points_register")).content.decode()
    assert "韩永" in register and "恢复" not in register
    person = own.get(reverse("institutions:points_person", args=[han.pk])).content.decode()
    assert "暂停" in person and "恢复" in person


def test_what_waits_for_the_second_person_is_one_list(
    cast: SimpleNamespace, give: Give, as_user: Callable[..., Client]
) -> None:
    give("articles_38_39", "main", MARCH)
    for number, day in ((8, OCTOBER), (9, MARCH)):
        propose_points(
            actor=cast.supervisor, code=OTHER, ground="agreement", degree="main",
            handled_paper=f"大医保〔2026〕{number}号", handled_on=MARCH, evidence="记〔2026〕8号",
            reason="负有责任", on=day,
        )  # fmt: skip
    found = [(row.code, row.waits_since) for row in waiting(Practitioner.objects.all())]
    assert found == [(OTHER, MARCH)]
    register = f"{reverse('institutions:points_register')}?only=waits"
    page = as_user(cast.approver).get(register).content.decode()
    assert "严守信" in page and "韩永康" not in page


def test_what_one_has_put_forward_the_institution_does_not_see(
    cast: SimpleNamespace, han: Practitioner, terms: PointTerms, as_user: Callable[[User], Client]
) -> None:
    own = as_user(cast.hospital_clerk)
    row = propose_points(
        actor=cast.supervisor, on=date(2026, 4, 1), code=han.code, ground="fraud", degree="main",
        handled_paper="医保罚〔2026〕3号", handled_on=date(2026, 3, 30), evidence="记分〔2026〕3号",
        reason="虚构服务",
    )  # fmt: skip
    assert own.get(reverse("institutions:points", args=[row.pk])).status_code == 404
    page = own.get(reverse("institutions:points_person", args=[han.pk])).content.decode()
    assert "记分〔2026〕3号" not in page

    decide_points(actor=cast.approver, row=row, event="approve_points", on=date(2026, 4, 2))
    assert own.get(reverse("institutions:points", args=[row.pk])).status_code == 200
