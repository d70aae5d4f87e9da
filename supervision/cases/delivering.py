"""Serving documents of a case, or the notice of a suspicion: who brought which to whom, when and
how."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.utils import timezone

from accounts.audit import division_of, record
from accounts.errors import Refusal
from accounts.models import User
from desk.models import Paper
from desk.papers import KINDS
from desk.workdays import calendar
from lib.resident_id import people_masked
from lib.typed_text import letters, name, name_problem
from supervision.cases.delivery_models import Delivery
from supervision.cases.models import Case
from supervision.reviewing.models import AlertReview

Way, Document = Delivery.Way, Delivery.Document
# What the party opens in the portal itself, nobody brings (`deliver_online`).
CARRIED = [pair for pair in Way.choices if pair[0] != Way.ONLINE]
# Which paper is served as which document.
PAPERS: dict[str, str] = {
    Document.NOTICE: "supervision.case_notice",
    Document.DECISION: "supervision.case_decision",
    Document.ALERT: "supervision.alert_notice",
}
# Where nobody of the party signs, this says what proves it.
REFERENCES: dict[str, str] = {
    Way.POST: "邮件号",
    Way.ENTRUSTED: "委托函号",
    Way.ANNOUNCED: "公告载体、公告号",
}

# Words about people; the place is where the party lives, which the receipt says.
MASKED = ("receiver", "relation", "refusal", "witness", "place")
SIGNED = {Way.DIRECT, Way.ENTRUSTED}
SERVERS = 2  # 行政处罚法 第四十二条: 执法人员不得少于两人
# 民事诉讼法 (2023 revision) 第九十五条, by 行政处罚法 第六十一条:
# 自发出公告之日起，经过三十日，即视为送达. The one place of the figure; a legal
# officer of the county confirms it (decision 0043).
ANNOUNCED_DAYS = 30
# Who enters a service later than that says why: the party's own term may be over by then.
ENTRY_WORKDAYS = 5


@dataclass(frozen=True, kw_only=True)
class Served:
    """An act of service as the officer tells it. `server`, `other_server`: the two who served.
    `late_reason`: why it is entered long after, for the trail."""

    served_on: date
    way: str
    place: str
    server: str
    other_server: str
    receiver: str = ""
    relation: str = ""
    refusal: str = ""
    witness: str = ""
    reference: str = ""
    late_reason: str = ""


def deliver(
    *, actor: User, about: Case | AlertReview, document: Delivery.Document, served: Served, on: date
) -> Delivery:
    """Note the service of a document of a case or review that is locked. Raises Refusal at the
    input."""
    if wrong := _problem(served) or _problem_of_days(about, document, served, on):
        raise Refusal(wrong[0], wrong[1])
    facts = asdict(served)
    facts |= {column: people_masked(facts[column]) for column in MASKED}
    facts |= {one: people_masked(name(facts[one])) for one in ("server", "other_server")}
    why = facts.pop("late_reason").strip()
    row = Delivery(document=document, entered_by=actor, **facts)
    return _note(row, about, why)


def deliver_online(*, actor: User, review: AlertReview, on: date) -> Delivery:
    """The institution of a locked review has opened the notice in the portal, by its own hand."""
    row = Delivery(
        document=Document.ALERT,
        served_on=on,
        way=Way.ONLINE,
        place="本系统",
        receiver=actor.name,
        entered_by=actor,
    )
    return _note(row, review)


def _note(row: Delivery, about: Case | AlertReview, why: str = "") -> Delivery:
    setattr(row, "case" if isinstance(about, Case) else "review", about)
    row.save(force_insert=True)
    record(
        actor=row.entered_by,
        action="supervision.note_delivery",
        subject=row,
        division_code=division_of(about),
        reason=why,
    )
    return row


def unprinted(about: Case | AlertReview, document: Delivery.Document) -> str:
    """That there is nothing to serve yet, in Chinese; "" where its present edition was printed."""
    if _first_print(about, document):
        return ""
    return f"{document.label}还没有打印：请先打印、盖章，再登记送达"


def _first_print(about: Case | AlertReview, document: Delivery.Document) -> Paper | None:
    """The first print of the edition that holds now, which gave it its number."""
    kind = KINDS[PAPERS[document]]
    found: Paper | None = Paper.objects.filter(
        kind=kind.code,
        subject_type=about._meta.label_lower,
        subject_id=str(about.pk),
        edition=kind.edition(about),
        copy=0,
    ).first()
    return found


def _problem_of_days(
    about: Case | AlertReview, document: Delivery.Document, served: Served, on: date
) -> tuple[str, str] | None:
    """Why the party cannot have it since that day, and at which input."""
    paper, day = _first_print(about, document), served.served_on
    if paper is None:
        return unprinted(about, document), "served_on"
    # A print is stamped by the clock; a rehearsal's day may lie before it.
    printed_on = min(timezone.localdate(paper.printed_at), on)
    if day < printed_on:
        told = f"{document.label} {paper.number} 在 {printed_on} 打印，送达日期不能早于这一天"
        return told, "served_on"
    if served.way == Way.ANNOUNCED and day < printed_on + timedelta(days=ANNOUNCED_DAYS):
        first = printed_on + timedelta(days=ANNOUNCED_DAYS)
        told = (
            f"公告送达自发出公告之日起经过 {ANNOUNCED_DAYS} 日才视为送达（民事诉讼法 第九十五条）："
            f"最早 {first}，期满后再登记"
        )
        return told, "served_on"
    if day > on:
        return "送达日期不能晚于今天", "served_on"
    if on > calendar(day).after(day, ENTRY_WORKDAYS) and not served.late_reason.strip():
        return f"送达后超过 {ENTRY_WORKDAYS} 个工作日才登记，请写明原因", "late_reason"
    return None


def _problem(served: Served) -> tuple[str, str] | None:
    """What the 送达回证 would lack, and at which input."""
    # What is no name (a duty in brackets, a stop) would make one person two.
    for at in ("server", "other_server"):
        if wrong := name_problem(name(getattr(served, at))):
            return f"送达人姓名{wrong}", at
    # As the three administrators are told apart: a blank in a name makes no second person.
    way, two = served.way, {letters(served.server), letters(served.other_server)} - {""}
    is_left = way == Way.LEFT
    asked = (
        (way not in dict(CARRIED), "请选择送达方式", "way"),
        (not served.place, "请填写送达地点", "place"),
        (len(two) < SERVERS, "送达人应是两人，请填写另一人的姓名", "other_server"),
        (is_left and not served.refusal, "留置送达请填写拒收的理由", "refusal"),
        (is_left and not served.witness, "留置送达请填写见证人姓名和单位", "witness"),
        (not is_left and served.refusal, "拒收的请选“留置送达”，填写见证人", "refusal"),
        (way in SIGNED and not served.receiver, "请填写签收人", "receiver"),
        (way in REFERENCES and not served.reference, f"请填写{REFERENCES.get(way)}", "reference"),
    )
    return next(((told, at) for is_wrong, told, at in asked if is_wrong), None)


def last_delivery(case: Case, document: str) -> Delivery | None:
    """How the document was served, since the law was checked the last time: what is told anew after
    a case was sent back is served anew."""
    rows = case.deliveries.filter(document=document)
    if case.checked_at is not None:
        rows = rows.filter(entered_at__gte=case.checked_at)
    found: Delivery | None = rows.order_by("-pk").first()
    return found
