"""That a voucher of the business was looked through by another than its maker, and what is doubted.

A voucher by hand has its review on its way into the books (`funds/drafts/`) and none here.
"""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedManager
from desk.fields import first_hand, later_hand, once, status_column, status_says
from desk.tones import TonedChoices

if TYPE_CHECKING:
    from funds.models import Voucher


class VoucherReview(models.Model):
    """Somebody else agreed to a voucher. Only ever added: what is found later is a doubt."""

    voucher: "models.OneToOneField[Voucher, Voucher]" = models.OneToOneField(
        "funds.Voucher",
        models.PROTECT,
        related_name="review",
        verbose_name="凭证",
        error_messages={"unique": "其中有凭证刚刚已由别人复核，请刷新"},
    )
    reviewed_by, reviewed_at = first_hand("复核")

    objects = ScopedManager("voucher__book__area__code")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"凭证复核 {self.pk} 号"


class VoucherDoubt(models.Model):
    """What somebody finds doubtful about a voucher (有疑问); it stays when it is settled."""

    class Status(TonedChoices):
        OPEN = "open", "bad", "有疑问"
        SETTLED = "settled", "good", "已澄清"

    voucher: "models.ForeignKey[Voucher, Voucher]" = models.ForeignKey(
        "funds.Voucher", models.PROTECT, related_name="doubts", verbose_name="凭证"
    )
    status = status_column(Status.OPEN)
    reason = models.CharField("疑问", max_length=200)
    raised_by, raised_at = first_hand("提出")
    settled_by, settled_at = later_hand("澄清")
    answer = models.CharField("澄清的情况", max_length=200, blank=True)

    objects = ScopedManager("voucher__book__area__code")

    AUDITED: ClassVar = ("status", "reason", "answer")

    class Meta:
        ordering = ["-id"]
        constraints = [
            once(
                "voucher",
                name="one_open_doubt",
                where=Q(status="open"),
                told="其中有凭证刚刚已由别人提出疑问，请刷新",
            ),
            status_says("settled", column="settled_by", name="settled_doubt_says_by_whom"),
        ]

    def __str__(self) -> str:
        return f"凭证疑问 {self.pk} 号"
