"""What arrives from a tablet: answers, photos, the end of a visit. Each may arrive twice, late, or
beside what another tablet sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.audit import record
from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from accounts.roles import INSTITUTION_ROLES
from desk.changes import all_or_nothing
from lib.resident_id import people_masked
from supervision.inspections.items import BAD, Item
from supervision.inspections.models import (
    Answer,
    Inspection,
    Photo,
    Sweep,
)
from supervision.inspections.order_models import (
    Reply,
)
from supervision.inspections.workflow import INSPECTIONS
from supervision.photos import keep_all

# A tablet makes its photos smaller before it keeps them: 1600 points wide are some 400 KB. So many
# show a room from every side; no norm gives one.
MAX_PHOTOS = 60
MAX_NOTE = 300
KEPT, SAME, CONFLICT, REFUSED = "kept", "same", "conflict", "refused"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One answer as a tablet sends it. `base`: key of the answer that was seen there before."""

    item: str
    key: UUID
    base: UUID | None
    value: str
    note: str
    typed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one: `present` stands now, where there is one."""

    item: str
    key: UUID
    state: str
    words: str = ""
    present: Answer | None = None


def fills(inspection: Inspection, actor: User) -> str:
    """Why the actor may not fill it in, in Chinese; "" who may."""
    if inspection.kind == Inspection.Kind.SELF:
        own = actor.institution_code == inspection.place.institution.code
        return "" if actor.role in INSTITUTION_ROLES and own else "自查由机构自己填写"
    if inspection.team.filter(user=actor).exists():
        return ""
    return "您不在这次检查的检查组里，不能填写"


def standing(inspection: Inspection) -> dict[str, Answer]:
    """The last word on each item."""
    rows = inspection.answers.filter(replaced_by=None).select_related("answered_by")
    return {one.item: one for one in rows}


def _locked(inspection: Inspection, actor: User) -> Inspection:
    """The visit, locked, by whom may fill it in; begun with what arrives first. Raises Refusal."""
    row = INSPECTIONS.lock(inspection.pk)
    if told := fills(row, actor):
        raise Refusal(told)
    # A second look belongs to its order, which may be open longer than the sweep.
    if row.kind == Inspection.Kind.VISIT and row.place.sweep.status not in Sweep.OPEN:
        raise Refusal("检查活动已结束，不能再填写")
    if row.status == Inspection.Status.PLANNED:
        return INSPECTIONS.take(row, "open_inspection", actor=actor)
    if row.status != Inspection.Status.OPEN:
        raise Refusal(f"这次检查现为“{row.get_status_display()}”，不能再填写")
    return row


@all_or_nothing()
def take_answers(*, actor: User, inspection: Inspection, typed: Sequence[Typed]) -> list[Taken]:
    """Keep what a tablet sent; each by itself, so that one that is wrong holds up no other.

    An answer whose key is known was taken before. One that replaces another answer than the one
    that stands now was typed without knowing of that: it is not written, and the tablet is told.
    Raises Refusal where nothing of it may be taken.
    """
    known = _known(inspection, typed)
    row = inspection
    if not all(one.key in known for one in typed):  # what is only sent again needs no open visit
        row = _locked(inspection, actor)
        known = _known(row, typed)  # as it is now that nobody else writes
    now = standing(row)
    items = {one.code: one for one in row.items}
    taken = []
    for one in typed:
        if one.key in known:
            outcome = _taken_before(one, known[one.key], now)
        else:
            outcome = _take(row, actor, items.get(one.item), one, now)
        if outcome.state == KEPT and outcome.present:
            now[one.item] = known[one.key] = outcome.present
        taken.append(outcome)
    number = sum(one.state == KEPT for one in taken)
    if number:
        record(
            actor=actor,
            action="supervision.answer_inspection",
            subject=row,
            after={"answers": number},
        )
    return taken


def _known(inspection: Inspection, typed: Sequence[Typed]) -> dict[UUID, Answer]:
    rows = inspection.answers.filter(key__in=[one.key for one in typed])
    return {one.key: one for one in rows}


def _taken_before(one: Typed, before: Answer, now: Mapping[str, Answer]) -> Taken:
    present = now.get(before.item)
    # Replaced by another since: the tablet that sends it again is told what stands now.
    state = SAME if present is not None and present.pk == before.pk else CONFLICT
    return Taken(item=one.item, key=one.key, state=state, present=present)


def _take(
    row: Inspection, actor: User, item: Item | None, one: Typed, now: Mapping[str, Answer]
) -> Taken:
    said: dict[str, Any] = {"item": one.item, "key": one.key}
    if item is None:
        return Taken(**said, state=REFUSED, words="检查表里没有这一项，请重新打开页面")
    stands = now.get(one.item)
    note = _note(one.note)
    try:
        verdict = item.judged(one.value, today())
    except Refusal as refusal:
        return Taken(**said, state=REFUSED, words=refusal.message)
    if stands is not None and stands.key != one.base:
        if (stands.value, stands.note) == (one.value, note):
            return Taken(**said, state=SAME, present=stands)
        return Taken(**said, state=CONFLICT, present=stands)
    kept = Answer.objects.create(
        inspection=row,
        item=one.item,
        key=one.key,
        value=one.value[:20],
        verdict=verdict,
        note=note,
        replaces=stands,
        typed_at=min(one.typed_at, timezone.now()),
        answered_by=actor,
    )
    return Taken(**said, state=KEPT, present=kept)


def _note(text: str) -> str:
    return people_masked(readable(text[:MAX_NOTE], "说明", "note"))


@all_or_nothing()
def take_photo(
    *,
    actor: User,
    inspection: Inspection,
    item: str,
    key: UUID,
    content: bytes,
) -> Photo:
    """Keep a photo; the same key again is the same photo. Raises Refusal."""
    before = Photo.objects.filter(inspection=inspection, key=key).first()
    if before is not None:
        return before
    row = _locked(inspection, actor)
    if item and item not in {one.code for one in row.items}:
        raise Refusal("检查表里没有这一项，请重新打开页面", "item")
    # Those of an answer to an order are counted by who answers, each time anew.
    if row.photos.filter(reply=None).count() >= MAX_PHOTOS:
        raise Refusal(f"一次检查最多 {MAX_PHOTOS} 张照片", "file")
    new = Photo(inspection=row, item=item, key=key, added_by=actor)
    keep_all([(new, content)], noting=_tell)
    return new


def show_photos(*, actor: User, reply: Reply, photos: Sequence[bytes]) -> None:
    """Keep what an answer to an order shows, all or none. Raises Refusal."""
    told = {"inspection": reply.order.inspection, "reply": reply, "added_by": actor}
    brought = [(Photo(item="", key=uuid4(), **told), content) for content in photos]
    keep_all(brought, at="photos", noting=_tell)


def _tell(photo: Photo) -> None:
    record(
        actor=photo.added_by,
        action="supervision.add_photo",
        subject=photo.inspection,
        after={"item": photo.item, "sha256": photo.sha256},
    )


@all_or_nothing()
def finish_inspection(
    *, actor: User, inspection: Inspection, present: str, remark: str
) -> Inspection:
    """Everything is answered, what is not in order is described, and somebody of the institution
    was there. Raises Refusal naming what is missing."""
    row = INSPECTIONS.lock(inspection.pk)
    if told := fills(row, actor):
        raise Refusal(told)
    now = standing(row)
    open_ones = [one.words for one in row.items if one.code not in now]
    if open_ones:
        raise Refusal(f"还有 {len(open_ones)} 项没有填：{'；'.join(open_ones[:3])}")
    bare = [
        one.words
        for one in row.items
        if now[one.code].verdict == BAD and len(now[one.code].note) < 2
    ]
    if bare:
        raise Refusal(f"不符合的要写明发现了什么：{'；'.join(bare[:3])}")
    asks = "填写人" if row.kind == Inspection.Kind.SELF else "机构在场人"
    present = readable(present, asks, "present")
    if len(present) < 2:
        raise Refusal(f"请填写{asks}姓名和职务", "present")
    return INSPECTIONS.take(
        row,
        "finish_inspection",
        actor=actor,
        present=people_masked(present)[:40],
        remark=people_masked(readable(remark, "备注", "remark"))[:300],
    )
