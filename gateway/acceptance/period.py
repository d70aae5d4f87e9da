"""The days of a test."""

from datetime import timedelta

from django import forms

from accounts.clock import today
from accounts.forms import PlainForm

# What a test takes if nobody says otherwise; messages that changed nothing are kept as long
# (gateway/messages/models.py).
USUAL = timedelta(days=30)
MAX_DAYS = 92


class PeriodForm(PlainForm):
    """From which day to which."""

    since = forms.DateField(
        label="自", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label="至", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, object]:
        """In order, and no longer than messages are kept."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", "止日早于起日，请核对")
        elif since and until and (until - since).days >= MAX_DAYS:
            self.add_error("until", f"一次最多看 {MAX_DAYS} 天，请缩短期间")
        return data

    @classmethod
    def usual(cls) -> dict[str, str]:
        """The last days, as an address would say them."""
        day = today()
        return {"since": str(day - USUAL), "until": str(day)}
