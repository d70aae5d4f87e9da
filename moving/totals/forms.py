"""The old system's totals, typed place by place."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division
from desk.master_pages import MasterUploadForm
from moving.totals.kinds import KINDS, Kind
from moving.totals.models import ComparisonLine

CHOICES = [(kind.key, kind.title) for kind in KINDS]
# Three inputs a place: more would not fit into one form (DATA_UPLOAD_MAX_NUMBER_FIELDS).
MAX_TYPED = 300


class TotalsForm(PlainForm):
    """For each place how many, how much, and why both differ; then on what paper."""

    evidence = forms.CharField(label="原系统的合计表", max_length=100)
    reason = forms.CharField(label="说明", max_length=200, initial="启用移交核对")

    def __init__(self, kind: Kind, places: Sequence[Division], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.places = kind, places
        for one in places:
            self.fields[f"theirs-{one.code}"] = forms.IntegerField(
                label=f"{one.place}原系统数量",
                min_value=0,
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 8}),
            )
            if kind.amount:
                self.fields[f"amount-{one.code}"] = forms.DecimalField(
                    label=f"{one.place}原系统{kind.amount}",
                    max_digits=14,
                    decimal_places=2,
                    min_value=Decimal(0),
                    required=False,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 14}),
                )
            self.fields[f"note-{one.code}"] = forms.CharField(
                label=f"{one.place}差异说明",
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"size": 24}),
            )

    def rows(self, ours: Mapping[str, tuple[int, Decimal]]) -> list[dict[str, Any]]:
        return [
            {
                "place": one,
                "ours": ours.get(one.code, (0, Decimal(0))),
                "theirs": self[f"theirs-{one.code}"],
                "amount": self[f"amount-{one.code}"] if self.kind.amount else None,
                "note": self[f"note-{one.code}"],
            }
            for one in self.places
        ]

    def lines(self) -> list[ComparisonLine]:
        """Of the places that anything was written for."""
        data = self.cleaned_data
        return [
            ComparisonLine(
                place=one,
                theirs=data[f"theirs-{one.code}"] or 0,
                their_amount=data.get(f"amount-{one.code}"),
                note=data[f"note-{one.code}"],
            )
            for one in self.places
            if any(
                data.get(f"{name}-{one.code}") not in (None, "")
                for name in ("theirs", "amount", "note")
            )
        ]


class TotalsUploadForm(MasterUploadForm):
    kind = forms.ChoiceField(label="核对的内容", choices=CHOICES)
    evidence = forms.CharField(label="原系统的合计表", max_length=100)
    reason = forms.CharField(label="说明", max_length=200, initial="启用移交核对")
