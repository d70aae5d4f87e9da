"""The payee of a claim, as a clerk names him."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.models import Settlement
from claims.paying.payees import PayeeEntry
from desk.reasons import reason_field

Relation = Settlement.Relation
ASKED = (Relation.SELF, Relation.HEAD, Relation.GUARDIAN, Relation.HEIR)


class PayeeForm(PlainForm):
    relation = forms.ChoiceField(
        label="收款人是", choices=[(one.value, one.label) for one in ASKED]
    )
    payee = forms.CharField(label="姓名（监护人、继承人）", max_length=100, required=False)
    account = forms.CharField(label="收款账号", max_length=40)
    bank = forms.CharField(label="开户行", max_length=60, required=False)
    document = forms.CharField(label="依据材料", max_length=100, required=False)
    reason = reason_field("原因")

    def named(self) -> dict[str, Any]:
        """Who, and why another: as the services that change a payee take it."""
        data = self.cleaned_data
        return {"entry": self.typed(PayeeEntry, name=data["payee"]), "reason": data["reason"]}
