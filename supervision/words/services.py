"""Entering what a party handed in on paper: the same step with the same term as if it had entered
it itself, in the name of the officer who wrote it down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.workdays import calendar
from lib.resident_id import masked_in, people_masked
from supervision.cases import clocks, keeping
from supervision.cases.models import Case, CaseNote
from supervision.cases.workflow import CASES
from supervision.inspections import rectifying
from supervision.inspections.order_models import Order
from supervision.inspections.workflow import ORDERS
from supervision.photos import keep_all
from supervision.reviewing.models import AlertReview
from supervision.reviewing.services import UNSERVED, enter_appeal
from supervision.reviewing.serving import delivery_of
from supervision.reviewing.workflow import REVIEWS
from supervision.words.models import PartyWord, WordScan

Kind = PartyWord.Kind
About = AlertReview | Order | Case
HEAR = "supervision.hear_party"
MAX_SCANS = 10
AGREED, SILENT = "无异议（书面签字确认）", "期满未答复"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What came on paper, as the officer writes it down."""

    kind: str
    received_on: date
    brought_by: str = ""
    way: str = ""
    words: str = ""
    evidence: str = ""

    @property
    def told(self) -> str:
        """The word in a sentence, also of who has no objection or said nothing."""
        if self.kind == Kind.SILENT:
            return SILENT
        if self.kind != Kind.AGREED:
            return self.words
        return f"{AGREED}：{self.words}"[:500] if self.words else AGREED


@all_or_nothing()
def take_word(
    *, actor: User, about: About, said: Said, scans: Sequence[bytes] = (), on: date
) -> PartyWord:
    """Enter the word of a party on its behalf. Raises Refusal at the input."""
    if len(scans) > MAX_SCANS:
        raise Refusal(f"一次最多 {MAX_SCANS} 个扫描件，请合并成 PDF", "scans")
    if said.kind not in ANSWERS[type(about)]:
        raise Refusal("请选择当事人怎样答复", "kind")
    said = _read(said, on)
    # It gives up a right, and the term with it: whoever goes on sees who signed that.
    if said.kind == Kind.AGREED and not scans:
        raise Refusal("无异议的，请附本人签字的扫描件", "scans")
    place, is_late = TAKES[type(about)](actor, about, said, on)
    word = PartyWord.objects.create(
        **{NAMES[type(about)]: about},
        division=place,
        kind=said.kind,
        received_on=said.received_on,
        brought_by=said.brought_by,
        way=said.way,
        words=said.words,
        evidence=said.evidence,
        is_late=is_late,
        entered_by=actor,
    )
    record(
        actor=actor,
        action="supervision.hear_party",
        subject=word,
        after={"kind": word.get_kind_display(), "scans": len(scans)},
    )
    pages = [(WordScan(word=word, added_by=actor), content) for content in scans]
    keep_all(pages, at="scans", pdf=True)
    return word


def _read(said: Said, on: date) -> Said:
    """What was written down, complete and in order. Raises Refusal at the input."""
    if said.received_on > on:
        raise Refusal("收到日期不能晚于今天", "received_on")
    if said.kind == Kind.SILENT:
        if said.brought_by or said.words:
            raise Refusal("期满未答复的，递交人和答复内容不填；有答复的请另选", "kind")
        return Said(kind=said.kind, received_on=on)
    brought = given_reason(said.brought_by, asks="递交人", most=60, at=("brought_by",))
    if said.way not in PartyWord.Way.values:
        raise Refusal("请选择递交方式", "way")
    words = masked_in(said.words.strip())[:500]
    if said.kind != Kind.AGREED:
        words = given_reason(words, asks="答复内容", least=4, most=500, at=("words",))
    return Said(
        kind=said.kind,
        received_on=said.received_on,
        brought_by=people_masked(brought),
        way=said.way,
        words=words,
        evidence=masked_in(said.evidence.strip())[:200],
    )


def _is_late(about: type, said: Said, until: date, on: date) -> bool:
    """Whether it came after the term: what counts is the day on which it came, not the day on which
    it is entered. What came late is read by whoever decides, and changes no term. Raises Refusal at
    the input."""
    if said.kind == Kind.SILENT and on <= until:
        raise Refusal(f"期限 {until} 还没有过，期满以后才能登记未答复", "kind")
    is_late = said.kind != Kind.SILENT and said.received_on > until
    if is_late and said.kind != Kind.ANSWER:
        late = ANSWERS[about][Kind.ANSWER]
        raise Refusal(f"收到日期晚于期限 {until}：逾期的请改选“{late}”，供决定时参考", "kind")
    return is_late


def _not_before(said: Said, told_at: datetime | None, on: date) -> None:
    """No answer came before what it answers. Raises Refusal at the input."""
    # The step is stamped by the clock; a rehearsal's day may lie before it.
    told_on = min(timezone.localdate(told_at), on)
    if said.received_on < told_on:
        raise Refusal(f"收到日期不能早于告知（{told_on}）", "received_on")


# Where it belongs, and whether it came late.
Taken = tuple[Division, bool]


def _of_review(actor: User, about: Any, said: Said, on: date) -> Taken:
    row = REVIEWS.lock(about.pk)
    REVIEWS.check(row, "enter_appeal", actor)
    if row.waits_for_service:
        raise Refusal(UNSERVED)
    _not_before(said, row.second_at, on)
    served = delivery_of(row)
    if served and said.received_on < served.served_on:
        raise Refusal(f"收到日期不能早于告知书送达（{served.served_on}）", "received_on")
    is_late = _is_late(AlertReview, said, row.due_on or on, on)
    if not is_late:
        enter_appeal(actor=actor, row=row, appeal=said.told, evidence=said.evidence, on=on)
    return row.alert.division, is_late


def _of_order(actor: User, about: Any, said: Said, on: date) -> Taken:
    """An answer goes on to be checked, also a late one; what is only agreed to has still to be put
    right, and silence leaves the order open, overdue as it is."""
    row = ORDERS.lock(about.pk)
    ORDERS.check(row, "enter_reply", actor)
    _not_before(said, row.issued_at, on)
    if said.kind == Kind.ANSWER:
        rectifying.enter_reply(actor=actor, order=row, text=said.words)
    elif said.kind == Kind.SILENT:
        _is_late(Order, said, row.due_on, on)
    return row.institution.division, False


# What a word is among the records of a case, which the decision asks.
NOTES = {
    Kind.ANSWER: CaseNote.Kind.STATEMENT,
    Kind.HEARING: CaseNote.Kind.HEARING_ASKED,
    Kind.AGREED: CaseNote.Kind.WAIVED,
    Kind.SILENT: CaseNote.Kind.SILENT,
}


def _of_case(actor: User, about: Any, said: Said, on: date) -> Taken:
    row = CASES.lock(about.pk)
    if not actor.may(HEAR):
        raise Refusal("您的角色不能代录当事人的答复")
    if row.status != Case.Status.NOTIFIED or row.notified_on is None:
        raise Refusal("告知以后、决定以前才能登记当事人的陈述申辩和听证申请")
    if said.received_on < row.notified_on:
        raise Refusal(f"收到日期不能早于告知（{row.notified_on}）", "received_on")
    until = clocks.hearing_until(row.notified_on, calendar(row.notified_on))
    if _is_late(Case, said, until, on):
        return row.area, True
    keeping.add_note(
        actor=actor,
        case=row,
        kind=NOTES[Kind(said.kind)],
        happened_on=said.received_on,
        words=said.told,
        who=said.brought_by,
        on=on,
    )
    return row.area, False


TAKES: Mapping[type, Callable[[User, Any, Said, date], Taken]] = {
    AlertReview: _of_review,
    Order: _of_order,
    Case: _of_case,
}
NAMES: Mapping[type, str] = {AlertReview: "review", Order: "order", Case: "case"}
# Which answers each is asked for, and what they are called there.
ANSWERS: Mapping[type, Mapping[str, str]] = {
    AlertReview: {Kind.ANSWER: "提出申诉", Kind.AGREED: Kind.AGREED.label,
                  Kind.SILENT: "期满未申诉"},
    Order: {Kind.ANSWER: "整改回复", Kind.AGREED: Kind.AGREED.label, Kind.SILENT: "期满未回复"},
    Case: {Kind.ANSWER: "陈述、申辩", Kind.HEARING: "申请听证",
           Kind.AGREED: "无异议，放弃陈述、申辩和听证（本人签字）", Kind.SILENT: "期满未提出"},
}  # fmt: skip


def words_of(about: About) -> list[PartyWord]:
    """What was entered on its party's behalf, with the pages."""
    rows = about.party_words.select_related("entered_by").prefetch_related("scans")
    return list(rows)
