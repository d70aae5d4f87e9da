"""What is added to a case while it runs: claims, officers, evidence, days not counted, records."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.paper_intake.scans import MAX_PAGES
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.workdays import calendar
from lib.money import told
from lib.resident_id import people_masked
from supervision.cases import clocks
from supervision.cases.delivering import ENTRY_WORKDAYS
from supervision.cases.models import Case, CaseClaim, CaseNote, CaseOfficer, CasePause, Evidence
from supervision.cases.scan_models import EvidenceScan
from supervision.cases.services import end_full, hands_on, officers_of, retime, term_of
from supervision.cases.workflow import CASES, PAUSES, WORK, check_not_excused, lock_unarchived
from supervision.inspections.conflicts import conflicts
from supervision.photos import keep_all


def investigated(case: Case, actor: User) -> Case:
    """Locked, while facts may be added by who was not excused. Raises Refusal."""
    row = CASES.lock(case.pk)
    check_not_excused(row, actor)
    if row.status not in Case.INVESTIGATED:
        raise Refusal(f"案件现为“{row.get_status_display()}”，不能再改案情；确需补充的请先退回调查")
    return row


@all_or_nothing()
def put_claim(*, actor: User, case: Case, number: str, amount: Decimal, on: date) -> CaseClaim:
    """A settlement of the case and what of it was not due; given once more, the amount is another.
    Raises Refusal at the input."""
    row = investigated(case, actor)
    claim = Settlement.objects.visible_to(actor).filter(number=number.strip()).first()
    if claim is None or claim.division.county_code != row.area.county_code:
        raise Refusal("没有这个结算单号，请核对", "number")
    if not 0 <= amount <= claim.payable_amount:
        raise Refusal(f"涉案金额应在 0 至 {told(claim.payable_amount)} 元之间", "amount")
    found = row.claims.filter(settlement=claim).first()
    before = audited(found) if found else None
    if found is None:
        found = CaseClaim.objects.create(case=row, settlement=claim, amount=amount, added_by=actor)
    else:
        found.amount = amount
        found.save(update_fields=["amount"])
    officers = officers_of(row).filter(user__in=User.objects.filter(hands_on(row)))
    if conflict := officers.select_related("user").first():
        raise Refusal(f"{conflict.user.name} 办理过这张结算单，请先登记回避，再加入本案", "number")
    record(actor=actor, action="supervision.put_case_claim", subject=found, before=before)
    return found


@all_or_nothing()
def name_officer(*, actor: User, case: Case, user: User, on: date) -> CaseOfficer:
    """Somebody investigates: with the duty for it, without a hand in the claims and without an
    interest in the institution (利害关系声明). Raises Refusal."""
    row = investigated(case, actor)
    if not (user.is_active and user.may(WORK) and user.county_code == row.area.county_code):
        raise Refusal("办案人员应是本县在岗的基金监管人员，请另选", "user")
    if User.objects.filter(hands_on(row), pk=user.pk).exists():
        raise Refusal(f"{user.name} 录入、审核或支付过本案的结算单，应当回避，请另选", "user")
    if row.institution is not None and (ties := conflicts([user], row.institution)):
        raise Refusal(f"{'；'.join(ties)}。请另选", "user")
    if row.officers.filter(user=user).exists():
        raise Refusal(f"{user.name} 已在本案的名单中", "user")
    found = CaseOfficer.objects.create(case=row, user=user, named_by=actor)
    record(actor=actor, action="supervision.name_officer", subject=found)
    return found


@all_or_nothing()
def excuse_officer(*, actor: User, officer: CaseOfficer, reason: str, on: date) -> CaseOfficer:
    """Who has an interest leaves the case (回避) and may not come back to it. Raises Refusal."""
    investigated(officer.case, actor)
    row = CaseOfficer.objects.select_for_update(no_key=True).get(pk=officer.pk)
    if row.left_on is not None:
        raise Refusal("这位办案人员已经回避")
    before = audited(row)
    row.left_on = on
    row.left_why = people_masked(given_reason(reason, asks="回避的原因"))
    row.save(update_fields=["left_on", "left_why"])
    record(actor=actor, action="supervision.excuse_officer", subject=row, before=before)
    return row


@all_or_nothing()
def add_evidence(
    *, actor: User, case: Case, on: date, scans: Sequence[bytes] = (), **said: Any
) -> Evidence:
    """A piece of evidence, with its pages; what is registered or sealed gets its last day. Raises
    Refusal."""
    row = investigated(case, actor)
    if said["obtained_on"] > on:
        raise Refusal("取得日期不能晚于今天", "obtained_on")
    # What we had longer ago was found longer ago than any act is punished (clocks).
    earliest = date(row.found_on.year - clocks.GRAVE_YEARS, 1, 1)
    if said["obtained_on"] < earliest:
        raise Refusal(
            f"取得日期不能早于 {earliest}（线索前 {clocks.GRAVE_YEARS} 年），请核对", "obtained_on"
        )
    said |= {name: people_masked(said[name]) for name in ("title", "origin")}
    first, hold, due = said["obtained_on"], said.get("hold", ""), None
    if hold:
        _check_hold(row, said["title"], first)
    if hold == Evidence.Hold.REGISTERED:
        due = clocks.registration_due(first, calendar(first))
    elif hold == Evidence.Hold.SEALED:
        due = clocks.seal_due(first, extended=False)
    found = Evidence.objects.create(case=row, added_by=actor, hold_due_on=due, **said)
    record(actor=actor, action="supervision.add_evidence", subject=found)
    _keep_scans(actor, found, scans)
    return found


@all_or_nothing()
def scan_evidence(*, actor: User, evidence: Evidence, scans: Sequence[bytes]) -> Evidence:
    """More pages of a piece of evidence, as long as evidence may be added. Raises Refusal at the
    input."""
    if not actor.may(WORK):
        raise Refusal("您的角色不能登记证据")
    investigated(evidence.case, actor)
    if not scans:
        raise Refusal("请选择扫描件", "scans")
    _keep_scans(actor, evidence, scans)
    return evidence


def _keep_scans(actor: User, evidence: Evidence, scans: Sequence[bytes]) -> None:
    if scans and evidence.scans.count() + len(scans) > MAX_PAGES:
        raise Refusal(f"一件证据最多 {MAX_PAGES} 个扫描件，请合并成 PDF", "scans")
    pages = [(EvidenceScan(evidence=evidence, added_by=actor), content) for content in scans]

    def noting(scan: EvidenceScan) -> None:
        told = audited(scan)
        record(actor=actor, action="supervision.scan_evidence", subject=scan, after=told)

    keep_all(pages, at="scans", pdf=True, noting=noting)


def _check_hold(case: Case, title: str, first: date) -> None:
    """A hold is of this case, and of a thing that is not held already: its term would begin anew.
    Raises Refusal at the input."""
    if first < case.found_on:
        raise Refusal(
            f"保全从取得之日起算，不能早于线索（{case.found_on}），请填采取保全措施的日期",
            "obtained_on",
        )
    held = case.evidence.filter(title=title.strip(), released_on=None).exclude(hold="").first()
    if held:
        raise Refusal(
            f"“{held.title}”已在{held.get_hold_display()}，期限 {held.hold_due_on}，"
            "不能重新起算：请先登记处理，封存的也可以延长一次",
            "title",
        )


@all_or_nothing()
def extend_seal(*, actor: User, evidence: Evidence) -> Evidence:
    """Thirty days more, once, of what is sealed. Raises Refusal."""
    row = _held(evidence, actor)
    if row.hold != Evidence.Hold.SEALED or row.hold_extended:
        raise Refusal("只有封存可以延长，并且只能延长一次")
    before = audited(row)
    row.hold_extended = True
    row.hold_due_on = clocks.seal_due(row.obtained_on, extended=True)
    row.save(update_fields=["hold_extended", "hold_due_on"])
    record(actor=actor, action="supervision.extend_seal", subject=row, before=before)
    return row


@all_or_nothing()
def release_evidence(*, actor: User, evidence: Evidence, how: str, on: date) -> Evidence:
    """What was registered or sealed is taken as evidence or given back. Raises Refusal."""
    row = _held(evidence, actor)
    before = audited(row)
    row.released_on = on
    row.released_how = people_masked(
        given_reason(how, asks="处理情况（退还、转为证据等）", most=120)
    )
    row.save(update_fields=["released_on", "released_how"])
    record(actor=actor, action="supervision.release_evidence", subject=row, before=before)
    return row


def _held(evidence: Evidence, actor: User) -> Evidence:
    check_not_excused(evidence.case, actor)
    row = Evidence.objects.select_for_update(no_key=True).get(pk=evidence.pk)
    if not row.hold or row.released_on is not None:
        raise Refusal("这件证据没有登记保存或封存，或者已经处理")
    return row


@all_or_nothing()
def add_pause(
    *,
    actor: User,
    case: Case,
    kind: str,
    first_day: date,
    last_day: date | None,
    paper: str,
    paper_on: date,
    on: date,
) -> CasePause:
    """Days that do not count once another has agreed; without a last day until it is told. `paper`,
    `paper_on`: number and date of what orders them (委托书、听证通知书、公告、中止的依据). Raises
    Refusal."""
    row = CASES.lock(case.pk)
    check_not_excused(row, actor)
    end_full(row, on)
    suspends = kind == CasePause.Kind.SUSPENDED
    if row.filed_on is None or row.is_over:
        raise Refusal("立案以后、结案以前才有扣除期间", "kind")
    if suspends and (row.status != Case.Status.OPEN or last_day is not None):
        raise Refusal("调查中的案件才能中止，恢复调查时结束，截止日期不填", "kind")
    if first_day < row.filed_on or first_day > on or (last_day and last_day < first_day):
        raise Refusal(f"扣除期间应在立案（{row.filed_on}）以后，起止日期顺序正确", "first_day")
    if last_day is None and row.pauses.filter(last_day=None).exists():
        raise Refusal("已有一段扣除期间没有结束，请先登记结束日期，经批准后再登记", "last_day")
    if last_day and last_day > on:
        raise Refusal("截止日期不能晚于今天：没有结束的不填，结束那天再登记", "last_day")
    if on > calendar(first_day).after(first_day, ENTRY_WORKDAYS):
        raise Refusal(
            f"扣除期间应在开始后 {ENTRY_WORKDAYS} 个工作日内登记，不能事后补登；"
            "办案期限不够的，请审批人批准延长",
            "first_day",
        )
    why = given_reason(paper, asks="依据的文号（委托书、听证通知书、公告）", at=("paper",))
    if not row.filed_on <= paper_on <= on:
        raise Refusal(f"文书日期应在立案（{row.filed_on}）以后、今天以前", "paper_on")
    return PAUSES.create(
        "add_pause",
        actor=actor,
        case=row,
        kind=kind,
        first_day=first_day,
        last_day=last_day,
        paper=people_masked(why)[:100],
        paper_on=paper_on,
        added_by=actor,
    )


@all_or_nothing()
def decide_pause(
    *, actor: User, row: CasePause, event: str, on: date, reason: str = ""
) -> CasePause:
    """Another agrees that the days do not count, as long as the term is not over: what has passed
    is not cured. To agree to a suspension suspends the case. In the same way another agrees on
    which day they end; an officer takes back the day that was put forward. Raises Refusal."""
    case = lock_unarchived(row.case_id)
    pause = PAUSES.lock(row.pk)
    columns = DECIDED[event](case, pause, actor, on, reason)
    pause = PAUSES.take(pause, event, actor=actor, reason=reason, **columns)
    if pause.kind == CasePause.Kind.SUSPENDED:
        if event == "agree_pause":
            why = f"{pause.paper}，{pause.paper_on}"
            case = CASES.take(case, "pause_case", actor=actor, reason=why)
        elif event == "agree_pause_end":
            case = CASES.take(case, "resume_case", actor=actor)
    retime(case, on)
    return pause


def _agreed(case: Case, pause: CasePause, actor: User, on: date, why: str) -> dict[str, Any]:
    if (term := term_of(case, on)) and on > term:
        raise Refusal(f"办案期限 {term} 已过，扣除期间须在期限内批准")
    if pause.kind == CasePause.Kind.SUSPENDED and pause.last_day is not None:
        raise Refusal(f"中止的申请已在 {pause.last_day} 结束，请办理“不批准”")
    return {}


def _declined(case: Case, pause: CasePause, actor: User, on: date, why: str) -> dict[str, Any]:
    # It stands open for nobody.
    return {"last_day": pause.last_day or pause.first_day}


def _end_agreed(case: Case, pause: CasePause, actor: User, on: date, why: str) -> dict[str, Any]:
    if actor.pk in {pause.added_by_id, pause.ended_by_id}:
        raise Refusal("扣除期间或者它的结束是您登记的，请由其他人批准结束")
    return {"last_day": pause.ends_on}


def _end_returned(case: Case, pause: CasePause, actor: User, on: date, why: str) -> dict[str, Any]:
    # What was said of the beginning stands.
    why = PAUSES.check(pause, "return_pause_end", actor, why)
    return {"ends_on": None, "end_opinion": why, "opinion": pause.opinion}


def _end_withdrawn(case: Case, pause: CasePause, actor: User, on: date, why: str) -> dict[str, Any]:
    check_not_excused(case, actor)
    return {"ends_on": None}


Decided = Callable[[Case, CasePause, User, date, str], dict[str, Any]]
# What the decision writes beside the status, or why it is refused.
DECIDED: Mapping[str, Decided] = {
    "agree_pause": _agreed,
    "decline_pause": _declined,
    "agree_pause_end": _end_agreed,
    "return_pause_end": _end_returned,
    "withdraw_pause_end": _end_withdrawn,
}


@all_or_nothing()
def end_pause(*, actor: User, pause: CasePause, last_day: date, on: date) -> CasePause:
    """The test, review, announcement or suspension was over on that day: after it days count again,
    once another has agreed. What nobody agreed to yet the officer takes back alone, and of a case
    that is over no term is left to be moved. Raises Refusal, of the day at its input."""
    case = lock_unarchived(pause.case_id)
    if not actor.may(WORK):
        raise Refusal("您的角色不能登记扣除期间的结束")
    check_not_excused(case, actor)
    row = PAUSES.lock(pause.pk)
    if row.last_day is not None:
        raise Refusal("这段期间已经结束")
    _check_end(row, last_day, on, is_told=case.is_over or row.ended_by_id is not None)
    if row.full_on is not None and last_day > row.full_on:
        # By itself, before the day that is told.
        retime(case, on)
        row = PAUSES.lock(pause.pk)
        if row.last_day is not None:
            return row
    if row.status == CasePause.Status.ASKED or case.is_over:
        before = audited(row)
        if row.status == CasePause.Status.ENDING:
            row.status = CasePause.Status.AGREED
        row.last_day = last_day
        row.save(update_fields=["last_day", "status"])
        record(actor=actor, action="supervision.end_pause", subject=row, before=before)
    else:
        row = PAUSES.take(row, "ask_pause_end", actor=actor, ends_on=last_day)
    retime(case, on)
    return row


def _check_end(row: CasePause, last_day: date, on: date, *, is_told: bool) -> None:
    """A last day that has come, told as soon as a first day has to be; `is_told`: an end was put
    forward before, or no term is moved by it. Raises Refusal at the input."""
    if not row.first_day <= last_day <= on:
        raise Refusal(f"截止日期应在开始（{row.first_day}）和今天（{on}）之间", "last_day")
    if not is_told and on > calendar(last_day).after(last_day, ENTRY_WORKDAYS):
        raise Refusal(
            f"扣除期间的结束应在 {ENTRY_WORKDAYS} 个工作日内登记，截止日期不能更早", "last_day"
        )


@all_or_nothing()
def add_note(
    *, actor: User, case: Case, kind: str, happened_on: date, words: str, who: str = "", on: date
) -> CaseNote:
    """What was done or said on a day. Raises Refusal."""
    row = CASES.lock(case.pk)
    check_not_excused(row, actor)
    if row.is_over:
        raise Refusal(f"案件现为“{row.get_status_display()}”，不再登记")
    if happened_on > on:
        raise Refusal("日期不能晚于今天", "happened_on")
    words = people_masked(given_reason(words, asks="情况", most=500, at=("words",)))
    asked = row.notes.filter(kind=CaseNote.Kind.HEARING_ASKED).order_by("happened_on").last()
    if kind == CaseNote.Kind.HEARING and asked and happened_on <= asked.happened_on:
        raise Refusal(f"当事人 {asked.happened_on} 才申请听证，听证应在其后举行", "happened_on")
    found = CaseNote.objects.create(
        case=row,
        kind=kind,
        happened_on=happened_on,
        words=words,
        who=people_masked(who)[:120],
        added_by=actor,
    )
    record(actor=actor, action="supervision.note_case", subject=found)
    return found
