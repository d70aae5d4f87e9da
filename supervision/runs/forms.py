"""Asking for a month's run."""

from accounts.forms import PlainForm
from desk.filters import MonthField
from lib.periods import Month


class RunForm(PlainForm):
    month = MonthField(label="月份")

    def asked(self) -> Month:
        found: Month = self.cleaned_data["month"]
        return found
