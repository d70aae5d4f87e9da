"""A case from the alert to recovery, fine and points, to the fen.

永兴医院 went on charging bed and care for 王建国 after he had left: 1 000.00; the fund paid
(1 000 − 200) × 50 % = 400.00. 条例 第四十条: five times 400.00 = 2,000.00 to the treasury.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.roles import Role
from claims.models import Settlement
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide
from enrollment.models import Person
from funds.models import Posting, Voucher
from institutions.eligibility import ineligible
from supervision.cases import execution, keeping, services
from supervision.cases.models import Case, CaseClaim, FineEntry
from supervision.cases.services import Filing
from supervision.models import Alert
from supervision.services import handle_alert, screen_new_claims
from supervision.words.services import Said, take_word
from tests.application import as_owner
from tests.claims.conftest import line
from tests.conftest import in_duty, make_user
from tests.supervision.cases.conftest import finding
from tests.supervision.cases.rows import handed, told_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
REPORTED, TOLD = date(2026, 5, 20), date(2026, 5, 22)
DECIDED, SERVED = date(2026, 6, 1), date(2026, 6, 3)


@pytest.fixture
def claim(counter: Any, paid: Any, wang: Person) -> Settlement:
    found: Settlement = paid(counter(wang, line("X01", "100", "10")))
    assert found.payable_amount == Decimal(400)
    return found


@pytest.fixture
def checked(filed: Case, claim: Settlement, team: Any, evidence: Any, act: Any, cast: Any) -> Case:
    one, _, third = team
    put(filed, one, claim, "400")
    evidence(filed)
    found = finding(loss=Decimal(400), factor=500)
    services.report_case(actor=one, case=filed, finding=found, on=REPORTED)
    return act(filed, "check_case", third, date(2026, 5, 21))


def put(case: Case, by: User, claim: Settlement, yuan: str) -> CaseClaim:
    on = date(2026, 4, 9)
    return keeping.put_claim(actor=by, case=case, number=claim.number, amount=Decimal(yuan), on=on)


@pytest.fixture
def served(checked: Case, team: Any, cast: Any, act: Any) -> Case:
    one, two, _ = team
    told_of(actor=one, case=checked, on=TOLD)
    act(checked, "decide_case", cast.approver, DECIDED)
    return handed(actor=two, case=checked, on=SERVED)


def test_a_case_from_alert_to_recovery_fine_and_points_with_vouchers(
    claim: Settlement,
    wang: Person,
    team: Any,
    evidence: Any,
    act: Any,
    cast: Any,
    county: Any,
    pointed: Any,
) -> None:
    one, two, third = team
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 2, 28))
    screen_new_claims(area=county)
    alert = Alert.objects.get(rule="A01")
    with pytest.raises(Refusal, match="核实属实以后才能转为案件线索"):
        services.from_alert(actor=one, alert=alert, on=date(2026, 4, 1))
    handle_alert(actor=one, alert=alert, event="confirm_alert", reason="死亡在前，虚构住院")
    alert.refresh_from_db()
    case = services.from_alert(actor=one, alert=alert, on=date(2026, 4, 1))
    assert (case.number, case.party, case.institution) == (
        "医保稽案〔2026〕1号", "institution", claim.visit.institution,
    )  # fmt: skip
    assert [(row.settlement, row.amount) for row in case.claims.all()] == [(claim, 400)]
    assert case.due_on == date(2026, 4, 22)  # 15 working days from 1 April
    filing = Filing(cause="24", act_ended_on=date(2026, 3, 20), opinion="事实初步查清")
    services.ask_filing(actor=one, case=case, filing=filing, on=date(2026, 4, 7))
    with pytest.raises(Refusal, match="不得少于 2 人"):
        act(case, "file_case", cast.approver, date(2026, 4, 8))
    for user in (one, two):
        keeping.name_officer(actor=one, case=case, user=user, on=date(2026, 4, 7))
    case = act(case, "file_case", cast.approver, date(2026, 4, 8))
    assert (case.filed_on, case.due_on) == (date(2026, 4, 8), date(2026, 7, 7))
    evidence(case)
    found = finding(loss=Decimal(400), factor=500)
    case = services.report_case(actor=one, case=case, finding=found, on=REPORTED)
    assert (case.fine_amount, case.due_on) == (Decimal(2000), date(2026, 6, 3))
    case = act(case, "check_case", third, date(2026, 5, 21))
    told_of(actor=one, case=case, on=TOLD)
    with pytest.raises(Refusal, match="2026-05-29 以前可以陈述"):
        act(case, "decide_case", cast.approver, date(2026, 5, 29))
    points = execution.order_measure(
        actor=one, case=case, kind="points", target="住院部医师", points=11, on=TOLD
    )
    case = act(case, "decide_case", cast.approver, DECIDED)
    assert case.due_on == date(2026, 6, 10)  # 7 working days
    case = handed(actor=two, case=case, on=SERVED)
    carried_out(case, claim, points, team, cast, act, pointed)


def carried_out(
    case: Case, claim: Settlement, points: Any, team: Any, cast: Any, act: Any, pointed: Any
) -> None:
    """The money back to the fund, the fine to the treasury, the points; and only then closed."""
    one = team[0]
    before = Voucher.objects.count()
    with pytest.raises(Refusal, match=f"结算单 {claim.number} 的涉案金额还没有提出追回"):
        act(case, "close_case", cast.approver, date(2026, 6, 5))
    (row,) = execution.unasked_of(case)
    what = Proposal(reason="invented", facts="处理决定", debtor="institution")
    debt = execution.recover_claim(actor=one, claim=row, proposal=what)
    assert (debt.amount, debt.source, debt.source_note) == (
        Decimal(400), "case", "案件 医保稽案〔2026〕1号",
    )  # fmt: skip
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=SERVED)
    decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=SERVED)
    with pytest.raises(Refusal, match=f"追回单 {debt} 还没有办结"):
        act(case, "close_case", cast.approver, date(2026, 6, 5))
    receive(
        actor=cast.cashier, recovery=debt, amount=Decimal(400), on=date(2026, 6, 5),
        today=date(2026, 6, 5), reference="B9",
    )  # fmt: skip
    voucher = Voucher.objects.get(event="claim_recovered")
    legs = Posting.objects.filter(voucher=voucher).order_by("line")
    assert [(leg.account.code, leg.debit, leg.credit) for leg in legs] == [
        ("1004", 400, 0), ("5001-inpatient", 0, 400),
    ]  # fmt: skip
    with pytest.raises(Refusal, match=r"罚款还有 2,000\.00 元没有缴入国库"):
        act(case, "close_case", cast.approver, date(2026, 6, 5))
    pay_fine(case, one, "1500", "渝库0001")
    with pytest.raises(Refusal, match=r"还应缴罚款 500\.00 元，不能多登记"):
        pay_fine(case, one, "500.01", "渝库0002")
    pay_fine(case, one, "500", "渝库0002")
    # One voucher, of the recovery: the fine is in no book.
    assert Voucher.objects.count() == before + 1
    with pytest.raises(Refusal, match="措施“医保支付资格记分”（住院部医师）还没有登记落实"):
        act(case, "close_case", cast.approver, date(2026, 6, 8))
    with pytest.raises(Refusal, match="没有文号为“记分〔2026〕1号”、记 11 分的已同意记分"):
        execution.carry_out(actor=one, measure=points, note="记分〔2026〕1号", on=SERVED)
    doctor = pointed().practitioner
    execution.carry_out(actor=one, measure=points, note="记分〔2026〕1号", on=date(2026, 6, 5))
    # 11 points of one calendar year: six months, from the day of that decision.
    assert (
        "暂停医保支付资格至 2026-12-04" in ineligible([doctor.code], date(2026, 6, 5))[doctor.code]
    )
    case = act(case, "close_case", cast.approver, date(2026, 6, 8))
    assert (case.status, case.closed_on, case.due_on) == ("closed", date(2026, 6, 8), None)
    assert AuditLine.objects.filter(action="supervision.close_case").count() == 1


def pay_fine(case: Case, by: User, yuan: str, number: str) -> FineEntry:
    on = date(2026, 6, 5)
    return execution.note_fine(
        actor=by, case=case, kind="paid", amount=Decimal(yuan), paid_on=on, number=number, on=on
    )


def test_who_had_a_hand_in_a_claim_does_not_investigate(
    clue: Case, claim: Settlement, team: Any, cast: Any
) -> None:
    put(clue, team[0], claim, "400")
    reviewer = in_duty(cast.reviewer, Role.SUPERVISOR)
    with pytest.raises(Refusal, match="录入、审核或支付过本案的结算单，应当回避") as refused:
        keeping.name_officer(actor=team[0], case=clue, user=reviewer, on=SERVED)
    assert refused.value.at == ("user",)
    with pytest.raises(Refusal, match="本县在岗的基金监管人员"):
        keeping.name_officer(actor=team[0], case=clue, user=cast.cashier, on=SERVED)


def test_who_leaves_for_an_interest_does_not_come_back(
    filed: Case, team: Any, evidence: Any
) -> None:
    one, two, third = team
    evidence(filed)
    officer = filed.officers.get(user=two)
    keeping.excuse_officer(actor=one, officer=officer, reason="配偶在永兴医院工作", on=SERVED)
    with pytest.raises(Refusal, match="不得少于 2 人"):
        services.report_case(actor=one, case=filed, finding=finding(factor=500), on=SERVED)
    with pytest.raises(Refusal, match="已在本案的名单中"):
        keeping.name_officer(actor=one, case=filed, user=two, on=SERVED)
    keeping.name_officer(actor=one, case=filed, user=third, on=SERVED)
    assert services.officers_of(filed).count() == 2


def test_four_duties_are_four_people(checked: Case, team: Any, cast: Any, act: Any) -> None:
    """Who investigates neither checks nor decides; who checks does not decide."""
    one, two, third = team
    told_of(actor=one, case=checked, on=TOLD)
    for user in (one, two, third):
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            act(checked, "decide_case", in_duty(user, Role.APPROVER), DECIDED)
    act(checked, "return_case", cast.approver, DECIDED, "证据不足")
    services.report_case(
        actor=one, case=checked, finding=finding(loss=Decimal(400), factor=300), on=DECIDED
    )
    with pytest.raises(Refusal, match="办案人员不能作法制审核"):
        act(checked, "check_case", two, DECIDED)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE supervision_case SET status = 'checked', checked_by_id = %s", [one.pk]
        )


def test_a_fine_is_not_made_worse_by_a_defence(
    checked: Case, team: Any, cast: Any, act: Any
) -> None:
    one = team[0]
    told_of(actor=one, case=checked, on=TOLD)
    keeping.add_note(
        actor=one, case=checked, kind="statement", happened_on=TOLD, words="已主动退款", on=TOLD
    )
    act(checked, "return_case", cast.approver, DECIDED, "核实退款情况")
    put(checked, one, checked.claims.get().settlement, "0")
    worse = finding(loss=Decimal(500), factor=500)
    with pytest.raises(Refusal, match=r"已告知罚款 2,000\.00 元，不得因当事人陈述、申辩而加重"):
        services.report_case(actor=one, case=checked, finding=worse, on=DECIDED)
    milder = finding(loss=Decimal(400), factor=200)
    case = services.report_case(actor=one, case=checked, finding=milder, on=DECIDED)
    assert case.fine_amount == Decimal(800)


def test_a_large_fine_is_decided_by_several_and_after_the_hearing(
    filed: Case, team: Any, cast: Any, evidence: Any, act: Any
) -> None:
    """富顺's figures: 54,166.97 × 5 = 270,834.85."""
    one, _, third = team
    evidence(filed)
    found = finding(loss=Decimal("54166.97"), factor=500)
    case = services.report_case(actor=one, case=filed, finding=found, on=REPORTED)
    assert case.fine_amount == Decimal("270834.85")
    act(case, "check_case", third, date(2026, 5, 21))
    told_of(actor=one, case=case, on=TOLD)
    noted = {"actor": one, "case": case, "on": DECIDED, "happened_on": DECIDED}
    asked = noted | {"happened_on": date(2026, 5, 25)}
    keeping.add_note(kind="asks", words="申请听证", **asked)
    with pytest.raises(Refusal, match="先举行听证"):
        act(case, "decide_case", cast.approver, DECIDED)
    keeping.add_note(kind="hearing", words="到场陈述", who="听证主持人 秦立", **noted)
    with pytest.raises(Refusal, match="须经集体讨论"):
        act(case, "decide_case", cast.approver, DECIDED)
    keeping.add_note(kind="collective", words="同意处罚意见", who="局务会", **noted)
    assert act(case, "decide_case", cast.approver, DECIDED).status == "decided"


def test_what_is_too_old_is_recovered_but_not_fined(
    clue: Case, team: Any, evidence: Any, act: Any, cast: Any
) -> None:
    one, two, _ = team
    filing = Filing(cause="13", act_ended_on=date(2024, 4, 1), opinion="重复收费")
    services.ask_filing(actor=one, case=clue, filing=filing, on=date(2026, 4, 7))
    for user in (one, two):
        keeping.name_officer(actor=one, case=clue, user=user, on=date(2026, 4, 7))
    act(clue, "file_case", cast.approver, date(2026, 4, 8))
    evidence(clue)
    found = finding(loss=Decimal(3678), factor=200)
    with pytest.raises(Refusal, match="已满 2 年才发现，不再处罚") as refused:
        services.report_case(actor=one, case=clue, finding=found, on=REPORTED)
    assert refused.value.at == ("outcome",)
    found = finding(loss=Decimal(3678), outcome="recovery")
    case = services.report_case(actor=one, case=clue, finding=found, on=REPORTED)
    assert (case.fine_amount, case.factor) == (0, None)


def test_days_that_do_not_count_move_the_term(
    filed: Case, team: Any, act: Any, cast: Any, suspend: Any
) -> None:
    """Once the approver agreed, and not before."""
    one = team[0]
    pause = keeping.add_pause(
        actor=one, case=filed, kind="expert", first_day=date(2026, 5, 1), last_day=None,
        paper="鉴定委托书〔2026〕1号", paper_on=date(2026, 4, 30), on=date(2026, 5, 1),
    )  # fmt: skip
    on = date(2026, 5, 10)
    keeping.end_pause(actor=one, pause=pause, last_day=on, on=on)
    filed.refresh_from_db()
    assert filed.due_on == date(2026, 7, 7)
    agree = {"row": pause, "event": "agree_pause", "on": date(2026, 5, 11)}
    for actor, told in ((one, "您的角色不能办理"), (in_duty(one, Role.APPROVER), "不同的人办理")):
        with pytest.raises(Refusal, match=told):
            keeping.decide_pause(actor=actor, **agree)
    keeping.decide_pause(actor=cast.approver, **agree)
    filed.refresh_from_db()
    assert filed.due_on == date(2026, 7, 17)
    suspend(filed, date(2026, 6, 1))
    filed.refresh_from_db()
    assert (filed.status, filed.due_on) == ("paused", None)
    suspended, on = filed.pauses.latest("pk"), date(2026, 6, 20)
    ended = keeping.end_pause(actor=one, pause=suspended, last_day=on, on=on)
    keeping.decide_pause(
        actor=cast.approver, row=ended, event="agree_pause_end", on=date(2026, 6, 20)
    )
    filed.refresh_from_db()
    assert filed.status == "open"
    assert filed.due_on == date(2026, 8, 6)  # 20 days more
    case = services.extend_case(
        actor=cast.approver, case=filed, days=30, reason="案情复杂", on=date(2026, 6, 21)
    )
    assert case.due_on == date(2026, 9, 5)
    with pytest.raises(Refusal, match="须经集体讨论"):
        services.extend_case(
            actor=cast.approver, case=filed, days=60, reason="仍需取证", on=date(2026, 6, 21)
        )


def test_registered_and_sealed_evidence_has_its_term(
    filed: Case, evidence: Callable[..., Any], team: Any
) -> None:
    registered = evidence(filed, hold="register")
    sealed = evidence(filed, hold="seal", title="进销存账 2 册")
    assert (registered.hold_due_on, sealed.hold_due_on) == (date(2026, 4, 20), date(2026, 5, 9))
    keeping.extend_seal(actor=team[0], evidence=sealed)
    with pytest.raises(Refusal, match="只能延长一次"):
        keeping.extend_seal(actor=team[0], evidence=sealed)
    keeping.release_evidence(actor=team[0], evidence=sealed, how="退还", on=date(2026, 5, 30))
    sealed.refresh_from_db()
    assert (sealed.hold_due_on, sealed.released_how) == (date(2026, 6, 8), "退还")


def test_a_decision_that_fell_gives_the_fine_back(
    served: Case, team: Any, cast: Any, act: Any
) -> None:
    one = team[0]
    pay_fine(served, one, "2000", "渝库0001")
    act(served, "revoke_case", cast.approver, date(2026, 7, 1), "行政复议决定〔2026〕5号撤销")
    back = {"actor": one, "case": served, "kind": "returned", "on": date(2026, 7, 10)}
    with pytest.raises(Refusal, match="不超过已缴的罚款"):
        execution.note_fine(
            amount=Decimal("2000.01"), paid_on=date(2026, 7, 9), number="退1", **back
        )
    execution.note_fine(amount=Decimal(2000), paid_on=date(2026, 7, 9), number="退1", **back)
    assert execution.fine_paid(served) == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE supervision_fineentry SET amount = 1",
        "DELETE FROM supervision_fineentry",
        "UPDATE supervision_casenote SET words = ''",
        "UPDATE supervision_case SET number = 'x'",
        "UPDATE supervision_case SET status = 'open'",
        "UPDATE supervision_evidence SET title = 'x'",
        "DELETE FROM supervision_caseclaim",
    ],
)
def test_the_database_keeps_what_was_noted(served: Case, team: Any, change: str) -> None:
    pay_fine(served, team[0], "2000", "渝库0001")
    keeping.add_note(
        actor=team[0], case=served, kind="other", happened_on=SERVED, words="催缴", on=SERVED
    )
    with (
        as_owner(),
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_the_party_of_a_case_is_heard_on_paper(
    checked: Case, team: Any, cast: Any, act: Any
) -> None:
    """五个工作日 after the notice: a request for a hearing that came in time is heard, whoever
    enters it decides nothing; a waiver opens the decision at once."""
    one = team[0]
    told_of(actor=one, case=checked, on=TOLD)
    came, until = date(2026, 5, 25), date(2026, 5, 29)
    how = {"received_on": came, "brought_by": "李院长", "way": "brought"}
    with pytest.raises(Refusal, match="不能早于告知"):
        early = Said(kind="hearing", words="申请听证", **how | {"received_on": REPORTED})
        take_word(actor=one, about=checked, said=early, on=came)
    with pytest.raises(Refusal, match=f"期限 {until} 还没有过"):
        silent = Said(kind="silent", received_on=until)
        take_word(actor=one, about=checked, said=silent, on=until)
    asked = Said(kind="hearing", words="对罚款有异议，申请听证", **how)
    take_word(actor=one, about=checked, said=asked, on=came)
    with pytest.raises(Refusal, match="先举行听证"):
        act(checked, "decide_case", cast.approver, DECIDED)
    heard = {"actor": one, "case": checked, "happened_on": DECIDED, "on": DECIDED}
    keeping.add_note(kind="hearing", words="到场陈述", who="主持人 秦立", **heard)
    assert act(checked, "decide_case", cast.approver, DECIDED).status == "decided"


def test_who_entered_the_word_of_a_party_does_not_decide(
    checked: Case, team: Any, cast: Any, act: Any, county: Any, waive: Any
) -> None:
    """A note of an officer that the party waived opens nothing; what the party signed does."""
    one = team[0]
    told_of(actor=one, case=checked, on=TOLD)
    other = make_user("supervisor4", "严小青", Role.SUPERVISOR, county)
    waived = Said(kind="agreed", received_on=TOLD, brought_by="李院长", way="brought")
    with pytest.raises(Refusal, match="请附本人签字的扫描件"):
        take_word(actor=other, about=checked, said=waived, on=TOLD)
    told = {"kind": "waived", "words": "电话中表示放弃", "happened_on": TOLD, "on": TOLD}
    note = keeping.add_note(actor=one, case=checked, **told)
    with pytest.raises(Refusal, match="书面放弃的用“代录当事人答复”登记"):
        act(checked, "decide_case", cast.approver, TOLD)
    waive(checked, TOLD, by=other)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        act(checked, "decide_case", in_duty(other, Role.APPROVER), TOLD)
    assert act(checked, "decide_case", cast.approver, TOLD).decided_on == TOLD
    notes = checked.notes.exclude(pk=note.pk).values_list("kind", "words", "who")
    assert list(notes) == [("waived", "无异议（书面签字确认）", "李院长")]
