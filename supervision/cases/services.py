"""The steps of a case: each locks it, asks what the law asks, takes the step and sets its term."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.numbers import next_number
from desk.reasons import given_reason
from desk.workdays import calendar
from desk.workflow import same_hand
from enrollment.models import Person
from institutions.models import Institution
from lib.money import to_fen, to_yuan, told
from lib.resident_id import people_masked
from supervision.cases import clocks
from supervision.cases.causes import Cause, causes
from supervision.cases.delivering import Served, deliver
from supervision.cases.delivery_models import Delivery
from supervision.cases.execution import (
    debt_still_open,
    problem_of_closing,
    problem_of_held,
    problem_of_pauses,
)
from supervision.cases.fines import fine_problem, multiple
from supervision.cases.models import ZERO, Case, CaseClaim, CaseNote, CaseOfficer, CasePause
from supervision.cases.workflow import CASES
from supervision.grouping import event_of
from supervision.inspections.order_models import HandOver
from supervision.models import Alert
from supervision.words.models import PartyWord

S, P, Outcome = Case.Status, CasePause.Status, Case.Outcome
SERIES = "医保稽案"
MIN_OFFICERS = 2  # 令第4号: 执法人员不得少于两人
# A fine from here on is decided by several (行政处罚法 第五十七条 重大违法行为, which names no sum;
# hearing thresholds of provinces lie about here): yuan, of a person and of anybody else.
LARGE_OF_PERSON, LARGE = Decimal(10_000), Decimal(100_000)


@dataclass(frozen=True, kw_only=True)
class Clue:
    """What somebody found, told or handed over, and about whom."""

    source: str
    told: str
    source_note: str = ""
    institution: Institution | None = None
    person: Person | None = None
    party_name: str = ""
    alert: Alert | None = None
    hand_over: HandOver | None = None


@dataclass(frozen=True, kw_only=True)
class Filing:
    """What is put forward to be filed (立案审批表)."""

    cause: str
    act_ended_on: date
    is_grave: bool = False
    opinion: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the investigation found, and what is proposed. `fine`: yuan, where the article names a
    sum; where it names a multiple, `factor` in hundredths of the loss."""

    facts: str
    outcome: str
    loss: Decimal
    factor: int | None = None
    fine: Decimal | None = None
    lighter: str = ""


@all_or_nothing()
def open_clue(*, actor: User, area: Division, clue: Clue, on: date) -> Case:
    """A new clue, with a number without gaps. Raises Refusal at the input."""
    words = people_masked(given_reason(clue.told, asks="线索内容", most=300, at=("told",)))
    party, name = _party(clue)
    number = next_number(SERIES, area.county_code, on.year)
    case = CASES.create(
        "open_clue",
        actor=actor,
        area=area,
        number=f"{SERIES}〔{on.year}〕{number}号",
        source=clue.source,
        source_note=people_masked(clue.source_note.strip())[:120],
        alert=clue.alert,
        hand_over=clue.hand_over,
        party=party,
        institution=clue.institution,
        person=clue.person,
        party_name=name,
        told=words,
        found_on=on,
        found_by=actor,
        due_on=clocks.clue_due(on, calendar(on), extended=False),
    )
    if clue.alert is not None:
        confirmed = {
            one.settlement_id: one.settlement
            for one in event_of(clue.alert)
            if one.status == Alert.Status.CONFIRMED
        }
        for _, settlement in sorted(confirmed.items()):
            CaseClaim.objects.create(
                case=case, settlement=settlement, amount=settlement.fund_amount, added_by=actor
            )
    return case


def _party(clue: Clue) -> tuple[str, str]:
    if clue.institution is not None:
        return Case.Party.INSTITUTION, clue.institution.name
    if clue.person is not None:
        return Case.Party.PERSON, clue.person.name
    name = people_masked(given_reason(clue.party_name, asks="当事人", most=100, at=("party_name",)))
    return Case.Party.OTHER, name


def from_alert(*, actor: User, alert: Alert, on: date) -> Case:
    """A confirmed alert becomes a clue: against the institution where there is one. Raises
    Refusal."""
    if alert.status != Alert.Status.CONFIRMED:
        raise Refusal("疑点核实属实以后才能转为案件线索，请先填写核查结论")
    visit = alert.settlement.visit
    clue = Clue(
        source=Case.Source.ALERT,
        source_note=f"疑点 {alert}",
        told=f"{alert.rule_title}。{alert.conclusion}"[:300],
        institution=visit.institution,
        party_name="" if visit.institution else visit.institution_name,
        alert=alert,
    )
    area = Division.objects.get(code=alert.division.county_code)
    return open_clue(actor=actor, area=area, clue=clue, on=on)


def from_handover(*, actor: User, handover: HandOver, on: date) -> Case:
    """What an inspection handed over to ourselves becomes a clue against the institution. Raises
    Refusal."""
    if handover.to != HandOver.To.CASE:
        raise Refusal(f"这份移送给{handover.get_to_display()}，不由本局立案，不能转为案件线索")
    institution = handover.inspection.place.institution
    clue = Clue(
        source=Case.Source.INSPECTION,
        source_note=handover.number,
        told=handover.reason,
        institution=institution,
        hand_over=handover,
    )
    area = Division.objects.get(code=institution.division.county_code)
    return open_clue(actor=actor, area=area, clue=clue, on=on)


@all_or_nothing()
def decide_clue(*, actor: User, row: Case, event: str, on: date, reason: str = "") -> Case:
    """A button of the case that asks for nothing but a reason. Raises Refusal."""
    case = CASES.lock(row.pk)
    columns: dict[str, Any] = PREPARED[event](case, actor, on) if event in PREPARED else {}
    if event == "revoke_case":
        # First: what is put away does not change.
        _open_archive(case, actor, CASES.check(case, event, actor, reason))
    case = CASES.take(case, event, actor=actor, reason=reason, **columns)
    return retime(case, on)


def _extended_clue(case: Case, actor: User, on: date) -> dict[str, Any]:
    if case.clue_extended:
        raise Refusal("线索核查已延长过一次，不能再延长")
    return {"clue_extended": True}


def _filed(case: Case, actor: User, on: date) -> dict[str, Any]:
    if actor.pk in set(officers_of(case).values_list("user", flat=True)):
        raise Refusal("办案人员不能批准立案，请由其他人审批")
    if officers_of(case).count() < MIN_OFFICERS:
        raise Refusal(f"办案人员不得少于 {MIN_OFFICERS} 人，请先指定办案人员再批准立案")
    return {"filed_on": on}


def _resumed(case: Case, actor: User, on: date) -> dict[str, Any]:
    """That it was suspended ends with the case."""
    rows = case.pauses.filter(last_day=None, kind=CasePause.Kind.SUSPENDED)
    rows.filter(status=P.ENDING).update(last_day=on, status=P.AGREED)
    rows.update(last_day=on)
    return {}


def _checked(case: Case, actor: User, on: date) -> dict[str, Any]:
    if actor.pk in set(case.officers.values_list("user", flat=True)):
        raise Refusal("办案人员不能作法制审核，请由没有参与调查的人审核")
    return {}


def _decided(case: Case, actor: User, on: date) -> dict[str, Any]:
    if wrong := same_hand(
        actor, _hands_before(case), ["调查", "法制审核", "告知", "代录答复", "决定"], "作出处理决定"
    ):
        raise Refusal(wrong)
    if case.notified_on is None:
        raise Refusal("还没有登记告知，请先送达告知书")
    # What was said to an earlier notice, or discussed about it, is not said about this one.
    said = case.notes.filter(happened_on__gte=case.notified_on).order_by("happened_on", "pk")
    until = clocks.hearing_until(case.notified_on, calendar(case.notified_on))
    asked = said.filter(kind=CaseNote.Kind.HEARING_ASKED).last()
    waived = said.filter(kind=CaseNote.Kind.WAIVED).last()
    # Who asks to be heard after that takes the waiver back.
    stands = waived and (asked is None or _order(asked) < _order(waived))
    if on <= until and not (stands and _has_signed(case)):
        raise Refusal(
            f"当事人在 {until} 以前可以陈述、申辩、申请听证，期满或本人书面放弃后再决定；"
            "书面放弃的用“代录当事人答复”登记，附签字的扫描件"
        )
    heard = said.filter(kind=CaseNote.Kind.HEARING)
    if asked and not heard.filter(happened_on__gt=asked.happened_on).exists():
        raise Refusal(f"当事人已在 {asked.happened_on} 申请听证，请先举行听证并登记")
    agreed = case.notes.filter(kind=CaseNote.Kind.COLLECTIVE, happened_on__gte=case.reported_on)
    if needs_collective(case) and not agreed.exists():
        raise Refusal("这是重大处罚，须经集体讨论决定（行政处罚法 第五十七条），请先登记集体讨论")
    return {"decided_on": on}


def _order(note: CaseNote) -> tuple[date, int]:
    return note.happened_on, note.pk


def _hands_before(case: Case) -> set[int | None]:
    """Who investigated, checked, told the party or wrote down what it said."""
    hands = {case.asked_by_id, case.reported_by_id, case.checked_by_id, case.notified_by_id}
    hands |= set(case.officers.values_list("user", flat=True))
    hands |= set(case.party_words.values_list("entered_by", flat=True))
    written = case.notes.filter(kind__in=[*CaseNote.OF_PARTY, CaseNote.Kind.HEARING])
    return hands | set(written.values_list("added_by", flat=True))


def _has_signed(case: Case) -> bool:
    """Whether there is a scan of what the party signed when it gave up its term, since it was told:
    a note of an officer alone ends no term."""
    signed = case.party_words.filter(kind=PartyWord.Kind.AGREED, scans__isnull=False)
    return signed.filter(received_on__gte=case.notified_on).exists()


def _closed(case: Case, actor: User, on: date) -> dict[str, Any]:
    hands = {case.reported_by_id, case.delivered_by_id}
    hands |= set(case.officers.values_list("user", flat=True))
    if wrong := same_hand(actor, hands, ["调查", "结案"], "批准结案"):
        raise Refusal(wrong)
    if wrong := problem_of_pauses(case) or problem_of_closing(case):
        raise Refusal(wrong)
    return {"closed_on": on}


def _ended(case: Case, actor: User, on: date) -> dict[str, Any]:
    """Nobody looks into a case that is over: what is sealed is given back before, and that it was
    suspended ends with it."""
    if wrong := problem_of_pauses(case):
        raise Refusal(wrong)
    return _given_up(case, actor, on)


def _given_up(case: Case, actor: User, on: date) -> dict[str, Any]:
    if wrong := problem_of_held(case):
        raise Refusal(wrong)
    return _resumed(case, actor, on)


def _revoked(case: Case, actor: User, on: date) -> dict[str, Any]:
    if debt := debt_still_open(case):
        raise Refusal(
            f"追回单 {debt}（{debt.get_status_display()}）是按这个决定提出的，"
            "请先办结：没有复核的不予追回，已复核的收齐或核销"
        )
    # A court waits for no pause that is still to be decided.
    return _given_up(case, actor, on)


def _open_archive(case: Case, actor: User, reason: str) -> None:
    """A decision that fell after its case was put away opens the file again."""
    archive = case.archives.select_for_update(no_key=True).filter(opened_at=None).first()
    if archive is None:
        return
    before = audited(archive)
    archive.opened_by, archive.opened_at = actor, timezone.now()
    archive.opened_why = reason[:300]
    archive.save(update_fields=["opened_by", "opened_at", "opened_why"])
    record(actor=actor, action="supervision.open_archive", subject=archive, before=before)


# What a button writes beside the status, or why it is refused.
PREPARED: dict[str, Callable[[Case, User, date], dict[str, Any]]] = {
    "extend_clue": _extended_clue,
    "file_case": _filed,
    "check_case": _checked,
    "object_case": _checked,
    "decide_case": _decided,
    "close_case": _closed,
    "decline_clue": _ended,
    "end_case": _ended,
    "revoke_case": _revoked,
}


def needs_collective(case: Case) -> bool:
    """Whether several must decide: a large fine, a hand-over, or a term extended twice."""
    large = LARGE_OF_PERSON if case.party == Case.Party.PERSON else LARGE
    twice = case.extended_days > clocks.FIRST_EXTENSION
    return case.fine_amount >= large or case.outcome == Outcome.TRANSFER or twice


@all_or_nothing()
def ask_filing(*, actor: User, case: Case, filing: Filing, on: date) -> Case:
    """Put the clue forward to be filed, by its cause. Raises Refusal at the input."""
    row = CASES.lock(case.pk)
    cause = _cause(row, filing.cause)
    if filing.act_ended_on > on:
        raise Refusal("行为终了日期不能晚于今天", "act_ended_on")
    opinion = people_masked(
        given_reason(filing.opinion, asks="立案意见", most=300, at=("opinion",))
    )
    row = CASES.take(
        row,
        "ask_filing",
        actor=actor,
        cause_code=cause.code,
        act_ended_on=filing.act_ended_on,
        is_grave=filing.is_grave,
        opinion=opinion,
    )
    return retime(row, on)


def _cause(case: Case, code: str) -> Cause:
    cause = causes().get(code)
    if cause is None:
        raise Refusal("请选择案由", "cause")
    if cause.subject in {"institution", "person"} and cause.subject != case.party:
        raise Refusal(f"案由 {cause} 不适用于{case.get_party_display()}，请另选", "cause")
    return cause


@all_or_nothing()
def extend_case(*, actor: User, case: Case, days: int, reason: str, on: date) -> Case:
    """Thirty days more, and once more at most sixty, agreed to by several. Raises Refusal."""
    row = CASES.lock(case.pk)
    if wrong := clocks.extension_problem(row.extended_days, days):
        raise Refusal(wrong, "days")
    discussed = row.notes.filter(kind=CaseNote.Kind.COLLECTIVE).exists()
    if row.extended_days and not discussed:
        raise Refusal("再次延长须经集体讨论，请先登记集体讨论", "days")
    if (term := term_of(row, on)) and on > term:
        raise Refusal(f"办案期限 {term} 已过，不能再批准延长")
    more = row.extended_days + days
    row = CASES.take(row, "extend_case", actor=actor, reason=reason, extended_days=more)
    return retime(row, on)


@all_or_nothing()
def report_case(*, actor: User, case: Case, finding: Finding, on: date) -> Case:
    """The investigation is over: its facts, the loss and what is proposed. Raises Refusal."""
    row = CASES.lock(case.pk)
    end_full(row, on)
    _report_problem(row, actor)
    facts = people_masked(
        given_reason(finding.facts, asks="查明的事实", least=10, most=1000, at=("facts",))
    )
    loss = _yuan(finding.loss, "loss")
    claimed = claimed_of(row)
    if loss < claimed:
        raise Refusal(f"造成的损失不能少于涉案结算单的合计 {told(claimed)} 元", "loss")
    if finding.outcome not in Outcome.values:
        raise Refusal("请选择处理意见", "outcome")
    if finding.outcome == Outcome.NONE and loss:
        raise Refusal("违法事实不成立的，损失填 0，涉案结算单的金额也改为 0", "loss")
    fine, factor = _fine(row, finding, loss)
    row = CASES.take(
        row,
        "report_case",
        actor=actor,
        facts=facts,
        outcome=finding.outcome,
        loss_amount=loss,
        factor=factor,
        fine_amount=fine,
        lighter=people_masked(finding.lighter.strip())[:200],
        reported_on=on,
    )
    return retime(row, on)


def _report_problem(case: Case, actor: User) -> None:
    officers = set(officers_of(case).values_list("user", flat=True))
    if len(officers) < MIN_OFFICERS:
        raise Refusal(f"办案人员不得少于 {MIN_OFFICERS} 人，请先指定")
    if actor.pk not in officers:
        raise Refusal("只有本案的办案人员才能终结调查")
    if not case.evidence.exists():
        raise Refusal("还没有登记证据，请先登记再终结调查")
    if case.pauses.filter(last_day=None).exists():
        raise Refusal("有一段扣除期间还没有结束，请先登记结束日期，经批准后再终结调查")


def _fine(case: Case, finding: Finding, loss: Decimal) -> tuple[Decimal, int | None]:
    """Yuan and factor. What the party has been told is not made worse by what it said in its
    defence (行政处罚法 第四十五条)."""
    cause = case.cause
    assert cause is not None and case.act_ended_on is not None
    if finding.outcome != Outcome.PENALTY:
        return ZERO, None
    if clocks.is_prescribed(case.act_ended_on, case.found_on, grave=case.is_grave):
        years = clocks.GRAVE_YEARS if case.is_grave else clocks.PRESCRIPTION_YEARS
        raise Refusal(
            f"行为终了（{case.act_ended_on}）已满 {years} 年才发现，不再处罚"
            "（行政处罚法 第三十六条），请选“责令退回，不予罚款”",
            "outcome",
        )
    factor = finding.factor if cause.times else None
    if cause.times and factor is None:
        raise Refusal("请填写罚款倍数", "factor")
    fine = multiple(to_fen(loss), factor) if factor else to_fen(_yuan(finding.fine or ZERO, "fine"))
    at = "factor" if cause.times else "fine"
    light = bool(finding.lighter.strip())
    if wrong := fine_problem(cause, factor=factor, fine=fine, lighter=light):
        raise Refusal(wrong, at)
    if not fine:
        raise Refusal("罚款是 0 元：请选“责令退回，不予罚款”", at)
    heard = case.notes.filter(kind__in=[CaseNote.Kind.STATEMENT, CaseNote.Kind.HEARING]).exists()
    before = case.told_fine_amount
    if heard and before is not None and to_yuan(fine) > before:
        raise Refusal(
            f"已告知罚款 {told(before)} 元，不得因当事人陈述、申辩而加重（行政处罚法 第四十五条）",
            at,
        )
    return to_yuan(fine), factor


def _yuan(amount: Decimal, at: str) -> Decimal:
    try:
        fen = to_fen(amount)
    except ValueError as wrong:
        raise Refusal(str(wrong), at) from None
    if fen < 0:
        raise Refusal("金额不能是负数", at)
    return to_yuan(fen)


@all_or_nothing()
def notify_case(*, actor: User, case: Case, served: Served, on: date) -> Case:
    """The party has been told what is intended, and that it may state its case: from the day of
    service its five working days run. Raises Refusal at the input."""
    row, told_on = CASES.lock(case.pk), served.served_on
    if not (row.reported_on and row.reported_on <= told_on <= on):
        raise Refusal("告知日期应在调查终结以后、今天以前", "served_on")
    # The check is stamped by the clock; a rehearsal's day may lie before it.
    checked_on = min(timezone.localdate(row.checked_at), on)
    if told_on < checked_on:
        raise Refusal(f"法制审核在 {checked_on} 同意，告知日期不能早于这一天", "served_on")
    row = CASES.take(
        row,
        "notify_case",
        actor=actor,
        notified_on=told_on,
        told_fine_amount=row.fine_amount,
    )
    deliver(actor=actor, about=row, document=Delivery.Document.NOTICE, served=served, on=on)
    return retime(row, on)


@all_or_nothing()
def deliver_case(*, actor: User, case: Case, served: Served, on: date) -> Case:
    """The decision has reached the party: from the day of service it pays within fifteen days.
    Raises Refusal at the input."""
    row = CASES.lock(case.pk)
    if not (row.decided_on and row.decided_on <= served.served_on <= on):
        raise Refusal("送达日期应在决定以后、今天以前", "served_on")
    document = Delivery.Document.DECISION
    done = deliver(actor=actor, about=row, document=document, served=served, on=on)
    row = CASES.take(
        row,
        "deliver_case",
        actor=actor,
        delivered_on=served.served_on,
        opinion=done.told[:300],
    )
    return retime(row, on)


def officers_of(case: Case) -> Any:
    """Those who investigate now."""
    return CaseOfficer.objects.filter(case=case, left_on=None).order_by("pk")


def claimed_of(case: Case) -> Decimal:
    """Yuan of the case's settlements that were not due."""
    found: Decimal = case.claims.aggregate(total=Sum("amount", default=ZERO))["total"]
    return found


def due_of(case: Case, on: date) -> date | None:
    """The last day of what the case waits for now; None once it waits for nothing."""
    if case.status in {S.CLUE, S.ASKED}:
        return clocks.clue_due(case.found_on, calendar(case.found_on), extended=case.clue_extended)
    if case.status == S.DECIDED and case.decided_on:
        return clocks.delivery_due(case.decided_on, calendar(case.decided_on))
    if case.status == S.DELIVERED and case.delivered_on:
        return clocks.paying_due(case.delivered_on)
    if case.is_over or case.status == S.PAUSED or (whole := term_of(case, on)) is None:
        return None
    if case.status == S.REPORTED and case.reported_on:
        return min(whole, clocks.legal_due(case.reported_on, calendar(case.reported_on)))
    return whole


def term_of(case: Case, on: date) -> date | None:
    """The last day of the whole case, without the days that another agreed do not count."""
    if case.filed_on is None:
        return None
    spans = [_span(one, on) for one in case.pauses.filter(status__in=CasePause.COUNTED)]
    return clocks.case_due(case.filed_on, case.extended_days, spans)


def _span(pause: CasePause, on: date) -> clocks.Span:
    first, last = pause.first_day, pause.last_day or pause.ends_on or on
    last = min(last, pause.full_on or last)
    return clocks.Span(first, max(last, first))


def end_full(case: Case, on: date) -> None:
    """What is full has ended by itself, whoever notes it or not; the case is locked."""
    rows = case.pauses.filter(last_day=None, status__in=CasePause.COUNTED)
    for row in rows.select_for_update(no_key=True):
        full = row.full_on
        # An earlier day that waits to be agreed to is left to whoever decides it.
        if full is None or full >= on or (row.ends_on and row.ends_on <= full):
            continue
        before = audited(row)
        row.status, row.last_day = P.AGREED, full
        row.save(update_fields=["status", "last_day"])
        record(actor=None, action="supervision.end_full_pause", subject=row, before=before)


def retime(case: Case, on: date) -> Case:
    """Write down what the open step's last day is now; the case is locked."""
    end_full(case, on)
    due = due_of(case, on)
    if due != case.due_on:
        case.due_on = due
        case.save(update_fields=["due_on"])
    return case


def hands_on(case: Case) -> Q:
    """Users who entered, reviewed, approved or paid a claim of the case: they do not investigate
    it (令第4号 回避; 内部控制: who makes a payment does not look into it)."""
    hands: set[int] = set()
    columns = ("entered_by", "reviewed_by", "approved_by", "paid_by", "visit__entered_by")
    for row in case.claims.values_list(*(f"settlement__{one}" for one in columns)):
        hands |= {one for one in row if one is not None}
    return Q(pk__in=hands)
