"""Finding the rows of a person: by POST, so that names and numbers stay out of the address."""

from typing import Any

from django import forms

from accounts.forms import PlainForm


class PersonSearch(PlainForm):
    person = forms.CharField(
        label="参保人姓名、拼音首字母或任一证件号码",
        max_length=40,
        min_length=2,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


def of_person(rows: Any, path: str, text: str) -> Any:
    """The rows whose person (at the path) the text finds: by name, sound or any number.

    The model at the path answers `search(text)`.
    """
    model = rows.model
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return rows.filter(**{f"{path}__in": model.objects.search(text)})
