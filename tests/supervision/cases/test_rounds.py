"""What holds a case up, and what does not: money that was never paid, sums beyond the claims, words
of an earlier round, seals and debts of a decision that falls.

永兴医院 as in the story: 1 000.00 charged, 400.00 paid by the fund, 条例 第四十条 five times.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.clock import start_of
from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.recovery.services import Proposal, decide
from claims.services import stop
from desk.models import Paper
from desk.papers import print_papers
from enrollment.models import Person
from institutions.agreements.services import decide_step, propose_step
from institutions.models import Agreement, Institution
from supervision.cases import execution, keeping, services
from supervision.cases.models import Case
from supervision.cases.papers import CASE_NOTICE, decision_facts
from tests.claims.conftest import line
from tests.conftest import past_the_guards
from tests.supervision.cases.conftest import finding
from tests.supervision.cases.rows import by_hand, handed, told_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
REPORTED, TOLD = date(2026, 5, 20), date(2026, 5, 22)
DECIDED, SERVED = date(2026, 6, 1), date(2026, 6, 3)


def put(case: Case, by: User, claim: Settlement, yuan: str) -> None:
    keeping.put_claim(
        actor=by, case=case, number=claim.number, amount=Decimal(yuan), on=date(2026, 4, 9)
    )


@pytest.fixture
def told(filed: Case, team: Any, evidence: Any, act: Any) -> Any:
    """told(loss, factor): investigated, checked, and the party told of it on the day."""
    one, _, third = team
    evidence(filed)

    def go(loss: str, factor: int, on: date = TOLD, **said: Any) -> Case:
        what = finding(loss=Decimal(loss), factor=factor, **said)
        services.report_case(actor=one, case=filed, finding=what, on=on)
        act(filed, "check_case", third, on)
        return told_of(actor=one, case=filed, on=on)

    return go


@pytest.fixture
def served(told: Any, team: Any, cast: Any, act: Any) -> Any:
    """served(loss): decided without a fine, and delivered."""

    def go(loss: str) -> Case:
        case = told(loss, 0, outcome="recovery")
        act(case, "decide_case", cast.approver, DECIDED)
        return handed(actor=team[1], case=case, on=SERVED)

    return go


def test_a_claim_that_is_stopped_does_not_hold_the_case(
    filed: Case, served: Any, counter: Any, agree: Any, wang: Person, team: Any, cast: Any, act: Any
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    put(filed, team[0], claim, "400")
    case = served("400")
    with pytest.raises(Refusal, match=f"结算单 {claim.number} 还没有支付，请先退回或停止支付"):
        act(case, "close_case", cast.approver, SERVED)
    stop(actor=cast.approver, settlement=claim, reason="虚构服务")
    assert execution.unasked_of(case) == []
    assert act(case, "close_case", cast.approver, SERVED).status == "closed"


def test_no_more_is_asked_back_than_the_case_found(
    filed: Case, served: Any, counter: Any, paid: Any, wang: Person, team: Any, cast: Any
) -> None:
    claim = paid(counter(wang, line("X01", "100", "10")))
    put(filed, team[0], claim, "150")
    row = served("150").claims.get()

    def ask(yuan: str | None) -> Any:
        amounts = None if yuan is None else {"basic": Decimal(yuan)}
        what = Proposal(
            reason="invented", facts=f"处理决定 {yuan}", debtor="institution", amounts=amounts
        )
        return execution.recover_claim(actor=team[0], claim=row, proposal=what)

    for too_much in (None, "150.01"):
        with pytest.raises(Refusal, match=r"本案还可追回 150\.00 元"):
            ask(too_much)
    assert ask("100").amount == 100
    with pytest.raises(Refusal, match=r"本案还可追回 50\.00 元"):
        ask("50.01")
    assert ask("50").amount == 50
    assert execution.unasked_of(row.case) == []


def test_a_loss_beyond_the_claims_is_asked_for(
    filed: Case, served: Any, team: Any, cast: Any, act: Any
) -> None:
    case = served("1000")
    back = {"actor": team[0], "case": case, "kind": "other", "target": "退回其余损失", "on": SERVED}
    part = execution.order_measure(amount=Decimal("999.99"), **back)
    execution.carry_out(actor=team[0], measure=part, note="收款凭证 B7", on=SERVED)
    with pytest.raises(Refusal, match=r"损失比涉案结算单多 0\.01 元还没有退回"):
        act(case, "close_case", cast.approver, SERVED)
    rest = execution.order_measure(amount=Decimal("0.01"), **back)
    execution.carry_out(actor=team[0], measure=rest, note="收款凭证 B8", on=SERVED)
    assert act(case, "close_case", cast.approver, SERVED).status == "closed"


def test_a_decision_does_not_fall_under_its_own_recovery(
    filed: Case, served: Any, counter: Any, paid: Any, wang: Person, team: Any, cast: Any, act: Any
) -> None:
    claim = paid(counter(wang, line("X01", "100", "10")))
    put(filed, team[0], claim, "400")
    case = served("400")
    what = Proposal(reason="invented", facts="处理决定", debtor="institution")
    debt = execution.recover_claim(actor=team[0], claim=case.claims.get(), proposal=what)
    with pytest.raises(Refusal, match=f"追回单 {debt}（待初审）是按这个决定提出的"):
        act(case, "revoke_case", cast.approver, SERVED, "复议决定〔2026〕5号")
    decide(
        actor=cast.approver, recovery=debt, event="refuse_recovery", on=SERVED, reason="决定将撤销"
    )
    revoked = act(case, "revoke_case", cast.approver, SERVED, "复议决定〔2026〕5号")
    assert revoked.status == "revoked"


def test_a_stop_of_the_agreement_is_carried_out_by_its_register(
    served: Any, hospital: Institution, team: Any, cast: Any
) -> None:
    case, paper = served("0"), "大医保〔2026〕12号"
    measure = execution.order_measure(
        actor=team[0], case=case, kind="institution", target="永兴医院", on=SERVED
    )
    with pytest.raises(Refusal, match=f"没有文号为“{paper}”、已同意的协议暂停"):
        execution.carry_out(actor=team[0], measure=measure, note=paper, on=SERVED)
    step = propose_step(
        actor=cast.supervisor, agreement=Agreement.objects.get(institution=hospital),
        state="suspended", first_day=date(2026, 6, 10), last_day=date(2026, 7, 9), evidence=paper,
        reason="虚构服务", on=SERVED,
    )  # fmt: skip
    with pytest.raises(Refusal, match="请先在“协议处理”中办理"):
        execution.carry_out(actor=team[0], measure=measure, note=paper, on=SERVED)
    decide_step(actor=cast.approver, row=step, event="approve_agreement_step", on=SERVED)
    done = execution.carry_out(actor=team[0], measure=measure, note=paper, on=SERVED)
    assert done.done_on == SERVED


def test_what_was_said_to_an_earlier_notice_does_not_open_the_next(
    filed: Case, told: Any, team: Any, cast: Any, act: Any, waive: Any
) -> None:
    """20 000.00 × 5 = 100,000.00: several decide. Told on 22 May, and anew on 2 June."""
    case, again = told("20000", 500), date(2026, 6, 2)

    def note(kind: str, on: date) -> None:
        keeping.add_note(
            actor=team[0], case=case, kind=kind, happened_on=on, words="当事人到场", on=on
        )

    waive(case, TOLD)
    for kind in ("statement", "collective"):
        note(kind, TOLD)
    act(case, "return_case", cast.approver, DECIDED, "核实金额")
    told("20000", 500, again)
    with pytest.raises(Refusal, match="2026-06-09 以前可以陈述"):
        act(case, "decide_case", cast.approver, again)
    waive(case, again)
    with pytest.raises(Refusal, match="须经集体讨论"):
        act(case, "decide_case", cast.approver, again)
    note("collective", again)
    case = act(case, "decide_case", cast.approver, again)
    assert case.status == "decided"
    # The decision names what was said to the second notice, not the statement to the first.
    told_again = "".join(decision_facts(case)["paragraphs"])
    assert "2026-06-02 无异议（书面签字确认）" in told_again and "2026-05-22" not in told_again


def test_nobody_is_told_before_the_law_was_checked(
    filed: Case, evidence: Any, team: Any, act: Any
) -> None:
    one, _, third = team
    evidence(filed)
    what = finding(loss=Decimal(400), factor=500)
    services.report_case(actor=one, case=filed, finding=what, on=REPORTED)
    act(filed, "check_case", third, TOLD)
    Case.objects.filter(pk=filed.pk).update(checked_at=start_of(TOLD))
    print_papers(CASE_NOTICE, [Case.objects.get(pk=filed.pk)], actor=one, on=TOLD)
    past_the_guards(Paper.objects.all(), printed_at=start_of(TOLD))
    early = {"actor": one, "case": filed, "on": date(2026, 5, 29)}
    with pytest.raises(Refusal, match="法制审核在 2026-05-22 同意") as refused:
        services.notify_case(served=by_hand(date(2026, 5, 21)), **early)
    assert refused.value.at == ("served_on",)
    assert services.notify_case(served=by_hand(TOLD), **early).status == "notified"


@pytest.mark.parametrize("event", ["end_case", "revoke_case"])
def test_nothing_stays_sealed_when_the_case_is_over(
    event: str, filed: Case, evidence: Any, served: Any, team: Any, cast: Any, act: Any
) -> None:
    sealed = evidence(filed, hold="seal", title="进销存账 2 册")
    case = served("0") if event == "revoke_case" else filed
    with pytest.raises(Refusal, match="证据“进销存账 2 册”仍在封存，请先处理"):
        act(case, event, cast.approver, SERVED, "线索不实")
    keeping.release_evidence(actor=team[0], evidence=sealed, how="退还", on=SERVED)
    assert act(case, event, cast.approver, SERVED, "线索不实").is_over
