"""Declaring the opening done."""

from django import forms

from accounts.forms import PlainForm


class DeclareForm(PlainForm):
    evidence = forms.CharField(label="会议纪要或验收单", max_length=100)
    reason = forms.CharField(label="说明（没有办的步骤为什么不办）", max_length=200)
