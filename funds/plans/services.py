"""Writing a funding plan, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from desk.changes import all_or_nothing
from desk.locks import lock_name
from desk.seen import fingerprint, refuse_stale
from funds.models import ZERO, Book
from funds.plans.models import FundingPlan, PlanLine
from funds.plans.workflow import PLANS
from funds.plans.working import arrived
from lib.money import told
from lib.periods import Month

MAX_NOTE = 100


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A line as it is asked for. `note`: why it is another sum than was worked out."""

    title: str
    basis: str
    worked_out: Decimal
    amount: Decimal
    note: str = ""


@all_or_nothing()
def make_plan(
    *, actor: User, book: Book, month: Month, items: Sequence[PlanItem], on: date
) -> FundingPlan:
    """The plan of a month that nobody has made yet, or whose earlier one was refused or withdrawn.

    Raises Refusal for a month that is over, without a sum, and where an amount differs from what
    was worked out without a note.
    """
    if month.last < on:
        raise Refusal(f"{month.words}已经过完，不能再编制用款计划", "month")
    lock_name(book.area.code, f"funds.plan:{book.pk}:{month}")
    there = FundingPlan.objects.alive().filter(book=book, month=month.first).first()
    if there is not None:
        raise Refusal(
            f"{month.words}已有用款计划（{there.get_status_display()}），请在那里修改", "month"
        )
    row = FundingPlan(book=book, month=month.first, amount=_total(items), made_by=actor, made_on=on)
    row.save(force_insert=True)
    _write(row, items)
    PLANS.begin(row, "make_plan", actor=actor)
    return row


@all_or_nothing()
def change_plan(*, actor: User, plan: FundingPlan, items: Sequence[PlanItem]) -> FundingPlan:
    """Other sums, while nobody has checked it."""
    row = PLANS.lock(plan.pk)
    PLANS.check(row, "change_plan", actor)
    PlanLine.objects.filter(plan=row).delete()
    _write(row, items)
    return PLANS.take(row, "change_plan", actor=actor, amount=_total(items))


@all_or_nothing()
def take_plan_step(
    *, actor: User, plan: FundingPlan, event: str, reason: str = "", seen: str | None = None
) -> FundingPlan:
    """Check, send back, refuse, adjust or withdraw (an event of `PLANS`). A plan that goes back to
    its maker is checked, sent and answered anew; none does once money has come for it."""
    row = PLANS.lock(plan.pk)
    PLANS.check(row, event, actor, reason)
    columns: dict[str, Any] = {}
    if event == "check_plan":
        refuse_stale(seen, seen_of(row))
    if event in ("send_plan_back", "adjust_plan"):
        columns = {"checked_by": None, "checked_at": None, "sent_by": None, "sent_at": None,
                   "granted": None}  # fmt: skip
    if event == "withdraw_plan" and (came := arrived(row.book, row.as_month)):
        raise Refusal(f"{row.as_month.words}已到账 {told(came)} 元，不能撤回；可以调整计划")
    return PLANS.take(row, event, actor=actor, reason=reason, **columns)


@all_or_nothing()
def send_plan(*, actor: User, plan: FundingPlan, document: str) -> FundingPlan:
    """Under which number it went to the bureau."""
    number = _document(document, "报送文号")
    return PLANS.move(plan.pk, "send_plan", actor=actor, sent_document=number)


@all_or_nothing()
def grant_plan(*, actor: User, plan: FundingPlan, granted: Decimal, document: str) -> FundingPlan:
    """What the bureau agreed to: all of it or less. Raises Refusal for more than was asked."""
    row = PLANS.lock(plan.pk)
    PLANS.check(row, "grant_plan", actor)
    if granted <= 0:
        raise Refusal("批复金额应大于零；财政没有批准的，请登记“财政未批”", "granted")
    if granted > row.amount:
        raise Refusal(
            f"批复 {told(granted)} 元超过申请的 {told(row.amount)} 元；请先调整计划", "granted"
        )
    number = _document(document, "批复文号")
    return PLANS.take(row, "grant_plan", actor=actor, granted=granted, granted_document=number)


def seen_of(plan: FundingPlan) -> str:
    lines = PlanLine.objects.filter(plan=plan).values_list("title", "amount", "note")
    return fingerprint(plan.amount, *lines)


def _document(text: str, what: str) -> str:
    number = readable(text, what, "document")
    if not number:
        raise Refusal(f"请填写{what}", "document")
    return number


def _total(items: Sequence[PlanItem]) -> Decimal:
    total = sum((one.amount for one in items), ZERO)
    if total <= 0:
        raise Refusal("支出户现有余额已够本月使用，申请金额应大于零，不必申请", "lines")
    return total


def _write(row: FundingPlan, items: Sequence[PlanItem]) -> None:
    lines = []
    for at, one in enumerate(items, start=1):
        note = readable(one.note, "调整说明", "lines")[:MAX_NOTE]
        if one.amount != one.worked_out and not note:
            raise Refusal(
                f"“{one.title}”申请 {told(one.amount)} 元，与测算的 {told(one.worked_out)} 元不同，"
                "请写调整说明",
                "lines",
            )
        lines.append(
            PlanLine(
                plan=row, position=at, title=one.title[:60], basis=one.basis[:200],
                worked_out=one.worked_out, amount=one.amount, note=note,
            )
        )  # fmt: skip
    PlanLine.objects.bulk_create(lines)
