"""A practitioner whom the fund does not pay for: decided by two, from a day on, both lines stay.

The cases are those that follow from the table of 医保发〔2024〕23号.
"""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine
from institutions.eligibility import (
    decide_eligibility,
    ineligible,
    last_of,
    propose_eligibility,
)
from institutions.models import Eligibility, Institution, Practitioner
from tests.claims.test_statements import statements

pytestmark = pytest.mark.django_db
CODE, OTHER = "D500111000001", "D500111000002"
NOVEMBER = date(2026, 11, 10)
TOLD = (
    "医师韩永康自 2026-11-15 起暂停医保支付资格至 2027-05-14（大医保〔2026〕31号），"
    "2026-11-15 的费用医保不予支付，急诊、抢救除外"
)


@pytest.fixture
def han(hospital: Institution) -> Practitioner:
    Practitioner.objects.create(code=OTHER, name="严守信", institution=hospital)
    return Practitioner.objects.create(code=CODE, name="韩永康", institution=hospital)


def asked(cast: SimpleNamespace, **given: Any) -> Eligibility:
    facts: dict[str, Any] = {
        "code": CODE, "state": "suspended", "first_day": date(2026, 11, 15),
        "last_day": date(2027, 5, 14), "evidence": "大医保〔2026〕31号", "reason": "年度记 9 分",
        "on": NOVEMBER,
    }  # fmt: skip
    return propose_eligibility(actor=cast.supervisor, **facts | given)


def agreed(cast: SimpleNamespace, **given: Any) -> Eligibility:
    row = asked(cast, **given)
    on = given.get("on", NOVEMBER)
    return decide_eligibility(actor=cast.approver, row=row, event="approve_eligibility", on=on)


def test_from_the_day_of_the_suspension_and_not_the_day_before(
    cast: SimpleNamespace, han: Practitioner
) -> None:
    agreed(cast)
    assert ineligible([CODE, OTHER], date(2026, 11, 14)) == {}
    assert ineligible([CODE, OTHER, "D0"], date(2026, 11, 15)) == {CODE: TOLD}
    assert list(ineligible([CODE], date(2027, 5, 14))) == [CODE]
    assert ineligible([CODE], date(2027, 5, 15)) == {}


def test_one_statement_however_many_doctors(cast: SimpleNamespace, han: Practitioner) -> None:
    agreed(cast)
    codes = [f"D{number}" for number in range(300)]
    assert statements(lambda: ineligible([CODE], NOVEMBER)) == 1
    assert statements(lambda: ineligible([CODE, *codes], NOVEMBER)) == 1


def test_nothing_holds_before_a_second_person_agreed(
    cast: SimpleNamespace, han: Practitioner
) -> None:
    row = asked(cast)
    assert ineligible([CODE], date(2026, 12, 1)) == {}
    with pytest.raises(Refusal):
        decide_eligibility(actor=cast.supervisor, row=row, event="approve_eligibility", on=NOVEMBER)
    decide_eligibility(
        actor=cast.approver, row=row, event="refuse_eligibility", on=NOVEMBER, reason="记分有误"
    )
    assert ineligible([CODE], date(2026, 12, 1)) == {}
    assert AuditLine.objects.filter(action="institutions.refuse_eligibility").count() == 1


@pytest.mark.usefixtures("as_application")
def test_an_appeal_gives_back_from_its_day_and_both_lines_stay(
    cast: SimpleNamespace, han: Practitioner
) -> None:
    agreed(cast)
    with pytest.raises(Refusal) as refused:
        asked(cast, state="normal", first_day=date(2026, 11, 1), last_day=None)
    assert refused.value.message == "韩永康 2026-11-01 没有暂停或终止，不需要恢复"
    agreed(cast, state="normal", first_day=date(2027, 1, 4), last_day=None, on=date(2027, 1, 8))
    assert list(ineligible([CODE], date(2027, 1, 3))) == [CODE]
    assert ineligible([CODE], date(2027, 1, 4)) == {}
    assert Eligibility.objects.decided().count() == 2
    # Suspended once more: the latest decision holds.
    agreed(cast, first_day=date(2027, 2, 1), last_day=date(2027, 2, 28), on=date(2027, 2, 1))
    assert list(ineligible([CODE], date(2027, 2, 28))) == [CODE]
    assert ineligible([CODE], date(2027, 3, 1)) == {}


def test_ended_until_something_else_is_decided(cast: SimpleNamespace, han: Practitioner) -> None:
    agreed(cast, state="ended", last_day=None, evidence="大医保〔2026〕32号")
    told = ineligible([CODE], date(2031, 1, 1))[CODE]
    assert told == (
        "医师韩永康自 2026-11-15 起终止医保支付资格，恢复以前（大医保〔2026〕32号），"
        "2031-01-01 的费用医保不予支付，急诊、抢救除外"
    )


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"code": "D9"}, "code", "本县没有登记这个医师"),
        ({"first_day": date(2026, 11, 9)}, "first_day", "起始日期不能早于今天（2026-11-10）"),
        ({"last_day": None}, "last_day", "截止日期请填 2026-12-14 至 2027-05-14"),
        ({"last_day": date(2027, 5, 15)}, "last_day", "暂停为 1 至 6 个月"),
        ({"last_day": date(2026, 12, 13)}, "last_day", "暂停为 1 至 6 个月"),
        ({"state": "ended", "last_day": date(2026, 11, 14)}, "last_day", "不能早于起始日期"),
        ({"state": "normal"}, "last_day", "恢复不填截止日期"),
        ({"evidence": ""}, "evidence", "文号"),
    ],
)
def test_what_is_refused_at_its_input(
    cast: SimpleNamespace, han: Practitioner, given: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(cast, **given)
    assert words in refused.value.message
    assert refused.value.at == (field,)


def test_a_day_that_passed_before_the_agreement_is_put_forward_anew(
    cast: SimpleNamespace, han: Practitioner
) -> None:
    row = asked(cast)
    with pytest.raises(Refusal) as refused:
        decide_eligibility(
            actor=cast.approver, row=row, event="approve_eligibility", on=date(2026, 11, 16)
        )
    assert refused.value.message.startswith("起始日期 2026-11-15 已过")
    with pytest.raises(Refusal) as twice:
        asked(cast)
    assert "已有一份支付资格决定待审批" in twice.value.message


def test_what_was_put_forward_stays(cast: SimpleNamespace, han: Practitioner) -> None:
    row = agreed(cast)
    for columns in ({"first_day": date(2026, 12, 1)}, {"state": "normal", "last_day": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Eligibility.objects.filter(pk=row.pk).update(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 11, 15), 6, date(2027, 5, 14)),
        (date(2026, 8, 31), 6, date(2027, 2, 27)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
    ],
)
def test_the_last_day_of_so_many_months(first: date, months: int, last: date) -> None:
    assert last_of(first, months) == last


def test_suspended_and_given_back_on_the_pages(
    cast: SimpleNamespace, han: Practitioner, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("institutions.views", "desk.decision_pages", "desk.buttons"):
        monkeypatch.setattr(f"{module}.today", lambda: NOVEMBER)
    lists = reverse("institutions:eligibilities")
    supervisor, approver = as_user(cast.supervisor), as_user(cast.approver)
    given = {"code": CODE, "state": "suspended", "first_day": "2026-11-15", "last_day": "",
             "evidence": "大医保〔2026〕31号", "reason": "年度记 9 分"}  # fmt: skip
    page = supervisor.post(reverse("institutions:eligibility_new"), given).content.decode()
    assert "截止日期请填 2026-12-14 至 2027-05-14" in page
    given["last_day"] = "2027-05-14"
    supervisor.post(reverse("institutions:eligibility_new"), given)
    row = Eligibility.objects.get()
    # Its own hospital hears of it when it is decided, and decides nothing.
    hospital = as_user(cast.hospital_clerk)
    assert "韩永康" not in hospital.get(lists).content.decode()
    one = reverse("institutions:eligibility", args=[row.pk])
    act = reverse("institutions:eligibility_act", args=[row.pk, "approve_eligibility"])
    assert hospital.post(act).status_code == 404  # it is not told yet
    assert "已办理“同意”" in approver.post(act, follow=True).content.decode()
    assert "韩永康" in hospital.get(lists).content.decode()
    page = hospital.get(one).content.decode()
    assert "韩永康：暂停医保支付资格" in page
    assert as_user(cast.other_officer).get(one).status_code == 404
    assert (
        supervisor.post(
            reverse("institutions:eligibility_act", args=[row.pk, "propose_eligibility"])
        ).status_code
        == 404
    )
