"""The word of a party that has no login: what it handed in on paper, entered by an officer."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from desk.fields import first_hand, once
from supervision.cases.models import Case
from supervision.inspections.order_models import Order
from supervision.proof_files import ProofFile
from supervision.reviewing.models import AlertReview

# What it is about, and who may read that: the word is theirs to read too.
VIEWS = {
    "review": "supervision.view_reviews",
    "order": "supervision.view_inspections",
    "case": "supervision.view_cases",
}


class WordsOf(ScopedQuerySet[Any]):
    """Words, or what hangs on them (`word`: the way there): within the scope, about what the
    reader may see."""

    division_path = "division__code"
    word: ClassVar[str] = ""

    @classmethod
    def scope(cls, user: User) -> Q:
        found = super().scope(user)
        for about, permission in VIEWS.items():
            if not user.may(permission):
                found &= Q(**{f"{cls.word}{about}": None})
        return found


class PartyWordQuerySet(WordsOf):
    pass


class WordScanQuerySet(WordsOf):
    division_path = "word__division__code"
    word = "word__"


class PartyWord(models.Model):
    """An answer of a party to what it was told of, as it came on paper; or that it has no
    objection; or that its time ran out. `entered_by` wrote it down on its behalf, and is no hand
    that decides on it. Added, never changed."""

    class Kind(models.TextChoices):
        ANSWER = "answer", "书面答复"
        HEARING = "hearing", "申请听证"
        AGREED = "agreed", "无异议（本人签字）"
        SILENT = "silent", "期满未答复"

    class Way(models.TextChoices):
        BROUGHT = "brought", "当面递交"
        POSTED = "posted", "邮寄"
        FETCHED = "fetched", "上门取回"
        SPOKEN = "spoken", "口头，当面记录并签字"

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="地方")
    review = models.ForeignKey(
        AlertReview, models.PROTECT, null=True, related_name="party_words", verbose_name="疑点审核"
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="party_words", verbose_name="整改通知书"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="party_words", verbose_name="案件"
    )
    kind = models.CharField("答复", max_length=8, choices=Kind.choices)
    # Of a party that kept silent the day on which that was noted.
    received_on = models.DateField("收到日期")
    brought_by = models.CharField("递交人、职务", max_length=60, blank=True)
    way = models.CharField("递交方式", max_length=8, choices=Way.choices, blank=True)
    words = models.CharField("答复内容", max_length=500, blank=True)
    evidence = models.CharField("随附材料", max_length=200, blank=True)
    # Came when its term was over: it is read, and changes no term.
    is_late = models.BooleanField("逾期", default=False, db_default=False)
    entered_by, entered_at = first_hand("代录")

    objects = PartyWordQuerySet.as_manager()

    AUDITED = ("review_id", "order_id", "case_id", "kind", "received_on", "way", "is_late")

    class Meta:
        app_label = "supervision"
        verbose_name = "当事人书面答复"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review__isnull=False, order=None, case=None)
                | Q(review=None, order__isnull=False, case=None)
                | Q(review=None, order=None, case__isnull=False),
                name="word_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(kind="silent", brought_by="", way="", words="")
                | ~Q(kind="silent") & ~Q(brought_by="") & ~Q(way=""),
                name="word_says_who_brought_it",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["answer", "hearing"]) | ~Q(words=""),
                name="answer_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"当事人书面答复 {self.pk} 号"

    @property
    def said(self) -> str:
        """The kind, and that it came late."""
        return f"{self.get_kind_display()}{'（逾期）' if self.is_late else ''}"

    @property
    def how(self) -> str:
        """Who brought it and how, in a sentence."""
        return f"{self.brought_by}{self.get_way_display()}" if self.brought_by else ""


class WordScan(ProofFile):
    """A page of what was handed in."""

    word = models.ForeignKey(
        PartyWord, models.PROTECT, related_name="scans", verbose_name="当事人书面答复"
    )

    objects = WordScanQuerySet.as_manager()

    AUDITED = ("word_id", *ProofFile.AUDITED)

    class Meta(ProofFile.Meta):
        verbose_name = "答复扫描件"
        constraints = [
            once("word", "sha256", name="word_scan_once", told="这一页选了两次，请去掉一份")
        ]
