"""What happened to receipt books after they were issued: passed on, lost, found again, counted."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, hand, in_order, later_hand, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.collection.models.numbers import Numbers


class BookEventQuerySet(ScopedQuerySet["BookEvent"]):
    division_path = "book__township__code"

    def losses(self) -> "BookEventQuerySet":
        return self.filter(kind=BookEvent.Kind.LOSS)

    def lost_numbers(self, books: Iterable[int]) -> dict[int, set[int]]:
        """Book → numbers that are lost now: of each number its last event counts."""
        lost: dict[int, set[int]] = {pk: set() for pk in books}
        kinds = (BookEvent.Kind.LOSS, BookEvent.Kind.FOUND)
        rows = self.filter(book__in=lost, kind__in=kinds).order_by("pk")
        for pk, kind, first, last in rows.values_list(
            "book", "kind", "first_number", "last_number"
        ):
            numbers = range(first, last + 1)
            if kind == BookEvent.Kind.LOSS:
                lost[pk].update(numbers)
            else:
                lost[pk].difference_update(numbers)
        return lost

    def covering(self, number: Any) -> "BookEventQuerySet":
        """Losses of the number (a number or an expression) that no later event took back."""
        again = BookEvent.objects.filter(
            kind=BookEvent.Kind.FOUND,
            book=OuterRef("book"),
            pk__gt=OuterRef("pk"),
            first_number__lte=number,
            last_number__gte=number,
        )
        covers = self.losses().filter(first_number__lte=number, last_number__gte=number)
        return covers.filter(~Exists(again))


class BookEvent(Numbers):
    """What happened to a receipt book after it was issued. Only ever added to."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", "转交"
        HAND_BACK = "hand_back", "交回"
        LOSS = "loss", "挂失"
        FOUND = "found", "找回"

    book = models.ForeignKey("enrollment.ReceiptBook", models.PROTECT, related_name="events")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    # A loss may have happened in a village that kept the book: its cadre answers for it.
    village = models.ForeignKey(
        Division, models.PROTECT, null=True, related_name="+", verbose_name="保管村"
    )
    holder = hand("原领用人")
    new_holder = hand("新领用人", null=True)
    on = models.DateField("日期")
    reason = models.CharField("事由", max_length=200)
    recorded_by, recorded_at = first_hand("登记")

    objects = BookEventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            in_order("first_number", "last_number", name="book_event_in_order"),
        ]


class BookCheckOff(models.Model):
    """核销: a finished book's counterfoils counted, as they stood on that day. Amounts in yuan."""

    book = models.OneToOneField(
        "enrollment.ReceiptBook", models.PROTECT, related_name="check_off", verbose_name="票据本"
    )
    people = models.PositiveIntegerField("参合人数")
    payers = models.PositiveIntegerField("实收人数")
    wubao_dibao = models.PositiveIntegerField("五保低保人数")
    sponsored = models.PositiveIntegerField("资助人数")
    amount = MoneyField("实收金额")
    sponsored_amount = MoneyField("资助金额")
    valid = models.PositiveIntegerField("有效张数")
    void = models.PositiveIntegerField("作废张数")
    lost = models.PositiveIntegerField("遗失张数")
    unused = models.PositiveIntegerField("交回张数")
    checked_by = hand("核销人")
    checked_on = models.DateField("核销日期")

    objects = ScopedManager("book__township__code")


class FoundNumbers(Numbers):
    """Numbers reported lost that are there again: told by one person, confirmed by a second.

    Only with the confirmation do exactly these numbers come back (`BookEvent` FOUND).
    """

    class Status(TonedChoices):
        ASKED = "asked", "wait", "待确认"
        CONFIRMED = "confirmed", "good", "已恢复"
        REFUSED = "refused", "bad", "未同意"

    book = models.ForeignKey("enrollment.ReceiptBook", models.PROTECT, related_name="finds")
    found_on = models.DateField("找回日期")
    reason = models.CharField("找回经过", max_length=200)
    status = status_column(Status.ASKED)
    asked_by, asked_at = first_hand("申请")
    decided_by, decided_at = later_hand("确认")
    decision = models.CharField("不同意的原因", max_length=200, blank=True)

    objects = ScopedManager("book__township__code")

    class Meta:
        ordering = ["pk"]
        constraints = [
            in_order("first_number", "last_number", name="found_numbers_in_order"),
            apart("decided_by", "asked_by", name="found_numbers_confirmed_by_a_second_person"),
            status_says("confirmed", "refused", column="decided_by", name="decided_find_says_who"),
        ]
