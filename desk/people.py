"""Finding the rows of a person: by POST, so that names and numbers stay out of the address."""

from typing import Any

from django import forms

from accounts.clock import today
from accounts.fields import blind_index
from accounts.forms import PlainForm
from lib.resident_id import ResidentIdError, parse


class PersonSearch(PlainForm):
    person = forms.CharField(
        label="参保人姓名、拼音首字母或身份证号",
        max_length=40,
        min_length=2,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


def of_person(rows: Any, path: str, text: str) -> Any:
    """The rows whose person (at the path) has this resident id, or this name or these initials.

    The model at the path answers `with_resident_id(blind index)` and `named(text)`.
    """
    model = rows.model
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    people = model.objects
    try:
        index = blind_index("resident_id", parse(text, today()).number)
    except ResidentIdError:
        return rows.filter(**{f"{path}__in": people.named(text)})
    return rows.filter(**{f"{path}__in": people.with_resident_id(index)})
