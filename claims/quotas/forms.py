"""Sharing out as a form."""

from django import forms

from accounts.forms import PlainForm


class YearForm(PlainForm):
    year = forms.IntegerField(label="保险年度", min_value=2000, max_value=2100)


class AllotForm(PlainForm):
    year = forms.IntegerField(min_value=2000, max_value=2100, widget=forms.HiddenInput)
    evidence = forms.CharField(
        label="文号或会议纪要", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )
