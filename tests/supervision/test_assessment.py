"""A hospital's year: scored by itself, by inspectors, appealed, final; what its deposits become."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.clearing.models import DepositReturn
from claims.clearing.money import decide_return
from claims.clearing.standing import key_of
from claims.clearing.sums import returned
from claims.models import Settlement
from funds.models import Posting
from institutions.agreements.models import AgreementStep
from institutions.agreements.services import decide_step
from institutions.models import Agreement, Institution
from institutions.registry.models import RegistryChange
from institutions.trust.models import TrustBands
from supervision.assessment.catalogue import FOLDER, FORMS
from supervision.assessment.models import Assessment, FormAdoption
from supervision.assessment.papers import ASSESSMENT_RESULT
from supervision.assessment.scoring import read_form, verdict
from supervision.assessment.services import (
    Given,
    answer_assessment,
    consequence,
    open_assessment,
    propose_deposit,
    propose_form,
    score_assessment,
    self_assess,
    take_step,
)
from supervision.assessment.workflow import ADOPTIONS
from tests.claims.clearing.conftest import CHECKED, Month3, approved, month, rule
from tests.claims.conftest import agree, book, catalogue, counter
from tests.conftest import in_duty, make_user
from tests.desk.conftest import BANDS
from tests.papers import keeps_what_it_said

# A hospital's months, as their own room makes them.
__all__ = ["agree", "approved", "book", "catalogue", "counter", "month", "rule"]

JANUARY, FEBRUARY, JUNE = date(2027, 1, 25), date(2027, 2, 22), date(2027, 6, 15)
Make = Callable[..., Settlement]


# -- by hand -----------------------------------------------------------------------------------


def test_the_forms_are_of_a_hundred_points_and_name_their_sources() -> None:
    assert {code: sum(one.points for one in form.items) for code, form in FORMS.items()} == {
        "hospital": 100, "station": 100,
    }  # fmt: skip
    assert FORMS["hospital"].deposit_told == "95 分以上全额返还，以下按得分比例"
    assert FORMS["station"].deposit_told == "85 分以上全额返还，每低 1 分扣 10%"
    said = yaml.safe_load((FOLDER / "station.yaml").read_text(encoding="utf-8"))
    said["items"][0]["points"] = 19
    with pytest.raises(ValueError, match="are not 100"):
        read_form(yaml.safe_dump(said))


@pytest.mark.parametrize(
    ("score", "fen"),
    [
        # 200.00 kept; 85 and more: whole. Each point below takes 10 %.
        (100, 20_000), (85, 20_000), (84, 18_000), (80, 10_000), (76, 2_000), (75, 0), (0, 0),
    ],
)  # fmt: skip
def test_eighty_five_points_and_ten_percent_a_point(score: int, fen: int) -> None:
    assert returned(20_000, score, 85, 10) == fen


@given(st.integers(0, 10**9), st.integers(0, 100), st.sampled_from([(95, 0), (85, 10)]))
def test_no_more_goes_back_than_was_kept_and_a_better_score_never_gets_less(
    kept: int, score: int, bands: tuple[int, int]
) -> None:
    back = returned(kept, score, *bands)
    assert 0 <= back <= kept
    assert score == 100 or returned(kept, score + 1, *bands) >= back


def test_what_follows_for_the_agreement() -> None:
    words = {score: verdict(score) for score in (100, 70, 69, 65, 64, 60, 59)}
    assert words == {
        100: "pass", 70: "pass", 69: "rectify", 65: "rectify", 64: "suspend", 60: "suspend",
        59: "end",
    }  # fmt: skip


# -- the story ---------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(cast: SimpleNamespace) -> FormAdoption:
    row = propose_form(
        actor=cast.supervisor, form="hospital", first_year=2026, days_to_appeal=10,
        evidence="大医保〔2026〕4号", reason="年度考核", on=JANUARY,
    )  # fmt: skip
    return ADOPTIONS.decide(row, "approve_form", actor=cast.approver, on=JANUARY)


def points(row: Assessment, **less: int) -> dict[str, Given]:
    """All points of every item, but so many less of these."""
    return {
        one.code: Given(one.most - less.get(one.code, 0), "抽查发现" if one.code in less else "")
        for one in row.items.all()
    }


def balance(code: str) -> Decimal:
    rows = Posting.objects.filter(account__code=code)
    return sum((row.debit - row.credit for row in rows), Decimal(0))


@pytest.fixture
def published(cast: SimpleNamespace, hospital: Institution, form: FormAdoption) -> Assessment:
    """Its own score 98; the inspectors': 14 off, 86; published on 25 January."""
    row = open_assessment(actor=cast.supervisor, institution=hospital, year=2026, on=JANUARY)
    self_assess(actor=cast.hospital_clerk, row=row, given=points(row, H04=2))
    row = score_assessment(actor=cast.supervisor, row=row, given=points(row, H02=8, H03=6))
    assert (row.self_score, row.score) == (98, 86)
    row = take_step(actor=cast.reviewer, row=row, event="publish_assessment", on=JANUARY)
    assert row.appeal_by == date(2027, 2, 8)
    return row


def upheld(cast: SimpleNamespace, row: Assessment, **less: int) -> Assessment:
    """The appeal is answered by the supervisor and decided by the approver."""
    given = points(row, **less)
    row = answer_assessment(actor=cast.supervisor, row=row, given=given, answer="复查属实")
    with pytest.raises(Refusal, match="必须由不同的人办理"):  # who reviewed it, in another duty
        promoted = in_duty(cast.reviewer, Role.APPROVER)
        take_step(actor=promoted, row=row, event="decide_assessment", on=FEBRUARY)
    return take_step(actor=cast.approver, row=row, event="decide_assessment", on=FEBRUARY)


def test_an_appeal_changes_what_a_clearing_s_deposit_becomes(
    month: Month3, approved: Make, cast: SimpleNamespace, published: Assessment
) -> None:
    """March: (4,200 − 200) × 50 % = 2,000.00, of which 10 % = 200.00 are kept back.

    86 points would give back 172.00. The appeal gives 8 points back: 94, so 188.00 go back and
    12.00 are other income of the fund."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    assert balance("2001-deposit") == Decimal("-200.00")
    with pytest.raises(Refusal):
        propose_deposit(actor=cast.supervisor, row=published, on=JANUARY)  # not final
    row = take_step(
        actor=cast.hospital_clerk, row=published, event="appeal_assessment", on=JANUARY,
        reason="知情同意书齐全",
    )  # fmt: skip
    row = upheld(cast, row, H03=6)
    assert (row.status, row.score, row.finished_on) == ("final", 94, FEBRUARY)
    item = row.items.get(code="H02")
    assert (item.points_before, item.points) == (7, 15)
    back = propose_deposit(actor=cast.supervisor, row=row, on=FEBRUARY)
    assert (back.kept_amount, back.amount) == (Decimal("200.00"), Decimal("188.00"))
    decide_return(actor=cast.approver, row=back, event="approve_deposit_return", on=FEBRUARY)
    assert balance("4501-other") == Decimal("-12.00")
    month.pay(f"deposit:{back.pk}", on=FEBRUARY)
    assert balance("2001-deposit") == 0


def test_upheld_after_the_money_had_gone(
    month: Month3, approved: Make, cast: SimpleNamespace, published: Assessment
) -> None:
    """86: 172.00 back, 28.00 other income. A court finds 96: all of it, so 28.00 more go back and
    the income is none."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    with pytest.raises(Refusal, match="申诉期限到 2027-02-08 为止"):
        take_step(actor=cast.supervisor, row=published, event="finish_assessment", on=JANUARY)
    row = take_step(actor=cast.supervisor, row=published, event="finish_assessment", on=FEBRUARY)
    first = propose_deposit(actor=cast.supervisor, row=row, on=FEBRUARY)
    decide_return(actor=cast.approver, row=first, event="approve_deposit_return", on=FEBRUARY)
    month.pay(f"deposit:{first.pk}", on=FEBRUARY)
    assert balance("4501-other") == Decimal("-28.00")
    with pytest.raises(Refusal, match=r"应返还 172\.00 元，已返还 172\.00 元"):
        propose_deposit(actor=cast.supervisor, row=row, on=FEBRUARY)
    row = take_step(
        actor=cast.supervisor, row=row, event="reopen_assessment", on=JUNE,
        reason="〔2027〕渝行终5号",
    )  # fmt: skip
    row = upheld(cast, row, H03=4)
    assert row.score == 96
    more = propose_deposit(actor=cast.supervisor, row=row, on=JUNE)
    assert (more.corrects_id, more.kept_amount, more.amount) == (
        first.pk, Decimal("28.00"), Decimal("28.00"),
    )  # fmt: skip
    with pytest.raises(Refusal, match="已有一份补返待审批"):
        propose_deposit(actor=cast.supervisor, row=row, on=JUNE)
    decide_return(actor=cast.approver, row=more, event="approve_deposit_return", on=JUNE)
    assert balance("4501-other") == 0
    assert balance("2001-deposit") == Decimal("-28.00")
    month.pay(f"deposit:{more.pk}", on=JUNE)
    assert balance("2001-deposit") == 0
    assert DepositReturn.objects.count() == 2
    # Opened once more, nothing of what was given back is taken.
    again = take_step(
        actor=cast.supervisor, row=row, event="reopen_assessment", on=JUNE,
        reason="〔2027〕渝行再9号",
    )  # fmt: skip
    with pytest.raises(Refusal, match="申诉后不能低于原得分"):
        upheld(cast, again, H03=5)


@pytest.mark.usefixtures("as_application")
def test_what_is_refused(
    cast: SimpleNamespace, published: Assessment, hospital: Institution, county: Division
) -> None:
    late: dict[str, Any] = {"event": "appeal_assessment", "on": FEBRUARY, "reason": "有误"}
    with pytest.raises(Refusal, match="申诉期限到 2027-02-08 为止，已过"):
        take_step(actor=cast.hospital_clerk, row=published, **late)
    with pytest.raises(Refusal, match="2026 年度已发起考核"):
        open_assessment(actor=cast.supervisor, institution=hospital, year=2026, on=JANUARY)
    with pytest.raises(Refusal, match="年度未满不能发起"):
        open_assessment(actor=cast.supervisor, institution=hospital, year=2027, on=JANUARY)
    row = take_step(actor=cast.hospital_clerk, row=published, **late | {"on": JANUARY})
    with pytest.raises(Refusal, match="申诉后不能低于原得分 7"):
        answer_assessment(
            actor=cast.supervisor, row=row, given=points(row, H02=9, H03=6), answer="维持"
        )
    silent = points(row, H03=6) | {"H03": Given(9)}
    with pytest.raises(Refusal, match="扣分须写明事实和证据"):
        answer_assessment(actor=cast.supervisor, row=row, given=silent, answer="维持")


def test_no_form_for_its_level(cast: SimpleNamespace, hospital: Institution) -> None:
    with pytest.raises(Refusal, match="没有采用适用于县级医院的考核表"):
        open_assessment(actor=cast.supervisor, institution=hospital, year=2026, on=JANUARY)


def ended(cast: SimpleNamespace, row: Assessment, score: int) -> Assessment:
    """Of a final one, as if the inspectors had found so much less."""
    row = take_step(actor=cast.supervisor, row=row, event="finish_assessment", on=FEBRUARY)
    Assessment.objects.filter(pk=row.pk).update(score=score)
    row.refresh_from_db()
    return row


@pytest.fixture
def running(hospital: Institution) -> Agreement:
    return Agreement.objects.create(
        institution=hospital, number="XY2027-1", first_day=date(2027, 1, 1),
        last_day=date(2027, 12, 31),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("score", "last"),
    [
        (70, None), (65, None),  # passed; put right
        (64, date(2027, 8, 21)), (60, date(2027, 8, 21)),  # half a year from 22 February
        (59, date(2027, 12, 31)),  # a year and more: what is left of the agreement
    ],
)  # fmt: skip
def test_what_the_score_does_to_the_agreement_is_filled_in(
    cast: SimpleNamespace, published: Assessment, running: Agreement, score: int,
    last: date | None,
) -> None:  # fmt: skip
    assert consequence(published, FEBRUARY) is None  # not final
    found = consequence(ended(cast, published, score), FEBRUARY)
    assert (None if found is None else found[1]["last_day"]) == last
    if found is not None:
        assert found[0] == running and found[1]["first_day"] == FEBRUARY


def test_from_the_assessment_to_the_agreement_and_the_grade_by_the_pages(
    cast: SimpleNamespace, published: Assessment, running: Agreement, county: Division,
    as_user: Callable[[User], Client], settings: Any,
) -> None:  # fmt: skip
    settings.TODAY = FEBRUARY
    row = ended(cast, published, 62)
    desk, own = as_user(cast.supervisor), as_user(cast.hospital_clerk)
    page = reverse("supervision:assessment", args=[row.pk])
    shown = desk.get(page).content.decode()
    assert "按考核结果提出协议处理（XY2027-1）" in shown
    assert "2026 年度考核 62 分，暂停协议半年" in shown and "2027-08-21" in shown
    assert "按考核结果提出协议处理" not in own.get(page).content.decode()
    given = {
        "state": "suspended", "first_day": "2027-02-22", "last_day": "2027-08-21",
        "evidence": "大医保〔2027〕2号", "reason": "2026 年度考核 62 分，暂停协议半年",
    }  # fmt: skip
    stop = reverse("supervision:assessment_stop", args=[row.pk])
    assert own.post(stop, given).status_code == 403
    late = desk.post(stop, given | {"last_day": "2028-01-01"}).content.decode()
    assert "2027-02-22 至 2027-12-31 之间" in late
    told = desk.post(stop, given, follow=True).content.decode()
    assert "已提出协议处理，待第二人审批" in told
    step = AgreementStep.objects.get()
    assert (step.agreement, step.status) == (running, "proposed")
    assert "按考核结果提出协议处理" not in desk.get(page).content.decode()  # it waits already
    decide_step(actor=cast.approver, row=step, event="approve_agreement_step", on=FEBRUARY)
    assert Agreement.objects.with_steps().get(pk=running.pk).state_on(FEBRUARY) == "suspended"
    # The grade of trust, by the county's bands.
    grade = reverse("supervision:assessment_grade", args=[row.pk])
    assert "还没有适用于 2026 年度的信用等级办法" in desk.post(grade, follow=True).content.decode()
    TrustBands.objects.create(
        area=county, first_year=2026, status="approved", evidence="大医保〔2026〕40号",
        reason="信用管理", proposed_by=cast.supervisor, proposed_on=JANUARY,
        decided_by=cast.approver, decided_on=JANUARY, **BANDS,
    )  # fmt: skip
    assert "已提出信用等级 D 级" in desk.post(grade, follow=True).content.decode()
    assert "D 级" in desk.get(page).content.decode()
    assert "D 级" not in own.get(page).content.decode()  # one hand decides nothing


# -- pages -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("form")
def test_the_form_is_that_of_the_level_of_its_year_and_who_is_left_out_is_told(
    cast: SimpleNamespace, hospital: Institution, village_a: Division,
    as_user: Callable[[User], Client], settings: Any,
) -> None:  # fmt: skip
    """The hospital became a township's in February; there is no form for the village's station."""
    settings.TODAY = FEBRUARY
    Institution.objects.create(
        code="H50022500961", name="大桥村卫生室", level="village", division=village_a
    )
    RegistryChange.objects.create(
        institution=hospital, column="level", was="county", becomes="township",
        first_day=FEBRUARY, status="approved", evidence="渝卫〔2027〕1号", reason="调整等级",
        proposed_by=cast.supervisor, proposed_on=JANUARY, decided_by=cast.approver,
        decided_on=JANUARY,
    )  # fmt: skip
    Institution.objects.filter(pk=hospital.pk).update(level="township")
    desk = as_user(cast.supervisor)
    told = desk.post(reverse("supervision:assessments_new"), {"year": "2026"}, follow=True)
    assert Assessment.objects.get().institution == hospital
    words = told.content.decode()
    assert "已发起 1 家机构" in words
    assert "家没有发起：2026 年度没有采用适用于村卫生室的考核表" in words


def test_from_the_form_to_the_notice_by_the_pages(
    cast: SimpleNamespace, hospital: Institution, as_user: Callable[[User], Client],
    other_county: Division,
) -> None:  # fmt: skip
    desk, own = as_user(cast.supervisor), as_user(cast.hospital_clerk)
    year = today().year - 1
    adopted = {
        "form": "hospital", "first_year": str(year), "days_to_appeal": "10",
        "evidence": "大医保〔2026〕4号", "reason": "年度考核",
    }  # fmt: skip
    desk.post(reverse("supervision:form_new"), adopted)
    form = FormAdoption.objects.get()
    as_user(cast.approver).post(reverse("supervision:form_act", args=[form.pk, "approve_form"]))
    desk.post(reverse("supervision:assessments_new"), {"year": str(year)})
    row = Assessment.objects.get()
    page = reverse("supervision:assessment", args=[row.pk])
    given = {f"points-{one.code}": str(one.most) for one in row.items.all()}
    own.post(reverse("supervision:assessment_self", args=[row.pk]), given)
    silent = desk.post(
        reverse("supervision:assessment_score", args=[row.pk]), given | {"points-H02": "7"}
    )
    assert "扣分须写明事实和证据" in silent.content.decode()
    desk.post(
        reverse("supervision:assessment_score", args=[row.pk]),
        given | {"points-H02": "7", "note-H02": "三份病历无知情同意书"},
    )
    # What one has found nobody else has agreed to yet: the hospital does not read it.
    paper = reverse("supervision:assessment_result", args=[row.pk])
    for at in (page, paper):
        assert "三份病历无知情同意书" not in own.get(at).content.decode()
    assert "三份病历无知情同意书" in desk.get(page).content.decode()
    act = reverse("supervision:assessment_act", args=[row.pk, "publish_assessment"])
    assert desk.post(act).status_code == 403
    as_user(cast.reviewer).post(act)
    row.refresh_from_db()
    assert (row.status, row.self_score, row.score) == ("published", 100, 92)

    def rename() -> None:
        Institution.objects.filter(pk=hospital.pk).update(name="改名医院")

    told = keeps_what_it_said(
        ASSESSMENT_RESULT,
        reverse("supervision:assessment_result", args=[row.pk]),
        hand=desk,
        change=rename,
        elsewhere=as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.sysadmin),
    )
    assert "考核结果通知书〔" in told and "三份病历无知情同意书" in told and "92 分" in told
    appeal = reverse("supervision:assessment_act", args=[row.pk, "appeal_assessment"])
    own.post(appeal, {"reason": "知情同意书齐全"})
    assert "知情同意书齐全" in desk.get(page).content.decode()
    desk.post(
        reverse("supervision:assessment_answer", args=[row.pk]), given | {"answer": "复查属实"}
    )
    decide = reverse("supervision:assessment_act", args=[row.pk, "decide_assessment"])
    as_user(cast.approver).post(decide)
    row.refresh_from_db()
    assert (row.status, row.score) == ("final", 100)
    shown = own.get(page).content.decode()
    assert "已更正：三份病历无知情同意书" in shown and "合格" in shown
    # Nothing was kept back of that year.
    refused = desk.post(reverse("supervision:assessment_deposit", args=[row.pk]), follow=True)
    assert "没有预留质量保证金" in refused.content.decode()
