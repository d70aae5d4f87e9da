"""Writes of complaints: taking one in, its steps, reading who told, the clue, the reward."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.numbers import next_number
from desk.reasons import given_reason
from desk.workdays import calendar
from institutions.models import Institution
from lib.money import half_up, to_fen, to_yuan, told
from lib.resident_id import masked_in, people_masked
from supervision.cases.models import Case
from supervision.cases.services import Clue, open_clue
from supervision.cases.workflow import CASES
from supervision.complaints.models import Complaint, Reward
from supervision.complaints.workflow import COMPLAINTS, REWARDS

SERIES = "医保举报"
# Working days until it is accepted or not, as of any clue, and until the answer: no norm that we
# hold gives the second.
ACCEPT_WORKDAYS, ANSWER_WORKDAYS = 15, 30
# 违法违规使用医疗保障基金举报奖励办法 (2022): 最低不少于 200 元, 最高不超过 20 万元.
MIN_REWARD, MAX_REWARD = 200_00, 200_000_00


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was told; `informant`: who told it, empty for nobody known."""

    channel: str
    about: str
    told: str
    informant: str = ""


@all_or_nothing()
def take_complaint(*, actor: User, area: Division, said: Told, on: date) -> Complaint:
    """Taken in, with a number without gaps. Raises Refusal at the input."""
    about = people_masked(given_reason(said.about, asks="被投诉举报人", most=100, at=("about",)))
    words = given_reason(said.told, asks="内容", least=4, most=500, at=("told",))
    number = next_number(SERIES, area.county_code, on.year)
    return COMPLAINTS.create(
        "take_complaint",
        actor=actor,
        area=area,
        number=f"{SERIES}〔{on.year}〕{number}号",
        channel=said.channel,
        about=about,
        told=masked_in(words)[:500],
        informant=said.informant.strip()[:200],
        received_on=on,
        received_by=actor,
        due_on=calendar(on).after(on, ACCEPT_WORKDAYS),
    )


@all_or_nothing()
def step_complaint(
    *, actor: User, row: Complaint, event: str, on: date, reason: str = ""
) -> Complaint:
    """Accept, reject or answer. Raises Refusal."""
    accepts = event == "accept_complaint"
    due = calendar(on).after(on, ANSWER_WORKDAYS) if accepts else None
    return COMPLAINTS.move(row.pk, event, actor=actor, reason=reason, due_on=due)


@all_or_nothing()
def reveal_informant(*, actor: User, row: Complaint, reason: str) -> str:
    """Who told: with a reason, which the trail keeps. Raises Refusal."""
    reason = given_reason(reason, asks="查看举报人信息的理由", least=4)
    if not row.is_named:
        raise Refusal("这是匿名举报，没有举报人信息")
    record(actor=actor, action="supervision.reveal_informant", subject=row, reason=reason)
    found: str = row.informant
    return found


@all_or_nothing()
def to_clue(*, actor: User, row: Complaint, on: date) -> Case:
    """An accepted complaint becomes a clue; who told does not go along. Raises Refusal."""
    complaint = COMPLAINTS.lock(row.pk)
    if complaint.status != Complaint.Status.ACCEPTED or complaint.case_id:
        raise Refusal("受理以后、答复以前才能转为案件线索，并且只转一次")
    # Who names an institution of the county as it is registered means that one.
    institution = Institution.objects.filter(
        division__code__startswith=complaint.area.code, name=complaint.about
    ).first()
    clue = Clue(
        source=Case.Source.COMPLAINT,
        source_note=complaint.number,
        told=complaint.told[:300],
        institution=institution,
        party_name="" if institution else complaint.about,
    )
    complaint.case = open_clue(actor=actor, area=complaint.area, clue=clue, on=on)
    complaint.save(update_fields=["case"])
    record(actor=actor, action="supervision.complaint_to_clue", subject=complaint)
    return complaint.case


def reward_of(found: int, percent: int) -> int:
    """Fen: so many percent of what was found, within the bounds of the norm."""
    return min(max(half_up(found * percent, 100), MIN_REWARD), MAX_REWARD)


def _earned(complaint: Complaint, found_amount: Decimal) -> None:
    """Raises Refusal where no decision of the case stands that bears the amount."""
    case = CASES.lock(complaint.case_id) if complaint.case_id else None
    if case is None or case.status not in Case.DECISION_STANDS:
        raise Refusal("举报转为案件并作出处理决定以后才能奖励")
    if not 0 < found_amount <= case.loss_amount:
        raise Refusal(f"查实金额应在 {told(case.loss_amount)} 元以内", "found_amount")


@all_or_nothing()
def propose_reward(
    *,
    actor: User,
    row: Complaint,
    found_amount: Decimal,
    percent: int,
    evidence: str,
    reason: str,
    on: date,
) -> Reward:
    """Put forward what whoever told gets. Raises Refusal at the input."""
    complaint = COMPLAINTS.lock(row.pk)
    if not complaint.is_named:
        raise Refusal("匿名举报无法核实身份，不能发放奖励")
    _earned(complaint, found_amount)
    if not 1 <= percent <= 100:
        raise Refusal("奖励比例为 1 至 100", "percent")
    return REWARDS.propose(
        Asked(actor, on, evidence, reason, paper="依据文件"),
        complaint=complaint,
        found_amount=found_amount,
        percent=percent,
        amount=to_yuan(reward_of(to_fen(found_amount), percent)),
    )


@all_or_nothing()
def decide_reward(*, actor: User, row: Reward, event: str, on: date, reason: str = "") -> Reward:
    """Agree while the decision that earned it still stands; refuse or take back. Raises Refusal."""
    reward = REWARDS.lock(row.pk)
    REWARDS.check(reward, event, actor, reason)
    if event == "approve_reward":
        _earned(reward.complaint, reward.found_amount)
    return REWARDS.decided(reward, event, actor=actor, on=on, reason=reason)
