"""The filter of a list: each field says its label and what it looks up.

Nothing personal stands in a filter: it goes into the address line. People are searched by POST.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import User
from lib.periods import Month

ANY = ("", "全部")
ALL = "all"  # in an address: the wider view, where the page by itself shows less
# A path of the ORM ("settled_on__gte"), or what narrows the rows by the value.
Lookup = str | Callable[[Any, Any], Any]
Choices = Iterable[tuple[Any, Any]]


class FilterForm(PlainForm):
    """Narrows the rows of a list by the fields that are filled in; a field that the address does
    not name stands at its `initial`. What is entered wrongly is told and narrows nothing."""

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__({})
        self.user, self.asked = user, data
        self.offer()
        for name, field in self.fields.items():
            if getattr(field, "offers", ()):
                field.widget.attrs["list"] = f"id_{name}_offers"
        given = {name: data[name] for name in self.fields if name in data}
        initial = {name: field.initial for name, field in self.fields.items()}
        self.data = {
            name: value() if callable(value) else value for name, value in initial.items()
        } | given
        self.is_valid()

    def focus(self) -> None:
        """Put the cursor into the first field."""
        for field in self.visible_fields()[:1]:
            field.field.widget.attrs["autofocus"] = True

    def offer(self) -> None:
        """Give the fields the choices that depend on who looks."""

    def choose(self, name: str, choices: Choices) -> None:
        """Set the choices of a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def narrow(self, rows: Any) -> Any:
        """The rows that the filled-in fields leave."""
        return self.narrow_by(rows, self.filled())

    def narrow_by(self, rows: Any, filled: Mapping[str, Any]) -> Any:
        """The rows that these values of fields leave."""
        for name, value in filled.items():
            lookup: Lookup = getattr(self.fields[name], "lookup", "")
            if callable(lookup):
                rows = lookup(rows, value)
            elif lookup:
                rows = rows.filter(**{lookup: value})
        return rows

    def filled(self) -> dict[str, Any]:
        """What is filled in, by the name of the field."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (*forms.Field.empty_values, False, ALL)
        }


def _looking(field: Any, lookup: Lookup) -> Any:
    field.lookup = lookup
    return field


def chosen(
    label: str,
    lookup: Lookup,
    choices: Choices | Callable[[], Choices] = (),
    initial: Any = None,
) -> Any:
    """One of some choices, or all. With `initial` the page by itself shows that one."""
    every = (ALL, ANY[1]) if initial is not None else ANY
    offered: Any = choices if callable(choices) else [every, *choices]
    field = forms.ChoiceField(label=label, required=False, choices=offered, initial=initial)
    return _looking(field, lookup)


def typed(label: str, lookup: Lookup, longest: int = 60, offers: Sequence[str] = ()) -> Any:
    """A few letters or digits. `offers` are words to pick from while typing."""
    field: Any = forms.CharField(label=label, required=False, max_length=longest)
    field.offers = offers
    return _looking(field, lookup)


def amount(label: str, lookup: Lookup) -> Any:
    """An amount in yuan."""
    field = forms.DecimalField(
        label=label, required=False, min_value=0, max_digits=12, decimal_places=2
    )
    field.widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 8})
    return _looking(field, lookup)


def whole(label: str, lookup: Lookup, most: int = 9999) -> Any:
    """A whole number."""
    field = forms.IntegerField(label=label, required=False, min_value=0, max_value=most)
    field.widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 4})
    return _looking(field, lookup)


def day(label: str, lookup: Lookup) -> Any:
    """A date."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return _looking(forms.DateField(label=label, required=False, widget=widget), lookup)


def ticked(label: str, lookup: Lookup) -> Any:
    """A box; unticked it narrows nothing."""
    return _looking(forms.BooleanField(label=label, required=False), lookup)


class MonthField(forms.CharField):
    """A month as browsers write it, 2026-03; gives a Month."""

    widget = forms.DateInput(attrs={"type": "month"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return Month.parse(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


def month(label: str, lookup: Lookup, initial: Callable[[], Any] | None = None) -> Any:
    """A month."""
    return _looking(MonthField(label=label, required=False, initial=initial), lookup)
