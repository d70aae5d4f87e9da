"""Forms of the room."""

from django import forms

from accounts.forms import PlainForm
from lib.periods import Month


class MonthForm(PlainForm):
    """A month as browsers write it: 2026-03."""

    month = forms.CharField(
        label="月份",
        max_length=7,
        widget=forms.DateInput(attrs={"type": "month"}),
        error_messages={"required": "请选择月份"},
    )

    def clean_month(self) -> Month:
        try:
            return Month.parse(self.cleaned_data["month"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
