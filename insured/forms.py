"""The two steps of the door."""

from django import forms

from accounts.forms import PlainForm


class AskForm(PlainForm):
    receipt = forms.CharField(
        label="缴费收据号", max_length=40, help_text="印在收据右上角，如 DZ2026-00000001"
    )
    number = forms.CharField(label="身份证号", max_length=30)


class CodeForm(PlainForm):
    code = forms.CharField(label="手机收到的 6 位验证码", max_length=10)
