"""What a trial and its proposal ask."""

from django import forms

from accounts.forms import PlainForm
from desk.reasons import reason_field


class RunForm(PlainForm):
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    budget = forms.DecimalField(
        label="可用结余（元，不限制的留空）", max_digits=14, decimal_places=2, required=False
    )


class GrantForm(PlainForm):
    evidence = forms.CharField(label="结余核定的文号或会议纪要", max_length=100)
    reason = reason_field()
