"""Which months, and which level and measure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from accounts.clock import today
from accounts.forms import PlainForm
from desk.filters import MonthField
from institutions.models import Level
from lib.periods import Month
from supervision.profiles.measures import MEASURES
from supervision.profiles.reading import span_of

# So many months are shown where nobody says which: a quarter has too few stays of a small hospital.
MONTHS = 12
# What a page reads at most: the claims of so many years.
MAX_MONTHS = 36


def filled(asked: Mapping[str, Any]) -> dict[str, str]:
    """What an address asks for, with the months that are shown where it names none."""
    first, last = span_of(today(), MONTHS)
    usual = {"since": f"{first:%Y-%m}", "until": f"{last:%Y-%m}", "level": str(Level.TOWNSHIP)}
    return usual | {name: str(value) for name, value in asked.items() if value}


class SpanForm(PlainForm):
    since = MonthField(label="结算月份自", required=False)
    until = MonthField(label="至", required=False)

    def span(self) -> tuple[date, date]:
        """First and last day; the twelve months before this one where nothing usable is asked."""
        first, last = span_of(today(), MONTHS)
        if self.is_valid():
            since, until = self.cleaned_data["since"], self.cleaned_data["until"]
            last = until.last if until else last
            first = since.first if since else span_of(last + timedelta(days=1), MONTHS)[0]
        return first, last

    def clean(self) -> None:
        given = self.cleaned_data
        since, until = given.get("since"), given.get("until") or Month.of(today())
        if since is None:
            return
        if until < since:
            raise forms.ValidationError("开始月份不能晚于截止月份")
        if (until.year - since.year) * 12 + until.month - since.month >= MAX_MONTHS:
            raise forms.ValidationError(f"一次最多看 {MAX_MONTHS} 个月，请缩小范围")


class PeersForm(SpanForm):
    level = forms.ChoiceField(label="级别", choices=Level.choices, required=False)
    measure = forms.ChoiceField(
        label="指标", choices=[(one.code, one.name) for one in MEASURES], required=False
    )
