"""From what was found to what was put right: the order, the answer, the second look, hand-over."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, locked
from desk.numbers import next_number
from desk.reasons import given_reason
from desk.workdays import calendar
from lib.resident_id import people_masked
from supervision.inspections.answering import show_photos, standing
from supervision.inspections.items import BAD, GOOD
from supervision.inspections.models import (
    Answer,
    Inspection,
)
from supervision.inspections.order_models import (
    HandOver,
    Order,
    OrderLine,
    Reply,
)
from supervision.inspections.workflow import ORDERS

ORDER_SERIES, HANDOVER_SERIES = "整改通知书", "移送函"
# 监管条例 第三十八条 says 责令改正 and no term; the form begins with ten working days.
USUAL_DAYS, MAX_DAYS = 10, 60
MAX_PHOTOS_OF_REPLY = 10


def findings(inspection: Inspection) -> list[Answer]:
    """What was not in order, in the order of the checklist."""
    now = standing(inspection)
    answers = [now[one.code] for one in inspection.items if one.code in now]
    return [one for one in answers if one.verdict == BAD]


@all_or_nothing()
def issue_order(*, actor: User, inspection: Inspection, days: int, words: str, on: date) -> Order:
    """What was found on site is to be put right within so many working days. Raises Refusal."""
    row = locked(
        Inspection.objects.select_related(
            "place__institution__division", "place__sweep__checklist", "of_order"
        ),
        inspection.pk,
    )
    if row.kind != Inspection.Kind.VISIT or row.status != Inspection.Status.DONE:
        raise Refusal("现场检查完成以后才能下达整改通知书")
    if not row.team.filter(user=actor).exists():
        raise Refusal("整改通知书由检查组成员下达")
    if Order.objects.filter(inspection=row).exists():
        raise Refusal("这次检查已下达整改通知书")
    found = findings(row)
    if not found:
        raise Refusal("这次检查没有不符合的项目，不需要整改")
    if not 0 < days <= MAX_DAYS:
        raise Refusal(f"整改期限应为 1 至 {MAX_DAYS} 个工作日", "days")
    area = row.place.institution.division.county_code
    order = ORDERS.create(
        "issue_order",
        actor=actor,
        inspection=row,
        number=f"{ORDER_SERIES}〔{on.year}〕{next_number(ORDER_SERIES, area, on.year)}号",
        due_on=calendar(on).after(on, days),
        words=people_masked(words)[:300],
        issued_by=actor,
    )
    OrderLine.objects.bulk_create(_lines(order, row, found))
    return order


def _lines(order: Order, row: Inspection, found: Sequence[Answer]) -> list[OrderLine]:
    items = {one.code: one for one in row.items}
    lines = []
    for answer in found:
        item = items[answer.item]
        lines.append(
            OrderLine(
                order=order,
                item=item.code,
                words=item.words[:300],
                found=f"{item.told(answer.value)}：{answer.note}"[:330],
                requires=item.requires[:300],
                source=item.source[:300],
                grave=item.grave,
            )
        )
    return lines


@all_or_nothing()
def answer_order(*, actor: User, order: Order, text: str, photos: Sequence[bytes] = ()) -> Reply:
    """The institution says what it has done, with photos. Raises Refusal."""
    text = people_masked(given_reason(text, asks="整改情况", most=1000, at=("text",)))
    if len(photos) > MAX_PHOTOS_OF_REPLY:
        raise Refusal(f"一次回复最多 {MAX_PHOTOS_OF_REPLY} 张照片", "photos")
    row = ORDERS.move(order.pk, "answer_order", actor=actor)
    if actor.institution_code != row.institution.code:
        raise Refusal("只能回复本机构的整改通知书")
    reply = Reply.objects.create(order=row, text=text, replied_by=actor)
    show_photos(actor=actor, reply=reply, photos=photos)
    return reply


def enter_reply(*, actor: User, order: Order, text: str) -> Reply:
    """What the institution of a locked order answered on paper, entered on its behalf
    (`supervision.words`)."""
    ORDERS.take(order, "enter_reply", actor=actor)
    return Reply.objects.create(order=order, text=text, replied_by=actor)


@all_or_nothing()
def check_reply(*, actor: User, order: Order, event: str, reason: str, on: date) -> Order:
    """Another than who issued it looks at the answer: put right, or back. What is grave is looked
    at on site first, and everything was found in order there. Raises Refusal."""
    verdict = people_masked(given_reason(reason, asks="核验意见：看了什么材料、是否到位"))
    row = ORDERS.lock(order.pk)
    ORDERS.check(row, event, actor)
    is_good = event == "verify_order"
    reply = locked(Reply.objects.all(), row.replies.get(checked_at=None).pk)
    if reply.replied_by_id == actor.pk:
        raise Refusal("这份回复是您代录的，请由其他人核验")
    if is_good and row.asks_second_look:
        _refuse_unseen(row, reply)
    reply.checked_by, reply.checked_at = actor, timezone.now()
    reply.is_good, reply.verdict = is_good, verdict
    reply.save(update_fields=["checked_by", "checked_at", "is_good", "verdict"])
    return ORDERS.take(row, event, actor=actor, beside={"verdict": verdict, "on": str(on)})


def _refuse_unseen(order: Order, reply: Reply) -> None:
    looked = (
        order.visits_again.filter(status=Inspection.Status.DONE, finished_at__gte=reply.replied_at)
        .select_related("place__sweep__checklist", "of_order")
        .order_by("-pk")
        .first()
    )
    if looked is None:
        raise Refusal("有须现场复查的事项：请安排复查，复查完成后再销号")
    wrong = [one.item for one in standing(looked).values() if one.verdict != GOOD]
    if wrong:
        words = {line.item: line.words for line in order.lines.all()}
        raise Refusal(f"复查仍不符合：{'；'.join(words[one] for one in wrong[:3])}；请退回重新整改")


@all_or_nothing()
def hand_over(*, actor: User, inspection: Inspection, to: str, reason: str, on: date) -> HandOver:
    """What was found goes on to another authority, or becomes a case (`To.CASE`). Raises
    Refusal."""
    if inspection.status != Inspection.Status.DONE or inspection.kind == Inspection.Kind.SELF:
        raise Refusal("现场检查完成以后才能移送")
    if to not in HandOver.To.values:
        raise Refusal("请选择移送给哪个部门", "to")
    reason = people_masked(given_reason(reason, asks="事由和依据", most=300))
    area = inspection.place.institution.division.county_code
    row = HandOver.objects.create(
        inspection=inspection,
        to=to,
        number=f"{HANDOVER_SERIES}〔{on.year}〕{next_number(HANDOVER_SERIES, area, on.year)}号",
        reason=reason,
        handed_by=actor,
    )
    record(actor=actor, action="supervision.hand_over", subject=row, reason=reason[:200])
    return row


@all_or_nothing()
def tell_result(*, actor: User, handover: HandOver, result: str) -> HandOver:
    """What the authority did with it. Raises Refusal."""
    row = locked(
        HandOver.objects.select_related("inspection__place__institution__division"), handover.pk
    )
    if row.told_at is not None:
        raise Refusal("已登记过办理结果")
    row.result = people_masked(given_reason(result, asks="办理结果", most=300))
    row.told_by, row.told_at = actor, timezone.now()
    row.save(update_fields=["result", "told_by", "told_at"])
    record(actor=actor, action="supervision.tell_result", subject=row)
    return row
