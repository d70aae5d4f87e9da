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
    model, is_several = rows.model, False
    for name in path.split("__"):
        step = model._meta.get_field(name)
        model, is_several = step.related_model, is_several or step.one_to_many
    people = model.objects
    try:
        found = people.with_resident_id(blind_index("resident_id", parse(text, today()).number))
    except ResidentIdError:
        found = people.named(text)
    if is_several:  # a row of whom two are found still stands once
        hits = rows.model.objects.filter(**{f"{path}__in": found}).order_by()
        return rows.filter(pk__in=hits.values("pk"))
    return rows.filter(**{f"{path}__in": found})
