"""Forms of assistance: who applies, what for, whom it is paid to."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.assistance.services import AidPayee
from desk.reasons import reason_field


class WhoForm(PlainForm):
    """Whose application it is; sent by POST, so that no name or number stands in an address."""

    who = forms.CharField(
        label="申请人姓名或任一证件号码",
        max_length=40,
        min_length=2,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


class PayeeForm(PlainForm):
    payee = forms.CharField(label="收款人", max_length=40)
    account = forms.CharField(label="收款账号", max_length=40)
    bank = forms.CharField(label="开户行", max_length=60, required=False)
    document = forms.CharField(label="代收依据（收款人不是本人时）", max_length=100, required=False)

    def entry(self) -> AidPayee:
        """What was typed, for the service."""
        return self.typed(AidPayee, name=self.cleaned_data["payee"])


class ChangePayeeForm(PayeeForm):
    reason = reason_field("改收款人的原因")


class AidForm(PayeeForm):
    """Only kinds that come to something can be chosen."""

    kind = forms.ChoiceField(label="救助种类")
    facts = forms.CharField(
        label="家庭困难情况", max_length=300, widget=forms.TextInput(attrs={"size": 60})
    )
    field_order = ("kind", "facts")

    def __init__(self, kinds: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = kinds
