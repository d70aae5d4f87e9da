"""What is typed about an institution's account."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import User
from institutions.forms import day_field
from institutions.models import Institution


class AccountForm(PlainForm):
    institution = forms.ModelChoiceField(
        label="定点机构", queryset=Institution.objects.none(), empty_label=None
    )
    holder = forms.CharField(
        label="户名", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    bank = forms.CharField(
        label="开户行", max_length=60, widget=forms.TextInput(attrs={"size": 40})
    )
    account = forms.CharField(
        label="账号", max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    first_day = day_field("自")
    evidence = forms.CharField(
        label="证明材料", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One that closed is still owed its last months.
        mine = Institution.objects.visible_to(user).order_by("-is_active", "code")
        self.fields["institution"].queryset = mine  # type: ignore[attr-defined]
