"""Who is paid and where it goes, as a settlement and what is paid more on it say it."""

from django.db import models

from accounts.fields import SealedField
from enrollment.models import Person
from funds.payments.models import ACCOUNT


class Paid(models.Model):
    """The payee: proposed by the portal or named by a clerk (claims/paying/payees.py)."""

    class Relation(models.TextChoices):
        """Who the payee is to the patient."""

        SELF = "self", "本人"
        GUARDIAN = "guardian", "监护人"
        HEAD = "head", "户主"
        HEIR = "heir", "继承人"
        INSTITUTION = "institution", "定点机构"

    payee_name = models.CharField("收款人", max_length=100, blank=True, default="", db_default="")
    payee_relation = models.CharField(
        "与患者关系", max_length=12, choices=Relation.choices, blank=True, default="", db_default=""
    )
    payee_person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name="收款人登记"
    )
    payee_bank = models.CharField("开户行", max_length=60, blank=True, default="", db_default="")
    payee_account = SealedField("收款账号", blank=True, default="", db_default="", context=ACCOUNT)
    payee_account_index = models.CharField(max_length=32, blank=True, default="", db_default="")
    payee_document = models.CharField(
        "收款依据材料", max_length=100, blank=True, default="", db_default=""
    )

    class Meta:
        abstract = True
