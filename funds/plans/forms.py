"""What is asked for a month, and what the bureau answered."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import PlainForm
from desk.seen import fingerprint
from funds.plans.models import FundingPlan
from funds.plans.services import MAX_NOTE, PlanItem


def _key(item: PlanItem) -> str:
    """By title, not by place: what is owed may have become more while the page lay open."""
    return fingerprint(item.title)[:8]


class PlanForm(PlainForm):
    """One amount and one note for each of `items`."""

    def __init__(self, items: Sequence[PlanItem], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for one in items:
            self.fields[f"amount-{_key(one)}"] = forms.DecimalField(
                label=f"{one.title}申请金额",
                max_digits=14,
                decimal_places=2,
                initial=one.amount,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "size": 14, "data-summed": True}
                ),
                error_messages={"invalid": "请填写金额，如 1200.50", "required": "请填写金额"},
            )
            self.fields[f"note-{_key(one)}"] = forms.CharField(
                label=f"{one.title}调整说明",
                max_length=MAX_NOTE,
                required=False,
                initial=one.note,
            )

        for field in list(self.fields.values())[:1]:
            field.widget.attrs["autofocus"] = True

    @property
    def worked_out(self) -> Decimal:
        return sum((one.worked_out for one in self.items), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Of the amounts that the page begins with; what is typed the page adds up itself."""
        return sum((one.amount for one in self.items), Decimal(0))

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"item": one, "amount": self[f"amount-{_key(one)}"], "note": self[f"note-{_key(one)}"]}
            for one in self.items
        ]

    def asked(self) -> list[PlanItem]:
        data = self.cleaned_data
        return [
            PlanItem(
                one.title,
                one.basis,
                one.worked_out,
                data[f"amount-{_key(one)}"],
                data[f"note-{_key(one)}"],
            )
            for one in self.items
        ]


class SendForm(PlainForm):
    document = forms.CharField(label="报送文号", max_length=60)


class GrantForm(PlainForm):
    granted = forms.DecimalField(
        label="批复金额（元）",
        max_digits=14,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 16}),
    )
    document = forms.CharField(label="批复文号", max_length=60)

    @classmethod
    def of(cls, plan: FundingPlan) -> "GrantForm":
        return cls(initial={"granted": plan.amount})
