"""Complaints: who told lies sealed, what was told becomes a clue, a reward is agreed to by two."""

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from funds.models import Voucher
from supervision.cases.models import Case
from supervision.complaints.models import Complaint, Reward
from supervision.complaints.services import (
    Told,
    decide_reward,
    propose_reward,
    reveal_informant,
    reward_of,
    step_complaint,
    take_complaint,
    to_clue,
)
from supervision.complaints.work import WORK, waiting
from tests.application import as_owner
from tests.conftest import in_duty, past_the_guards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
ON, WHO = date(2026, 4, 1), "何秀兰 13800000000"


def told(cast: SimpleNamespace, county: Division, who: str = WHO) -> Complaint:
    said = Told(channel="phone", about="永兴医院", told="没有住院却有住院记录", informant=who)
    return take_complaint(actor=cast.supervisor, area=county, said=said, on=ON)


def step(row: Complaint, event: str, cast: Any, reason: str = "") -> Complaint:
    return step_complaint(actor=cast.supervisor, row=row, event=event, reason=reason, on=ON)


def test_a_complaint_is_accepted_becomes_a_clue_and_is_answered(cast: Any, county: Any) -> None:
    row = told(cast, county)
    assert (row.number, row.due_on) == ("医保举报〔2026〕1号", date(2026, 4, 22))
    with pytest.raises(Refusal, match="受理以后、答复以前"):
        to_clue(actor=cast.supervisor, row=row, on=ON)
    row = step(row, "accept_complaint", cast)
    assert row.due_on == date(2026, 5, 13)  # thirty working days
    case = to_clue(actor=cast.supervisor, row=row, on=ON)
    assert (case.source, case.source_note, case.party_name) == (
        "complaint", "医保举报〔2026〕1号", "永兴医院",
    )  # fmt: skip
    with pytest.raises(Refusal, match="只转一次"):
        to_clue(actor=cast.supervisor, row=row, on=ON)
    with pytest.raises(Refusal, match="请写明答复的内容"):
        step(row, "answer_complaint", cast)
    row = step(row, "answer_complaint", cast, "已立案，处理后公布")
    assert (row.status, row.due_on) == ("answered", None)


def test_who_names_a_hospital_as_it_is_registered_means_that_one(
    cast: Any, county: Any, hospital: Any
) -> None:
    """So the case offers the causes that are of institutions."""
    said = Told(channel="phone", about=hospital.name, told="没有住院却有住院记录")
    row = take_complaint(actor=cast.supervisor, area=county, said=said, on=ON)
    row = step(row, "accept_complaint", cast)
    case = to_clue(actor=cast.supervisor, row=row, on=ON)
    assert (case.party, case.institution) == ("institution", hospital)


def test_who_told_lies_sealed_and_is_read_with_a_reason(
    cast: Any, county: Any, as_user: Any
) -> None:
    row = told(cast, county)
    with connection.cursor() as cursor:
        cursor.execute("SELECT informant FROM supervision_complaint")
        (kept,) = cursor.fetchone()
    assert "何秀兰" not in kept and "138" not in kept
    client, address = as_user(cast.supervisor), f"/supervision/complaints/{row.pk}"
    assert "何秀兰" not in client.get(address).content.decode()
    assert "何秀兰" not in client.post(f"{address}/who").content.decode()
    with pytest.raises(Refusal, match="请写明查看举报人信息的理由"):
        reveal_informant(actor=cast.supervisor, row=row, reason="看")
    page = client.post(f"{address}/who", {"reason": "回访核实情况"}).content.decode()
    assert WHO in page
    line = AuditLine.objects.get(action="supervision.reveal_informant")
    assert line.reason == "回访核实情况" and "何秀兰" not in str(line.after)
    assert as_user(cast.auditor).post(f"{address}/who").status_code == 403


@pytest.mark.parametrize(
    ("found", "percent", "reward"),
    [
        (54_166_97, 5, 2_708_35),  # 2,708.3485
        (3_678_00, 2, 200_00),  # 73.56, the least is 200
        (9_000_000_00, 3, 200_000_00),  # 270,000, the most is 200,000
    ],
)
def test_a_reward_within_its_bounds(found: int, percent: int, reward: int) -> None:
    assert reward_of(found, percent) == reward


def test_a_reward_is_agreed_to_by_another_and_touches_no_fund(cast: Any, county: Any) -> None:
    row = step(told(cast, county), "accept_complaint", cast)
    case = to_clue(actor=cast.supervisor, row=row, on=ON)
    asked = {
        "actor": cast.supervisor, "found_amount": Decimal("54166.97"), "percent": 5,
        "evidence": "奖励审批表 1", "reason": "举报属实", "on": ON,
    }  # fmt: skip
    with pytest.raises(Refusal, match="作出处理决定以后才能奖励"):
        propose_reward(row=row, **asked)
    decided = Case.objects.filter(pk=case.pk)
    past_the_guards(decided, status="decided", cause_code="x", loss_amount=Decimal("54166.97"))
    reward = propose_reward(row=row, **asked)
    assert reward.amount == Decimal("2708.35")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approve(reward, in_duty(cast.supervisor, Role.APPROVER))
    assert list(waiting(cast.approver)) == [row]
    past_the_guards(decided, status="revoked")
    with pytest.raises(Refusal, match="作出处理决定以后才能奖励"):
        approve(reward, cast.approver)
    past_the_guards(decided, status="delivered", loss_amount=Decimal("50000.00"))
    with pytest.raises(Refusal, match=r"查实金额应在 50,000.00 元以内"):
        approve(reward, cast.approver)
    past_the_guards(decided, loss_amount=Decimal("54166.97"))
    assert approve(reward, cast.approver).status == "approved"
    assert not waiting(cast.approver).exists()
    assert not Voucher.objects.exists()


def approve(reward: Reward, actor: User) -> Reward:
    return decide_reward(actor=actor, row=reward, event="approve_reward", on=ON)


def test_a_complaint_waits_on_the_first_page_until_it_is_answered(
    cast: Any, county: Any, as_user: Any, settings: Any
) -> None:
    settings.TODAY = date(2026, 4, 20)  # two days before it must be accepted or not
    row = told(cast, county)

    def waits() -> list[tuple[int, date | None, int]]:
        found = as_user(cast.supervisor).get("/").context["tiles"]
        return [(one.number, one.due_on, one.late) for one in found if one.work in WORK]

    assert waits() == [(1, date(2026, 4, 22), 1)] and not waiting(cast.approver).exists()
    step(row, "accept_complaint", cast)
    assert waits() == [(1, date(2026, 5, 13), 0)]
    page = as_user(cast.supervisor).get(f"/supervision/complaints?{WORK[0].query}")
    assert row.number in page.content.decode() and "电话" in page.content.decode()
    assert "phone" not in re.sub(r"<option[^>]*>", "", page.content.decode())
    step(row, "answer_complaint", cast, "查无此事")
    assert waits() == []


def test_nobody_known_gets_no_reward(cast: Any, county: Any) -> None:
    row = told(cast, county, "")
    assert not row.is_named
    with pytest.raises(Refusal, match="匿名举报"):
        reveal_informant(actor=cast.supervisor, row=row, reason="回访核实")
    with pytest.raises(Refusal, match="不能发放奖励"):
        propose_reward(
            actor=cast.supervisor, row=row, found_amount=Decimal(1), percent=1, evidence="表",
            reason="属实", on=ON,
        )  # fmt: skip


@pytest.mark.parametrize(
    "change", ["UPDATE supervision_complaint SET told = 'x'", "DELETE FROM supervision_complaint"]
)
def test_what_was_told_stays(cast: Any, county: Any, change: str) -> None:
    told(cast, county)
    with (
        as_owner(),
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
