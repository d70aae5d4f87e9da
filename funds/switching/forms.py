"""Another chart is put forward."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from funds.chart import VERSIONS
from funds.models import Book


class SwitchForm(PlainForm):
    year = forms.IntegerField(label="自哪年年初", min_value=2000, max_value=2100)
    after = forms.ChoiceField(label="改用科目表")
    evidence = forms.CharField(label="主管部门批复或会议依据", max_length=100)
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, now: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        later = [Book.Chart(one) for one in VERSIONS if VERSIONS.index(one) > VERSIONS.index(now)]
        self.fields["after"].choices = [(one.value, one.label) for one in later]  # type: ignore[attr-defined]
        self.fields["after"].initial = later[-1].value if later else ""
