"""Acts of service (送达): how a document reached its party, as the 送达回证 says."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.fields import first_hand, once
from supervision.cases.models import Case
from supervision.reviewing.models import AlertReview


class DeliveryQuerySet(ScopedQuerySet["Delivery"]):
    """Seen by whoever sees the case or the review."""

    division_path = "case__area__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        return super().scope(user) | Q(review__in=AlertReview.objects.visible_to(user))


class Delivery(models.Model):
    """One document that was served: when, how, by which two; or opened in the portal by the
    institution itself. Added, never changed; a case that was sent back is told anew, and that is
    served anew. The terms run from `served_on`."""

    class Document(models.TextChoices):
        NOTICE = "notice", "行政处理事先告知书"
        DECISION = "decision", "行政处理决定书"
        ALERT = "alert", "疑似违规费用告知书"

    class Way(models.TextChoices):
        DIRECT = "direct", "直接送达"
        LEFT = "left", "留置送达"
        POST = "post", "邮寄送达"
        ENTRUSTED = "entrusted", "委托送达"
        ANNOUNCED = "announced", "公告送达"
        ONLINE = "online", "电子送达"

    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="deliveries", verbose_name="案件"
    )
    review = models.ForeignKey(
        AlertReview, models.PROTECT, null=True, related_name="deliveries", verbose_name="疑点审核"
    )
    document = models.CharField("送达文书", max_length=8, choices=Document.choices)
    served_on = models.DateField("送达日期")
    way = models.CharField("送达方式", max_length=10, choices=Way.choices)
    place = models.CharField("送达地点", max_length=100)
    # Who took it: the party, or who took it for the party and what they are to it.
    receiver = models.CharField("签收人", max_length=40, blank=True)
    relation = models.CharField("与受送达人的关系", max_length=40, blank=True)
    refusal = models.CharField("拒收的理由", max_length=120, blank=True)
    witness = models.CharField("见证人及单位", max_length=60, blank=True)
    reference = models.CharField("邮件号、委托函号、公告载体", max_length=60, blank=True)
    # Whoever went; not all of them have an account.
    server = models.CharField("送达人一", max_length=40, blank=True)
    other_server = models.CharField("送达人二", max_length=40, blank=True)
    entered_by, entered_at = first_hand("登记")

    objects = DeliveryQuerySet.as_manager()

    AUDITED = ("case_id", "review_id", "document", "served_on", "way")

    class Meta:
        app_label = "supervision"
        verbose_name = "文书送达"
        ordering = ["case", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review=None, case__isnull=False, document__in=["notice", "decision"])
                | Q(review__isnull=False, case=None, document="alert"),
                name="delivery_is_of_one_thing",
            ),
            once(
                "review",
                name="review_is_served_once",
                told="这份告知书刚由别人登记送达，请刷新后再看",
            ),
            # Nobody carries what its party opens itself; that is of an institution with a login.
            models.CheckConstraint(
                condition=Q(way="online", review__isnull=False, server="", other_server="")
                & ~Q(receiver="")
                | ~Q(way="online")
                & ~Q(server="")
                & ~Q(other_server="")
                & ~Q(server=F("other_server")),
                name="delivery_by_two",
            ),
            models.CheckConstraint(
                condition=Q(way="left") & ~Q(refusal="") & ~Q(witness="")
                | ~Q(way="left") & Q(refusal=""),
                name="left_delivery_has_its_witness",
            ),
            models.CheckConstraint(
                condition=~Q(way__in=["direct", "entrusted"]) | ~Q(receiver=""),
                name="direct_delivery_has_a_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(way__in=["post", "entrusted", "announced"]) | ~Q(reference=""),
                name="sent_delivery_has_its_reference",
            ),
        ]

    @property
    def told(self) -> str:
        """How it was served, in a sentence."""
        taken = f"{self.receiver}{f'（{self.relation}）' if self.relation else ''}签收"
        said = [
            self.get_way_display(),
            taken if self.receiver else "",
            f"拒收（{self.refusal}），{self.witness}见证" if self.refusal else "",
            self.reference,
        ]
        return "，".join(filter(None, said))
