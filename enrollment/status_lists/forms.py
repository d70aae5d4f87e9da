"""What the pages of lists ask for."""

from django import forms

from desk.import_pages import UploadForm
from enrollment.people.forms import date_input
from enrollment.status_lists.models import StatusList


class ListForm(UploadForm):
    noun = "名单"
    kind = forms.ChoiceField(
        label="名单",
        choices=[("", "请选择"), *StatusList.Kind.choices],
        widget=forms.Select(attrs={"autofocus": True}),
    )
    month = forms.DateField(
        label="名单月份",
        input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        error_messages={"invalid": "请填写年月，如 2026-03"},
    )
    effective_on = forms.DateField(label="生效日期", widget=date_input())
    field_order = ("kind", "month", "effective_on", "file")
