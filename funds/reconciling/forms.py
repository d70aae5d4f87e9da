"""Which account and month, what its statement says, and what is matched by hand."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import PlainForm
from desk.import_pages import UploadForm
from funds.banking.statements import LAYOUT
from funds.forms import month_choices
from funds.models import Account, Book


class MonthForm(PlainForm):
    month = forms.ChoiceField(label="月份")

    def __init__(self, book: Book, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["month"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = month_choices(book)


class StatementForm(UploadForm):
    noun = "对账单"
    max_bytes = LAYOUT.max_bytes
    account = forms.TypedChoiceField(label="银行账户", coerce=int)
    field_order = ("account", "file")

    def __init__(self, *args: Any, accounts: "list[Account] | None" = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.pk, f"{one.name}（{one.book}）") for one in accounts or []]


class BalanceForm(PlainForm):
    balance = forms.DecimalField(
        label="对账单月末余额（元）",
        max_digits=14,
        decimal_places=2,
        min_value=Decimal("0.00"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 16}),
        error_messages={"invalid": "请填写金额，如 1200.50", "required": "请填写对账单的月末余额"},
    )
