"""The county's limits, and the correction of a voucher of a closed year, as forms."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms

from accounts.forms import PlainForm
from funds.drafts.earlier import Standing
from funds.drafts.services import used_before
from funds.events import FUNDING_LEVELS, SUBSIDIES
from funds.forms import day_field, yuan_field
from funds.models import Book
from lib.money import told


class LimitForm(PlainForm):
    second_approval = yuan_field("大额审批限额（元）", required=False)
    turnover_cash = yuan_field("支出户周转金限额（元）", required=False)
    basis = forms.CharField(label="依据", max_length=60, help_text="批准限额的文号")
    reason = forms.CharField(label="事由", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second_approval"].help_text = "手工凭证超过此数须经审批；不填则不限"
        self.fields["turnover_cash"].help_text = "拨款后支出户余额的上限；不填则不限"


class OfClosedYear(PlainForm):
    """On what paper, when and why something of a closed year is put right."""

    on = day_field("记账日期")
    document = forms.CharField(
        label="单据号", max_length=60, help_text="银行回单、利息清单或更正的批复文号"
    )
    reason = forms.CharField(label="更正的原因", max_length=100)
    again = forms.BooleanField(label="单据号相同，确是另一笔", required=False)
    same_document = forms.CharField(label="另一笔的说明", max_length=100, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, book: Book, lines: Sequence[Standing], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = self.data.get("document", "").strip()
        if not (document and used_before(book, document)):
            del self.fields["again"], self.fields["same_document"]

    def asked(self) -> dict[str, Any]:
        """What the service is told."""
        raise NotImplementedError

    def paper(self) -> dict[str, Any]:
        """What of it the services are told."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("on", "document", "reason")},
            "key": str(data["key"]),
            "same_document": data["same_document"] if data.get("again") else "",
        }


class CorrectionForm(OfClosedYear):
    """What each line of a voucher of a closed year should have been."""

    def __init__(self, book: Book, lines: Sequence[Standing], *args: Any, **kwargs: Any) -> None:
        super().__init__(book, lines, *args, **kwargs)
        amounts = {f"right_{at}": _right(one) for at, one in enumerate(lines)}
        self.fields = {**amounts, **self.fields}
        self.count = len(lines)

    def asked(self) -> dict[str, Any]:
        """What `make_correction` is told."""
        right = [self.cleaned_data[f"right_{at}"] for at in range(self.count)]
        return {"right": right} | self.paper()


class LevelForm(OfClosedYear):
    """Whose money a part of a closed year's subsidy was."""

    at = forms.TypedChoiceField(label="原记", coerce=int)
    level = forms.ChoiceField(
        label="应为", choices=[(one, FUNDING_LEVELS[one]) for one in SUBSIDIES.accounts]
    )
    amount = yuan_field("改记金额（元）", required=True)

    field_order = ("at", "level", "amount")

    def __init__(self, book: Book, lines: Sequence[Standing], *args: Any, **kwargs: Any) -> None:
        super().__init__(book, lines, *args, **kwargs)
        field = self.fields["at"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (at, f"{FUNDING_LEVELS[one.line.funding_level]} {told(one.stands)} 元")
            for at, one in enumerate(lines)
            if one.stands > 0
        ]

    def asked(self) -> dict[str, Any]:
        """What `make_level_move` is told."""
        return {name: self.cleaned_data[name] for name in ("at", "level", "amount")} | self.paper()


def _right(one: Standing) -> forms.DecimalField:
    field = yuan_field(f"{one.about}：应为（元）", required=True, least="0.00")
    field.initial, field.help_text = one.stands, f"账上现为 {told(one.stands)} 元"
    field.widget.attrs["class"] = "form-control form-control-sm num"
    return field
