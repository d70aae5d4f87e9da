"""Two records of one person, proposed to be one by one person and decided by another."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import in_order


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


class SamePerson(Decision):
    """`given_up` is `kept` (重复登记): one of two records goes on, the other ends.

    `undoes`: this proposal takes an approved one back; it names the same two records. `moved` says
    what came over, by table, for the way back; `told`: sentences of amounts to be looked at.
    """

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
    event = models.ForeignKey(
        "enrollment.RegisterEvent", models.PROTECT, null=True, related_name="+"
    )
    moved = models.JSONField("随之转入", default=dict)
    told = models.JSONField("需要核查", default=list)

    objects = SamePersonQuerySet.as_manager()

    AUDITED = ("kept_id", "given_up_id", "undoes_id", "evidence", "reason", "status")

    class Meta(Decision.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("given_up")), name="same_person_is_two_records"
            ),
            *decided_by_second(
                "same_person",
                "given_up",
                told="这条登记已有合并或撤销的申请待审批，请勿重复",
                at="number",
            ),
            models.CheckConstraint(
                condition=~Q(evidence="") & ~Q(reason=""), name="same_person_says_why"
            ),
            in_order("proposed_on", "decided_on", name="same_person_in_order", open_end=True),
        ]

    def __str__(self) -> str:
        return f"{'撤销合并' if self.undoes_id else '重复登记合并'} {self.pk} 号"
