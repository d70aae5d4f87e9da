"""What a window proposes about somebody and a second person decides."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.numbers import NumberKind
from enrollment.people.trail import PERSONAL

ZERO = Decimal(0)


class ProposalQuerySet(ScopedQuerySet["Proposal"]):
    division_path = "person__household__division__code"

    def waiting(self) -> Self:
        return self.filter(status=Proposal.Status.PROPOSED)


class Proposal(Decision):
    """A change that decides about money: who somebody is (姓名、证件), or a status with benefits
    that is granted or taken away.

    Nothing changes until it is approved. Empty columns stay as they are.
    """

    class Kind(models.TextChoices):
        IDENTITY = "identity", "更正姓名、证件"
        STATUS = "status", "认定身份"
        ENDING = "ending", "取消身份"

    person = models.ForeignKey(
        "enrollment.Person", models.PROTECT, related_name="proposals", verbose_name="成员"
    )
    kind = models.CharField("申请事项", max_length=10, choices=Kind.choices)
    name = models.CharField("新姓名", max_length=40, blank=True)
    number_kind = models.CharField(
        "新证件类型", max_length=20, choices=NumberKind.choices, blank=True
    )
    number = SealedField("新证件号码", blank=True, context="enrollment.proposal.number")
    sex = models.CharField("新性别", max_length=1, choices=Person.Sex.choices, blank=True)
    birth_date = models.DateField("新出生日期", null=True)
    code = models.CharField("身份", max_length=24, choices=IdentityStatus.Code.choices, blank=True)
    # Whose paper shows or refutes a status: its number, its office, its day.
    document_number = models.CharField("文号、证号", max_length=60, blank=True)
    issuer = models.CharField("发文、发证单位", max_length=60, blank=True)
    issued_on = models.DateField("发文、发证日期", null=True)
    # What it would cost: [{"year", "paid", "due"}], yuan as text, when it was proposed.
    difference = models.JSONField("保费差额", default=list)

    objects = ProposalQuerySet.as_manager()

    AUDITED = ("person_id", "kind", "name", "number_kind", "number", "sex", "birth_date", "code",
               "evidence", "document_number", "issuer", "issued_on", "reason",
               "status")  # fmt: skip
    MASKS = PERSONAL

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second(
                "proposal",
                "person",
                "kind",
                "code",
                told="此人已有同样的申请待审批，请勿重复",
                at="person",
            ),
            models.CheckConstraint(
                condition=~Q(evidence="") & (Q(kind="identity") | ~Q(code="")),
                name="proposal_says_what_and_why",
            ),
            models.CheckConstraint(
                condition=Q(kind="identity")
                | (~Q(document_number="") & ~Q(issuer="") & Q(issued_on__isnull=False)),
                name="status_proposal_names_its_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk} 号"

    @property
    def differences(self) -> list[dict[str, Any]]:
        """`difference` with what is missing (short) and what is too much (over), in yuan."""
        found = []
        for one in self.difference:
            more = Decimal(one["due"]) - Decimal(one["paid"])
            found.append(one | {"short": max(more, ZERO), "over": max(-more, ZERO)})
        return found

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """(what, now, then) of everything that would differ; numbers in the clear: mask them."""
        person = self.person
        if self.kind == self.Kind.STATUS:
            return [("身份", "—", self.get_code_display())]
        if self.kind == self.Kind.ENDING:
            return [("身份", self.get_code_display(), "—")]
        found: list[tuple[str, Any, Any]] = []
        if self.name:
            found.append(("姓名", person.name, self.name))
        if self.sex:
            found.append(("性别", person.get_sex_display(), self.get_sex_display()))
        if self.birth_date:
            found.append(("出生日期", person.birth_date, self.birth_date))
        return found
