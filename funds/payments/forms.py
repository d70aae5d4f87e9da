"""Inputs of the payments."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from desk.import_pages import UploadForm
from desk.reasons import reason_field


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget)


class BatchForm(PlainForm):
    """The orders that were ticked; the choices are those that the user may see."""

    orders = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "请勾选要支付的款项"}
    )

    def __init__(self, ids: list[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["orders"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, pk) for pk in ids]


class ReleaseForm(PlainForm):
    """The day of the payment, and what the cashier was shown when saying yes to it."""

    paid_on = _day("支付日期")
    number_of = forms.IntegerField(widget=forms.HiddenInput)
    total = forms.DecimalField(max_digits=14, decimal_places=2, widget=forms.HiddenInput)


class ReturnForm(PlainForm):
    """One payment that the bank gave back, told by hand."""

    returned_on = _day("退汇日期")
    reason = reason_field("退汇原因")
    evidence = forms.CharField(label="银行回单号", max_length=60)


class PayeeForm(PlainForm):
    """Another account of the same payee, or the name as the bank has it."""

    payee = forms.CharField(label="收款人", max_length=100)
    bank = forms.CharField(label="开户行", max_length=60, required=False)
    account = forms.CharField(label="收款账号", max_length=40)
    reason = reason_field("更正原因")


class ReturnFileForm(UploadForm):
    noun = "回盘"
    max_bytes = 10 * 1024 * 1024
