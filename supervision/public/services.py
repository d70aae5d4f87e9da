"""Writes of what is put up in public: where to object, postings with their photos, objections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.locks import lock_name
from desk.models import Paper
from desk.reasons import given_reason
from lib import typed_text
from lib.resident_id import masked_in, people_masked
from supervision.notices import NOTICE_DAYS
from supervision.photos import keep_all
from supervision.public.models import NoticeContact, Objection, Posting, PostingPhoto
from supervision.public.workflow import OBJECTIONS, POSTINGS

# A board is shown from near and from afar, and once more when it is taken down.
MAX_PHOTOS = 10


@all_or_nothing()
def set_contact(
    *, actor: User, place: Division, office: str, phone: str, address: str = ""
) -> NoticeContact:
    """Where objections of a township or the county go. Raises Refusal at the input."""
    office = people_masked(given_reason(office, asks="受理单位", most=60, at=("office",)))
    number = typed_text.phone(phone)
    if not number:
        raise Refusal("受理电话应为 11 位手机号或带区号的固定电话，如 023-43722345", "phone")
    lock_name(place.county_code, "supervision.contact")
    row = NoticeContact.objects.filter(division=place).first()
    before = audited(row) if row else None
    row = row or NoticeContact(division=place)
    row.office, row.phone, row.set_by = office, number, actor
    row.address = people_masked(address.strip())[:100]
    row.save()
    record(
        actor=actor,
        action="supervision.set_contact",
        subject=row,
        before=before,
        after=audited(row),
    )
    return row


@dataclass(frozen=True, kw_only=True)
class Hung:
    """What is told of a posting: where, by whom, on which day, with photos as they came."""

    where: str
    put_up_by: str
    put_up_on: date
    photos: Sequence[bytes] = ()


@all_or_nothing()
def put_up(*, actor: User, paper: Paper, hung: Hung, on: date) -> Posting:
    """A notice that was printed hangs: once, no later than today and not before it was printed.
    大足办法第三十三条 asks for publication; seven days are custom. Raises Refusal at the input."""
    where = people_masked(given_reason(hung.where, asks="张贴地点", most=60, at=("where",)))
    who = people_masked(given_reason(hung.put_up_by, asks="张贴人", most=40, at=("put_up_by",)))
    printed = timezone.localtime(paper.printed_at).date()
    if not printed <= hung.put_up_on <= on:
        raise Refusal(f"张贴日期应在打印日（{printed}）和今天（{on}）之间", "put_up_on")
    _check_waits(paper)
    row = POSTINGS.create(
        "put_up_notice",
        actor=actor,
        paper=paper,
        division=Division.objects.get(code=paper.division_code),
        where=where,
        put_up_by=who,
        put_up_on=hung.put_up_on,
        due_on=hung.put_up_on + timedelta(days=NOTICE_DAYS),
        entered_by=actor,
    )
    _prove(actor, row, hung.photos)
    return row


def _check_waits(paper: Paper) -> None:
    """Lock the notice. Raises Refusal where something holds of it already."""
    lock_name(paper.division_code[:6], f"supervision.posting:{paper.pk}")
    if Posting.objects.filter(paper=paper).valid().exists():
        raise Refusal("这份公示表已登记张贴，请刷新后再看")


@all_or_nothing()
def skip_notice(*, actor: User, paper: Paper, reason: str) -> Posting:
    """A notice that was printed is not put up: misprinted, or another one hangs. Raises Refusal."""
    words = masked_in(given_reason(reason, asks="不张贴的原因", least=4, most=300))
    _check_waits(paper)
    return POSTINGS.create(
        "skip_notice",
        actor=actor,
        noted={"reason": words},
        paper=paper,
        division=Division.objects.get(code=paper.division_code),
        status=Posting.Status.SKIPPED,
        reason=words,
        entered_by=actor,
    )


@all_or_nothing()
def void_posting(*, actor: User, row: Posting, reason: str) -> Posting:
    """What was entered of a notice is wrong; it waits once more. Raises Refusal."""
    return POSTINGS.move(row.pk, "void_posting", actor=actor, reason=masked_in(reason))


@all_or_nothing()
def add_photos(*, actor: User, row: Posting, photos: Sequence[bytes]) -> Posting:
    """More photos of a notice that hangs. Raises Refusal."""
    posting = POSTINGS.lock(row.pk)
    POSTINGS.check(posting, "take_down_notice", actor)
    if not photos:
        raise Refusal("请选择照片", "photos")
    _prove(actor, posting, photos)
    return posting


def _prove(actor: User, posting: Posting, photos: Sequence[bytes]) -> None:
    if posting.photos.count() + len(photos) > MAX_PHOTOS:
        raise Refusal(f"一份公示最多 {MAX_PHOTOS} 张照片", "photos")

    def noting(photo: PostingPhoto) -> None:
        told = audited(photo)
        record(actor=actor, action="supervision.prove_posting", subject=posting, after=told)

    brought = [(PostingPhoto(posting=posting, added_by=actor), content) for content in photos]
    keep_all(brought, at="photos", noting=noting)


@all_or_nothing()
def take_down(*, actor: User, row: Posting, day: date, on: date) -> Posting:
    """After all its days, with a photo that shows it hung. Raises Refusal at the input."""
    posting = POSTINGS.lock(row.pk)
    POSTINGS.check(posting, "take_down_notice", actor)
    if not posting.photos.exists():
        raise Refusal("还没有张贴照片，请先上传照片再登记撤下")
    if not posting.is_over(day) or day > on:
        raise Refusal(f"公示到 {posting.due_on}，撤下日期应在它以后、不晚于今天", "day")
    return POSTINGS.take(posting, "take_down_notice", actor=actor, taken_down_on=day)


@dataclass(frozen=True, kw_only=True)
class Said:
    """An objection; `objector`: who made it, empty for nobody known. `due_on`: to be answered by
    then."""

    told: str
    objector: str = ""
    due_on: date


@all_or_nothing()
def take_objection(*, actor: User, paper: Paper, said: Said, on: date) -> Objection:
    """Somebody objects to what a notice says. Raises Refusal at the input."""
    words = given_reason(said.told, asks="异议内容", least=4, most=500, at=("told",))
    if said.due_on < on:
        raise Refusal("答复期限不能早于今天", "due_on")
    return OBJECTIONS.create(
        "take_objection",
        actor=actor,
        paper=paper,
        division=Division.objects.get(code=paper.division_code),
        told=masked_in(words)[:500],
        objector=said.objector.strip()[:200],
        received_on=on,
        due_on=said.due_on,
        received_by=actor,
    )


@all_or_nothing()
def step_objection(
    *, actor: User, row: Objection, event: str, on: date, reason: str = ""
) -> Objection:
    """Answer, close or look once more: what the answer lacks stands beside it. Numbers of people
    are masked in what is written. Raises Refusal."""
    locked, words = OBJECTIONS.lock(row.pk), masked_in(reason)
    written: dict[str, Any] = {}
    if event == "reopen_objection":
        words = OBJECTIONS.check(locked, event, actor, words)
        written = {"answer": locked.answer, "remark": words}
    return OBJECTIONS.take(locked, event, actor=actor, reason=words, **written)


@all_or_nothing()
def reveal_objector(*, actor: User, row: Objection, reason: str) -> str:
    """Who objected: with a reason, which the trail keeps. Raises Refusal."""
    reason = given_reason(reason, asks="查看异议人信息的理由", least=4)
    if not row.is_named:
        raise Refusal("这是匿名异议，没有异议人信息")
    record(actor=actor, action="supervision.reveal_objector", subject=row, reason=reason)
    found: str = row.objector
    return found
