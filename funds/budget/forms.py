"""The amounts of a year's budget."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import PlainForm
from funds.budget.services import LAYOUT, lines_of
from funds.models import Book


class BudgetForm(PlainForm):
    """An amount for each line of the income statement, then why."""

    evidence = forms.CharField(label="预算批复或会议依据", max_length=100)
    reason = forms.CharField(label="编报说明、调整的原因", max_length=200)

    def __init__(
        self, book: Book, amounts: Mapping[str, Decimal | None], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sides = lines_of(book)
        for one in (*self.sides[0], *self.sides[1]):
            self.fields[one.account] = forms.DecimalField(
                label=one.title,
                max_digits=14,
                decimal_places=2,
                min_value=Decimal("0.00"),
                required=False,
                initial=amounts.get(one.account),
                widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 16}),
                error_messages={"invalid": "请填写金额，如 1200.50", "min_value": "预算不能小于零"},
            )

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"side": side, "title": one.title, "field": self[one.account]}
            for side, lines in zip(("收入", "支出"), self.sides, strict=True)
            for one in lines
        ]

    def asked(self) -> dict[str, Any]:
        """What `propose_budget` is told."""
        data = self.cleaned_data
        amounts = {
            one.account: data[one.account]
            for lines in self.sides
            for one in lines
            if data[one.account] is not None
        }
        return {"amounts": amounts, "evidence": data["evidence"], "reason": data["reason"]}


class BudgetFileForm(PlainForm):
    file = forms.FileField(
        label="预算表（.xlsx 或 .csv）",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "文件是空的，请重新选择", "required": "请选择文件"},
        max_length=200,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LAYOUT.max_bytes:
            raise forms.ValidationError("文件超过 1 MB，请用模板填写")
        return file
