"""Forms of a registered visit. They read; the services judge."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms

from accounts.forms import PlainForm
from claims.forms import (
    CounterLineForm,
    CounterVisitForm,
    VisitForm,
    date_field,
    initial_visit,
)
from claims.models import Visit
from claims.visits.alike import FIELD
from desk.reasons import reason_field
from policies.terms import ORIGINS, BillRules, Terms

# What stands apart from the other fields of a visit.
APART = frozenset({FIELD, "consent_signed"})


class _Facts(VisitForm):
    """Of the fields of a visit those that stand side by side, and those that are ticked."""

    def __init__(self, terms: Terms, *args: Any, **kwargs: Any) -> None:
        super().__init__(terms, *args, **kwargs)
        # Filings are asked for at entry only; nothing typed may be dropped in silence.
        self.fields.pop("filing_document", None)

    @property
    def plain(self) -> list[forms.BoundField]:
        many = forms.MultipleChoiceField
        return [
            field
            for field in self.visible_fields()
            if field.name not in APART and not isinstance(field.field, many)
        ]

    @property
    def ticked(self) -> list[forms.BoundField]:
        return [
            field
            for field in self.visible_fields()
            if isinstance(field.field, forms.MultipleChoiceField) and field.field.choices
        ]


class RegistrationForm(_Facts, CounterVisitForm):
    """A visit that begins: the end is not asked, the diagnosis may come later."""

    admission_number = forms.CharField(label="住院号/门诊号", max_length=30, required=False)

    field_order = ("care", "admission_number", "starts", "diagnosis_code", "diagnosis")

    def __init__(self, terms: Terms, *args: Any, **kwargs: Any) -> None:
        super().__init__(terms, *args, **kwargs)
        del self.fields["ends"]
        self.fields["diagnosis"].required = False
        self.fields["diagnosis"].help_text = "入院时未明确的，出院时再填"

    def clean(self) -> dict[str, Any]:
        data = super(VisitForm, self).clean() or {}
        return data | {"ends": None}


class DischargeForm(_Facts):
    """What is known of the visit when it ends."""

    field_order = ("ends", "care", "diagnosis_code", "diagnosis")

    def __init__(self, terms: Terms, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(terms, *args, **kwargs)
        self.first_day = visit.starts
        del self.fields["starts"]
        self.fields["care"].widget.attrs.pop("autofocus", None)
        self.fields["ends"].required = True
        self.fields["ends"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        data = super(VisitForm, self).clean() or {}
        return data | {"starts": self.first_day}


def known_of(visit: Visit) -> dict[str, Any]:
    """The visit as the forms above show it."""
    return initial_visit(visit) | {
        "admission_number": visit.admission_number,
        "ends": visit.days.ends,
    }


class SettleForm(PlainForm):
    alike_reason = reason_field("与已有就诊相似的说明")


class PartForm(SettleForm):
    """An interim settlement up to a day."""

    to = date_field("结算到（含当日）")

    field_order = ("to", FIELD)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].widget.attrs["autofocus"] = True


class ChargesForm(PlainForm):
    """What the lines of one page have in common. `key`: of the page, which writes its lines once
    however often it is sent. `starts` and `consent_signed` are read by the lines beside."""

    charged_on = date_field("计费日期", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    starts = forms.DateField(widget=forms.HiddenInput, required=False)
    consent_signed = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["charged_on"].help_text = "本页各行同一天；中途结算按计费日期取费用"
        for name in ("starts", "consent_signed"):
            self.fields[name].disabled = True  # the visit says it, not the page
            self.initial[name] = getattr(visit, name)
        if not visit.consent_signed:
            del self.fields["consent_signed"]


class SheetForm(PlainForm):
    file = forms.FileField(label="费用明细表", error_messages={"required": "请选择费用明细表"})


class SheetLineForm(CounterLineForm):
    """A row of a table of charges; origin in words."""

    number = forms.CharField(label="明细号", max_length=30, required=False)
    charged_on = forms.DateField(label="计费日期", required=False)
    amount = forms.DecimalField(
        label="金额",
        max_digits=12,
        decimal_places=2,
        required=False,
        widget=forms.TextInput,
    )

    def __init__(self, *args: Any, rules: BillRules, **kwargs: Any) -> None:
        super().__init__(*args, rules=rules, **kwargs)
        if "origin" in self.fields:
            field = self.fields["origin"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", ""), *((name, name) for name in ORIGINS.values())]

    @property
    def problems(self) -> Sequence[str]:
        return [str(problem) for problems in self.errors.values() for problem in problems]
