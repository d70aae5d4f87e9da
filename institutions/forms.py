"""What is typed about a practitioner's eligibility."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from institutions.models import Eligibility

# Of a practitioner, as `institutions.looked_up` finds him.
KNOWN_BY = "输入代码或全名；输一部分或拼音首字母的，列出相符的人和代码"


def day_field(label: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class EligibilityForm(PlainForm):
    code = forms.CharField(label="医师", max_length=60, help_text=KNOWN_BY)
    state = forms.ChoiceField(label="决定", choices=Eligibility.State.choices)
    first_day = day_field("自")
    last_day = day_field("至", required=False)
    evidence = forms.CharField(
        label="文号", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = "暂停须填，1 至 6 个月；恢复不填"
