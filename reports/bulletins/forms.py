"""Of which month or quarter a bulletin is."""

from django import forms

from accounts.forms import PlainForm
from desk.filters import MonthField


class BulletinForm(PlainForm):
    month = MonthField(label="月份")
    quarter = forms.BooleanField(label="按季度（该月所在的季度）", required=False)
    words = forms.CharField(
        label="编者按",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可不填；不写姓名、病情",
    )
