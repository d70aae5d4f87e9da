"""Whether the month's plan was made and its money came (settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from datetime import date

from funds.closing.found import Found, page_of
from funds.models import Book
from funds.plans.models import FundingPlan
from funds.plans.working import arrived
from lib.money import told
from lib.periods import Month


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    plan = FundingPlan.objects.alive().filter(book=book, month=month.first).first()
    came, words, amount = arrived(book, month, month.last), "", None
    if plan is None and came:
        amount, words = came, f"到账 {told(came)} 元，没有用款计划"
    elif plan is not None and plan.status != FundingPlan.Status.GRANTED:
        amount, words = plan.amount, f"用款计划还没有财政批复（{plan.get_status_display()}）"
    elif plan is not None and plan.granted is not None and plan.granted != came:
        amount = plan.granted - came
        words = (
            f"财政批复 {told(plan.granted)} 元，"
            f"{month.words}底到账 {told(came)} 元，相差 {told(amount)} 元"
        )
        if arrived(book, month) == plan.granted:
            words += "，其后已到账"
    yield Found(
        what="用款计划已批复、到账",
        count=int(bool(words)),
        unit="份",
        amount=amount,
        words=words,
        address=page_of("funds:plans"),
    )
