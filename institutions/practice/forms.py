"""What is typed about another place of practice."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import User
from institutions.forms import day_field
from institutions.models import Institution


class PlaceForm(PlainForm):
    code = forms.CharField(
        label="医师", max_length=60, help_text="本县的输入姓名或代码，外县的输入代码"
    )
    institution = forms.ModelChoiceField(
        label="执业机构", queryset=Institution.objects.none(), empty_label=None
    )
    first_day = day_field("自")
    last_day = day_field("至")
    evidence = forms.CharField(
        label="备案号", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Institution.objects.visible_to(user).filter(is_active=True)
        self.fields["institution"].queryset = mine  # type: ignore[attr-defined]
        self.fields["last_day"].help_text = "提前终止的，按原起始日期、新的截止日期再提出一次"
