"""What the pages of lists ask for."""

from django import forms

from accounts.forms import PlainForm
from enrollment.people.forms import date_input
from enrollment.status_lists.models import StatusList


class UploadForm(PlainForm):
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
    file = forms.FileField(
        label="名单文件（.xlsx 或 .csv）",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "请选择名单文件", "empty": "文件是空的，请重新选择"},
        max_length=200,
    )


class ConfirmForm(PlainForm):
    sha256 = forms.RegexField(regex=r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
