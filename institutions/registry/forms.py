"""What is typed about a change of what is registered."""

from django import forms

from accounts.forms import PlainForm
from institutions.registry.models import RegistryChange


class ChangeForm(PlainForm):
    column = forms.ChoiceField(label="变更事项", choices=RegistryChange.Column.choices)
    becomes = forms.CharField(label="变更为", max_length=60)
    first_day = forms.DateField(
        label="自", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    evidence = forms.CharField(
        label="证明材料", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )
