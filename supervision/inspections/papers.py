"""The papers of inspections: the record of a visit, the rectification order, the letter that hands
over, and the archive of an institution."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, minute
from desk.papers import Facts, PaperKind, paper_route
from institutions.models import Institution
from supervision.inspections.answering import standing
from supervision.inspections.items import VERDICTS
from supervision.inspections.models import (
    Answer,
    Inspection,
    Photo,
    TeamMember,
)
from supervision.inspections.order_models import (
    HandOver,
    Order,
    Reply,
)
from supervision.inspections.order_views import one_handover, one_order
from supervision.inspections.views import KNOWS, VIEW, one_inspection
from supervision.words.contacts import where_to_answer


def _team() -> "Prefetch[str]":
    return Prefetch("team", TeamMember.objects.select_related("user"))


def _area(institution: Institution) -> str:
    above = institution.division
    while above.parent is not None:
        above = above.parent
    return above.name


def _head(row: Inspection) -> Facts:
    institution, sweep = row.place.institution, row.place.sweep
    prefetch_related_objects([row], _team())  # of an archive it is there
    return {
        "area": _area(institution),
        "institution": institution.name,
        "code": institution.code,
        "sweep": sweep.title,
        "basis": sweep.basis,
        "checklist": str(sweep.checklist),
        "kind": row.get_kind_display(),
        "round": row.round,
        "team": "、".join(one.user.name for one in row.team.all()),
        "present": row.present,
        "finished": minute(row.finished_at) if row.finished_at else "",
        "remark": row.remark,
    }


def _answers(row: Inspection, now: Mapping[str, Answer]) -> list[list[str]]:
    return [
        [
            item.words,
            item.told(now[item.code].value) if item.code in now else "",
            VERDICTS[now[item.code].verdict] if item.code in now else "未填",
            now[item.code].note if item.code in now else "",
            item.source,
        ]
        for item in row.items
    ]


def record_facts(row: Inspection) -> Facts:
    photos = row.photos.filter(reply=None).count()
    return _head(row) | {"answers": _answers(row, standing(row)), "photos": photos}


INSPECTION_RECORD = PaperKind(
    "supervision.inspection_record",
    "现场检查记录",
    "supervision/inspections/record_paper.html",
    VIEW,
    record_facts,
    is_final=lambda row: row.status == Inspection.Status.DONE,
)


def order_facts(order: Order) -> Facts:
    return _head(order.inspection) | {
        "number": order.number,
        "issued_on": day(order.issued_at),
        "due_on": day(order.due_on),
        "words": order.words,
        "lines": [
            [one.words, one.found, one.requires, one.source, "须现场复查" if one.grave else ""]
            for one in order.lines.all()
        ],
    }


def order_letter_facts(order: Order) -> Facts:
    return order_facts(order) | {"where": where_to_answer(order.institution.division)}


RECTIFICATION_ORDER = PaperKind(
    "supervision.rectification_order",
    "整改通知书",
    "supervision/inspections/order_paper.html",
    VIEW,
    order_letter_facts,
)


def handover_facts(row: HandOver) -> Facts:
    from_visit = row.inspection
    now = standing(from_visit)
    return _head(from_visit) | {
        "number": row.number,
        "to": row.get_to_display(),
        "reason": row.reason,
        "handed_on": day(row.handed_at),
        "found": [
            [item.words, f"{item.told(now[item.code].value)}：{now[item.code].note}"]
            for item in from_visit.items
            if item.code in now and now[item.code].verdict == "bad"
        ],
    }


HANDOVER_LETTER = PaperKind(
    "supervision.handover_letter",
    "移送函",
    "supervision/inspections/handover_paper.html",
    KNOWS,
    handover_facts,
)


def archive_facts(institution: Institution) -> Facts:
    """Everything there is of one institution, the latest first: visits, orders, answers, photos.
    It is asked for once, however many visits there were."""
    replies = Reply.objects.select_related("replied_by", "checked_by").prefetch_related("photos")
    rows = list(
        Inspection.objects.filter(place__institution=institution, status=Inspection.Status.DONE)
        .select_related(
            "place__institution__division__parent__parent__parent",
            "place__sweep__checklist",
            "of_order",
            "order",
        )
        .prefetch_related(_team(), "photos", "handovers", "of_order__lines", "order__lines")
        .prefetch_related(Prefetch("order__replies", replies))
        .order_by("-finished_at")
    )
    now = _standing_of(rows)
    return {
        "area": _area(institution),
        "institution": institution.name,
        "code": institution.code,
        "level": institution.get_level_display(),
        "visits": [_archived(row, now[row.pk]) for row in rows],
    }


def _standing_of(rows: Collection[Inspection]) -> dict[int, dict[str, Answer]]:
    """By visit, the last word on each item."""
    found: dict[int, dict[str, Answer]] = {row.pk: {} for row in rows}
    for one in Answer.objects.filter(inspection__in=rows).standing():
        found[one.inspection_id][one.item] = one
    return found


def _archived(row: Inspection, now: Mapping[str, Answer]) -> Facts:
    order = getattr(row, "order", None)
    return _head(row) | {
        "answers": _answers(row, now),
        "photos": _photos([one for one in row.photos.all() if one.reply_id is None], row),
        "order": _archived_order(order) if order else None,
        "handovers": [
            [one.number, one.get_to_display(), one.reason, one.result]
            for one in row.handovers.all()
        ],
    }


def _photos(photos: Collection[Photo], visit: Inspection) -> list[list[Any]]:
    words = {item.code: item.words for item in visit.place.sweep.checklist.item_list.items}
    return [[one.pk, words.get(one.item, ""), minute(one.added_at)] for one in photos]


def _archived_order(order: Order) -> Facts:
    replies: list[Reply] = list(order.replies.all())
    return order_facts(order) | {
        "status": order.get_status_display(),
        "replies": [
            {
                "text": one.text,
                "at": minute(one.replied_at),
                "verdict": one.verdict,
                "checked": one.checked_by.name if one.checked_by else "",
                "checked_at": minute(one.checked_at) if one.checked_at else "",
                "is_good": one.is_good,
                "photos": _photos(one.photos.all(), order.inspection),
            }
            for one in replies
        ],
    }


INSPECTION_ARCHIVE = PaperKind(
    "supervision.inspection_archive",
    "检查档案",
    "supervision/inspections/archive.html",
    KNOWS,
    archive_facts,
    kept=False,
)


def _institution(request: Request, pk: int) -> Institution:
    return get_visible(Institution, request.user, "division__parent__parent__parent", pk=pk)


ROUTES = [
    paper_route(
        "inspections/<int:pk>/record", INSPECTION_RECORD, one_inspection, name="inspection_record"
    ),
    paper_route(
        "inspections/orders/<int:pk>/paper", RECTIFICATION_ORDER, one_order, name="order_paper"
    ),
    paper_route(
        "inspections/handovers/<int:pk>/paper",
        HANDOVER_LETTER,
        one_handover,
        name="handover_paper",
    ),
    paper_route(
        "inspections/archive/<int:pk>", INSPECTION_ARCHIVE, _institution, name="inspection_archive"
    ),
]
