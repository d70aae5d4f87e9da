"""An agreement is signed by two, and stopped, ended or taken up again by two, each from a day."""

from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When

from accounts.scoping import ScopedQuerySet
from desk.decisions import Accusing, Decision, decided_by_second
from desk.fields import in_order
from desk.tones import TonedChoices
from institutions.agreements.terms import shown


class SigningQuerySet(ScopedQuerySet["Signing"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"


class Signing(Decision):
    """An agreement that is put forward to be signed (协议签订); agreed to, it is an `Agreement`.

    `evidence` is the number or name of the paper, `terms` what it promises (agreements/terms.py).
    """

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="signings", verbose_name="机构"
    )
    number = models.CharField("协议编号", max_length=40)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期")
    terms = models.JSONField("协议指标", default=dict)

    objects = SigningQuerySet.as_manager()

    AUDITED = ("institution_id", "number", "first_day", "last_day", "terms", "status", "evidence",
               "reason", "decision")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "协议签订"
        constraints = [
            *decided_by_second(
                "signing", "institution", told="该机构已有一份协议待审批，请先办结或撤回"
            ),
            in_order("first_day", "last_day", name="signing_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"协议 {self.number}"

    @property
    def told_terms(self) -> list[tuple[str, str]]:
        return shown(self.terms)


class AgreementStepQuerySet(Accusing["AgreementStep"]):
    division_path = "agreement__institution__division__code"
    institution_path = "agreement__institution__code"

    def decided(self) -> "AgreementStepQuerySet":
        """What two people decided, the latest first: of one agreement no two wait at a time."""
        return self.filter(status=Decision.Status.APPROVED).order_by("-pk")

    def covering(self, day: Any) -> "AgreementStepQuerySet":
        """Of what was decided what covers the day, the one that holds first: the latest that stops
        or ends and is not lifted. An appeal lifts what was decided before it and had begun by its
        own first day; a later termination stands (`Agreement.state_on` says the same)."""
        within = OuterRef(day) if isinstance(day, OuterRef) else day
        lifting = AgreementStep.objects.filter(
            agreement=OuterRef("agreement"),
            status=Decision.Status.APPROVED,
            state=AgreementStep.State.RESUMED,
            pk__gt=OuterRef("pk"),
            first_day__gte=OuterRef("first_day"),
            first_day__lte=within,
        )
        resumed = Q(state=AgreementStep.State.RESUMED)
        rows = self.decided().filter(resumed | ~Exists(lifting), first_day__lte=day)
        rows = rows.filter(Q(last_day=None) | Q(last_day__gte=day))
        return rows.order_by(Case(When(resumed, then=1), default=0), "-pk")


class AgreementStep(Decision):
    """An agreement stopped for a time, ended, or taken up again, from a day on (协议处理).

    医疗机构医疗保障定点管理暂行办法 (国家医疗保障局令第2号): what arises while an agreement is
    stopped is not settled; when the time is over and the agreement still runs, it goes on. A visit
    is judged by its first day: who was admitted before is settled to the discharge.
    """

    class State(TonedChoices):
        SUSPENDED = "suspended", "bad", "暂停"
        ENDED = "ended", "bad", "终止"
        RESUMED = "resumed", "good", "恢复"

    agreement = models.ForeignKey(
        "institutions.Agreement", models.PROTECT, related_name="agreement_steps",
        verbose_name="协议",
    )  # fmt: skip
    state = models.CharField("处理", max_length=10, choices=State.choices)
    first_day = models.DateField("自")
    # The last day of a suspension; what is ended or taken up again is so until decided otherwise.
    last_day = models.DateField("至", null=True, blank=True)

    objects = AgreementStepQuerySet.as_manager()

    AUDITED = ("agreement_id", "state", "first_day", "last_day", "status", "evidence", "reason",
               "decision")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "协议处理"
        constraints = [
            *decided_by_second(
                "agreement_step", "agreement", told="这份协议已有一项处理待审批，请先办结或撤回"
            ),
            in_order("first_day", "last_day", name="agreement_step_in_order", open_end=True),
            models.CheckConstraint(
                condition=Q(state="suspended", last_day__isnull=False)
                | (~Q(state="suspended") & Q(last_day=None)),
                name="only_a_suspended_agreement_has_a_last_day",
            ),
        ]

    def __str__(self) -> str:
        return f"协议处理 {self.pk} 号"
