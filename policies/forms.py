"""Uploading a policy pack, and changing the numbers of a draft."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.forms import PlainForm
from lib.encodings import decoded
from policies.numbers import Number, same, tidy, value_problem
from policies.reading import MAX_FILE_CHARACTERS

MAX_BYTES = 4 * MAX_FILE_CHARACTERS  # as many as a character may take


class ProposeForm(PlainForm):
    file = forms.FileField(label="办法文本（.yaml）")

    def clean_file(self) -> str:
        """The text of the upload."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("文件过大：一个办法一个文件，不超过一百万字")
        try:
            return decoded(file.read())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class ApprovalForm(PlainForm):
    """The number of the paper that puts measures in force; how long, the service says."""

    approval = forms.CharField(label="批准文号", max_length=60, required=False)


class NumbersForm(PlainForm):
    """One field per number of a draft, named n0, n1 … in the order of the text.

    `sha256` is the text that the page showed. `changed` holds, after cleaning, the new values by
    the place of the number.
    """

    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, numbers: Sequence[Number], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = numbers
        for index, number in enumerate(numbers):
            size = {"text": 60, "day": 12}.get(number.kind, 7)
            self.fields[f"n{index}"] = forms.CharField(
                label=f"{number.group} {number.item} {number.when}".strip(),
                initial=number.text,
                max_length=200,
                strip=True,
                error_messages={"required": "不能为空；不变就填原来的数"},
                widget=forms.TextInput(attrs={"size": size, "class": "hz-number"}),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for index, number in enumerate(self.numbers):
            value = data.get(f"n{index}")
            if value is None or value == number.text:
                continue
            value = tidy(number, value)
            problem = value_problem(number, value)
            if problem is None:
                data[f"n{index}"] = value
            else:
                self.add_error(f"n{index}", problem)
        return data

    @property
    def changed(self) -> Mapping[str, str]:
        """New values by place; only what means something else than the text says."""
        return {
            number.place: self.cleaned_data[f"n{index}"]
            for index, number in enumerate(self.numbers)
            if f"n{index}" in self.cleaned_data and not same(number, self.cleaned_data[f"n{index}"])
        }
