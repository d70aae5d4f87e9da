"""Two records of one person, proposed to be one by one person and decided by another."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, in_order, status_column
from desk.tones import toned
from desk.workflow import apart


class SamePersonQuerySet(ScopedQuerySet["SamePerson"]):
    division_path = "kept__household__division__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        """Both records: who sees only one of them must not learn of the other."""
        other = super().scope(user)
        if not user.division_code:
            return other
        return other & Q(given_up__household__division__code__startswith=user.division_code)

    def waiting(self) -> Self:
        return self.filter(status=SamePerson.Status.PROPOSED)


class SamePerson(models.Model):
    """`given_up` is `kept` (重复登记): one of two records goes on, the other ends.

    `undoes`: this proposal takes an approved one back; it names the same two records. `moved` says
    what came over, by table, for the way back; `told`: sentences of amounts to be looked at.
    """

    @toned(PROPOSED="wait", APPROVED="good", REFUSED="bad", WITHDRAWN="idle")
    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        APPROVED = "approved", "已同意"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"

    kept = models.ForeignKey(
        "enrollment.Person", models.PROTECT, related_name="same_kept", verbose_name="保留的登记"
    )
    given_up = models.ForeignKey(
        "enrollment.Person", models.PROTECT, related_name="same_given_up", verbose_name="停用的登记"
    )
    # Who follows where the record that ends was its household's head.
    new_head = models.ForeignKey(
        "enrollment.Person", models.PROTECT, null=True, related_name="+", verbose_name="新户主"
    )
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="undoings", verbose_name="撤销的合并"
    )
    evidence = models.CharField("证明材料", max_length=100)
    reason = models.CharField("事由", max_length=200)
    status = status_column(Status.PROPOSED)
    proposed_by = hand("申请人")
    proposed_on = models.DateField("申请日期")
    decided_by = hand("审批人", null=True)
    decided_on = models.DateField("审批日期", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    event = models.ForeignKey(
        "enrollment.RegisterEvent", models.PROTECT, null=True, related_name="+"
    )
    moved = models.JSONField("随之转入", default=dict)
    told = models.JSONField("需要核查", default=list)

    objects = SamePersonQuerySet.as_manager()

    AUDITED = ("kept_id", "given_up_id", "undoes_id", "evidence", "reason", "status")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["given_up"],
                condition=Q(status="proposed"),
                name="one_open_same_person",
                violation_error_message="这条登记已有合并或撤销的申请待审批，请勿重复",
                violation_error_code="number",
            ),
            models.CheckConstraint(
                condition=~Q(kept=F("given_up")), name="same_person_is_two_records"
            ),
            apart("decided_by", "proposed_by", name="same_person_is_decided_by_a_second_person"),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "withdrawn"]) | Q(decided_by__isnull=False),
                name="decided_same_person_says_who",
            ),
            models.CheckConstraint(
                condition=~Q(evidence="") & ~Q(reason=""), name="same_person_says_why"
            ),
            in_order("proposed_on", "decided_on", name="same_person_in_order", open_end=True),
        ]

    def __str__(self) -> str:
        return f"{'撤销合并' if self.undoes_id else '重复登记合并'} {self.pk} 号"
