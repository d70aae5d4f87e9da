"""The table of transitions, and that neither the services nor SQL go around it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import PERMISSIONS
from claims import services
from claims.models import Settlement
from claims.paying.services import UNSEEN
from claims.workflow import SETTLEMENTS
from desk.workflow import PORTAL, START, STAY, Hand
from enrollment.models import Person
from funds.models import Book
from tests.claims.conftest import TODAY, line
from tests.claims.deciding.conftest import rules

Status = Settlement.Status
STEPS, BY_EVENT = SETTLEMENTS.steps, SETTLEMENTS.by_event
Counter = Callable[..., Settlement]


def agree_in_part(c: SimpleNamespace, claim: Settlement) -> None:
    """The first of two: the county lets two approve from 100.00 on."""
    rules(c, second_above=100)
    services.approve(actor=c.approver, settlement=claim)
    assert claim.approvals.get().by == c.approver


# The service behind each event, called by somebody whose permission and hands are fine.
ACTS: dict[str, Callable[[SimpleNamespace, Settlement], object]] = {
    "submitted": lambda c, s: services.submit(actor=c.hospital_clerk, settlement=s, on=TODAY),
    "discarded": lambda c, s: services.discard(actor=c.hospital_clerk, settlement=s),
    "withdrawn": lambda c, s: services.withdraw(
        actor=c.hospital_clerk, settlement=s, reason="录错"
    ),
    "reviewed": lambda c, s: services.review(actor=c.reviewer, settlement=s),
    "cut": lambda c, s: services.cut_and_review(
        actor=c.reviewer, settlement=s, cuts={1: services.Cut(0, "重复收费")}, on=TODAY
    ),
    "returned": lambda c, s: services.return_to_clerk(
        actor=c.reviewer, settlement=s, reason="缺出院小结"
    ),
    "approved": lambda c, s: services.approve(actor=c.approver, settlement=s),
    "agreed": agree_in_part,
    "refused": lambda c, s: services.refuse(
        actor=c.reviewer, settlement=s, code="accident", words="交警认定对方全责"
    ),
    "denied": lambda c, s: services.refuse(
        actor=c.approver, settlement=s, code="accident", words="交警认定对方全责"
    ),
    "reopened": lambda c, s: services.reopen(
        actor=c.approver2, settlement=s, reason="查明无第三人责任"
    ),
    "sent_back": lambda c, s: services.send_back(
        actor=c.approver, settlement=s, reason="请再核对清单"
    ),
    "rejected": lambda c, s: services.reject(actor=c.approver, settlement=s, reason="有疑点"),
    "stopped": lambda c, s: services.stop(actor=c.approver, settlement=s, reason="有举报"),
    "unclosed": lambda c, s: services.unclose(
        actor=c.approver2, settlement=s, reason="类别录错，应按特殊门诊结算"
    ),
    # Their services have stories of their own (tests/claims/paying).
    "payee_changed": lambda c, s: SETTLEMENTS.move(
        s.pk, "payee_changed", actor=c.clerk_a, reason="账号录错", withdrawn_reason="", **UNSEEN
    ),
    "paid": lambda c, s: SETTLEMENTS.move(
        s.pk, "paid", actor=c.cashier, paid_on=TODAY, voucher_number="2026-03-0001"
    ),
}


@pytest.fixture
def at(
    counter: Counter, wang: Person, cast: SimpleNamespace, book: Book
) -> Callable[[str], Settlement]:
    """A claim that has come as far as the status."""

    def bring(status: str) -> Settlement:
        draft, price = status == Status.DRAFT, "1" if status == Status.NOTHING_DUE else "10"
        claim = counter(wang, line("X01", "100", price), submit_now=not draft)
        way = {
            Status.REVIEWED: ["reviewed"],
            Status.APPROVED: ["reviewed", "approved"],
            Status.PAID: ["reviewed", "approved", "paid"],
            Status.REFUSED: ["refused"],
            Status.NOTHING_DUE: ["reviewed", "approved"],
            Status.WITHDRAWN: ["withdrawn"],
        }
        for event in way.get(Status(status), []):
            ACTS[event](cast, claim)
        claim.refresh_from_db()
        assert claim.status == status
        return claim

    return bring


def test_every_status_appears() -> None:
    ends = {Status.PAID, Status.WITHDRAWN}
    assert {source for t in STEPS for source in t.sources} == {START, *Status.values} - ends
    assert {t.target for t in STEPS} == {STAY, *Status.values}
    assert len(BY_EVENT) == len(STEPS)
    assert {t.permission for t in STEPS} - {PORTAL} <= set(PERMISSIONS)
    assert set(ACTS) == {t.event for t in STEPS if t.source != START and t.permission != PORTAL}


def outcome(cast: SimpleNamespace, claim: Settlement, event: str) -> tuple[str, str]:
    """What is said to the event, and the status after it, which is taken back."""
    said = ""
    with transaction.atomic():
        row = Settlement.objects.get(pk=claim.pk)
        try:
            ACTS[event](cast, row)
        except Refusal as refused:
            said = "不能办理" if "不能办理" in str(refused) else str(refused)
        row.refresh_from_db()
        connection.check_constraints()  # what waits for the end of the transaction
        transaction.set_rollback(True)
    return said, row.status


@pytest.mark.parametrize("status", Status.values)
def test_each_event_from_each_status(
    at: Callable[[str], Settlement], cast: SimpleNamespace, status: str
) -> None:
    """The matrix: allowed exactly where the table says. The claim is brought there once."""
    claim = at(status)
    told = {
        event: ("", BY_EVENT[event].target or status)
        if status in BY_EVENT[event].sources
        else ("不能办理", status)
        for event in ACTS
    }
    assert {event: outcome(cast, claim, event) for event in ACTS} == told


def sql(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_sql_knows_the_same_table(at: Callable[[str], Settlement], cast: SimpleNamespace) -> None:
    """From every status, in raw SQL, exactly the table's moves pass the trigger."""
    allowed = {tuple(pair.split(">")) for pair in SETTLEMENTS.pairs()}
    hands = (
        "reviewed_by_id = %s, approved_by_id = %s, paid_by_id = %s, paid_on = '2026-03-20',"
        " withdrawn_reason = 'x'"
    )
    people = (cast.reviewer.pk, cast.approver.pk, cast.cashier.pk)
    for source in Status.values:
        with transaction.atomic():
            claim = at(source)
            for target in set(Status.values) - {source}:
                with transaction.atomic():
                    try:
                        sql(
                            f"UPDATE claims_settlement SET status = %s, {hands} WHERE id = %s",
                            target,
                            *people,
                            claim.pk,
                        )
                        passed = True
                    except IntegrityError as error:
                        passed = "cannot go from" not in str(error)
                    transaction.set_rollback(True)
                assert passed == ((source, target) in allowed), (source, target)
            transaction.set_rollback(True)


def test_permissions_are_asked_first(
    at: Callable[[str], Settlement], cast: SimpleNamespace
) -> None:
    """Every role without the permission is refused, whatever the claim's status."""
    claim = at(Status.SUBMITTED)
    for user in vars(cast).values():
        for step in STEPS:
            if step.permission == PORTAL or not user.may(step.permission):
                assert "您的角色不能办理" in SETTLEMENTS.problem(claim, step.event, user)


def test_only_who_entered_takes_it_back(
    at: Callable[[str], Settlement], cast: SimpleNamespace
) -> None:
    claim = at(Status.SUBMITTED)
    with pytest.raises(Refusal, match="只有录入人本人"):
        services.withdraw(actor=cast.clerk_a, settlement=claim, reason="录错")


@pytest.mark.parametrize(
    "event", [t.event for t in STEPS if t.reason and t.event != "payee_changed"]
)
def test_sending_back_wants_a_reason(
    at: Callable[[str], Settlement], cast: SimpleNamespace, event: str
) -> None:
    claim = at(BY_EVENT[event].sources[-1])
    service = {
        "withdrawn": services.withdraw,
        "returned": services.return_to_clerk,
        "rejected": services.reject,
        "sent_back": services.send_back,
        "reopened": services.reopen,
        "stopped": services.stop,
        "unclosed": services.unclose,
    }[event]
    others = {
        "withdrawn": cast.hospital_clerk, "returned": cast.reviewer, "unclosed": cast.approver2,
    }  # fmt: skip
    actor = others.get(event, cast.approver)
    with pytest.raises(Refusal, match="请写明") as refused:
        service(actor=actor, settlement=claim, reason="  ")
    assert refused.value.field == "reason"


def two_hats(user: User, role: str, county: Division) -> User:
    """The same person after a change of duty."""
    user.role, user.division = role, county
    user.save()
    return user


@pytest.mark.parametrize("event", [t.event for t in STEPS if t.hand is Hand.OTHER])
def test_whoever_had_a_hand_in_it_has_no_second(
    at: Callable[[str], Settlement], county: Division, event: str
) -> None:
    """Even with the right role: the earlier hands of this claim are refused."""
    step = BY_EVENT[event]
    claim = at(step.source or Status.SUBMITTED)
    role = {"claims.review": "reviewer", "claims.approve": "approver", "claims.pay": "cashier"}
    hands = [claim.entered_by, claim.reviewed_by, claim.approved_by]
    for earlier in filter(None, hands):
        again = two_hats(earlier, role[step.permission], county)
        assert "必须由不同的人办理" in SETTLEMENTS.problem(claim, event, again)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ("reviewed_by_id = entered_by_id, status = 'reviewed'", "reviewer_is_not_who_entered"),
        ("approved_by_id = reviewed_by_id, status = 'approved'", "approver_is_a_third_person"),
        ("approved_by_id = entered_by_id, status = 'approved'", "approver_is_a_third_person"),
        ("paid_by_id = approved_by_id", "payer_is_a_fourth_person"),
        ("paid_by_id = reviewed_by_id", "payer_is_a_fourth_person"),
        ("paid_by_id = entered_by_id", "payer_is_a_fourth_person"),
        ("status = 'reviewed'", "reviewed_claim_has_reviewer"),
        ("status = 'approved'", "approved_claim_has_approver"),
        ("status = 'paid'", "paid_claim_has_payer"),
        ("status = 'withdrawn'", "withdrawn_claim_has_reason"),
    ],
)
def test_four_eyes_in_raw_sql(
    at: Callable[[str], Settlement], columns: str, constraint: str
) -> None:
    """Straight in the database the same hand cannot do two of these, nor can one be skipped."""
    source = {
        "reviewer_is_not_who_entered": Status.SUBMITTED,
        "reviewed_claim_has_reviewer": Status.SUBMITTED,
        "withdrawn_claim_has_reason": Status.SUBMITTED,
        "approver_is_a_third_person": Status.REVIEWED,
        "approved_claim_has_approver": Status.REVIEWED,
    }.get(constraint, Status.APPROVED)
    claim = at(source)
    with pytest.raises(IntegrityError, match=constraint):
        sql(f"UPDATE claims_settlement SET {columns} WHERE id = %s", claim.pk)


@pytest.mark.parametrize(
    "change",
    [
        "fund_amount = fund_amount + 1,"
        " personal_amount = personal_amount - 1, cash_amount = cash_amount - 1",
        "tier = 'tier1'",
        "visit_id = visit_id + 1",
        "pay_to = 'household'",
        "entered_by_id = reviewed_by_id",
        "reviewed_by_id = paid_by_id",
        "approved_by_id = NULL",
        "paid_on = '2026-04-01'",
        "voucher_number = 'forged'",
        "number = 'forged'",
    ],
)
def test_a_paid_claim_is_carved_in_stone(at: Callable[[str], Settlement], change: str) -> None:
    claim = at(Status.PAID)
    with pytest.raises(IntegrityError):
        sql(f"UPDATE claims_settlement SET {change} WHERE id = %s", claim.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claims_settlementstep SET sentence = 'x'",
        "DELETE FROM claims_settlementstep",
        "UPDATE claims_usageentry SET amount = 0",
        "DELETE FROM claims_usageentry",
        "UPDATE claims_visit SET starts = starts - 1",
        "DELETE FROM claims_visit",
        "UPDATE claims_billline SET amount = amount + 1",
        "UPDATE claims_billline SET approved_amount = 0, cut_reason = 'x'",
        "DELETE FROM claims_billline",
        "DELETE FROM claims_settlement",
        "TRUNCATE claims_usageentry",
        "TRUNCATE claims_settlementstep",
    ],
)
def test_what_a_claim_rests_on_stays(at: Callable[[str], Settlement], statement: str) -> None:
    at(Status.SUBMITTED)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError):
        sql(statement)


def test_a_draft_may_be_computed_anew(
    at: Callable[[str], Settlement], cast: SimpleNamespace
) -> None:
    claim = at(Status.DRAFT)
    number = claim.number
    assert services.submit(actor=cast.hospital_clerk, settlement=claim, on=TODAY).number == number
