"""Finding the rows of a person: by POST, so that names and numbers stay out of the address."""

from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery

from accounts.forms import PlainForm
from desk.kept import among


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
    model, is_several = rows.model, False
    for name in path.split("__"):
        step = model._meta.get_field(name)
        model, is_several = step.related_model, is_several or step.one_to_many
    # Found before the rows are read: of a list with many joins PostgreSQL would ask every row.
    is_found = among(path, ArraySubquery(model.objects.search(text).order_by().values("pk")))
    if is_several:  # a row of whom two are found still stands once
        hits = rows.model.objects.filter(is_found).order_by()
        return rows.filter(pk__in=hits.values("pk"))
    return rows.filter(is_found)
