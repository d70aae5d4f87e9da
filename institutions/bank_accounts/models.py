"""The bank account to which an institution is paid (收款账户), by two people, from a day on."""

from datetime import date
from typing import ClassVar

from django.db import models

from accounts.fields import SealedField, blind_index
from accounts.scoping import ScopedQuerySet
from accounts.templatetags.hezuo import mask_name
from desk.decisions import Decision, decided_by_second
from lib.bank_numbers import AccountIndex, masked_account

INDEX = AccountIndex("institution_account", blind_index)


class BankAccountQuerySet(ScopedQuerySet["BankAccount"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def in_force(self, institution: int, day: date) -> "BankAccount | None":
        """What two people decided for the day; None where nothing is registered, and the bank pays
        by its contract with the institution."""
        rows = self.filter(institution=institution, status=Decision.Status.APPROVED)
        return rows.filter(first_day__lte=day).order_by("-first_day", "-pk").first()


class BankAccount(Decision):
    """An institution's account from a day on. The only place that holds it: a payment order takes
    it over when it is asked for, and goes where it was to go then."""

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="+", verbose_name="定点机构"
    )
    holder = models.CharField("户名", max_length=100)
    bank = models.CharField("开户行", max_length=60)
    account = SealedField("账号", context="institutions.bankaccount.account")
    # The database lets a sealed column change, for keys change: another row's number there has not
    # this index.
    account_index = models.CharField("账号索引", max_length=32, editable=False)
    first_day = models.DateField("自")

    objects = BankAccountQuerySet.as_manager()

    AUDITED = ("institution_id", "holder", "bank", "account", "first_day", "status", "evidence",
               "reason", "decision")  # fmt: skip
    MASKS: ClassVar = {"holder": mask_name}

    class Meta(Decision.Meta):
        verbose_name = "收款账户"
        constraints = [
            *decided_by_second(
                "bank_account",
                "institution",
                told="该机构已有一个收款账户待审批，请先办结或撤回",
                at="institution",
            ),
        ]

    def __str__(self) -> str:
        return f"收款账户 {self.pk} 号"

    @property
    def masked_account(self) -> str:
        return masked_account(self.account)

    @property
    def is_exchanged(self) -> bool:
        """Whether it is not the number that two people agreed to."""
        return INDEX.is_exchanged(self.account, self.account_index)
