"""What is doubtful about vouchers."""

from django import forms

from accounts.forms import PlainForm


class DoubtForm(PlainForm):
    reason = forms.CharField(label="疑问", max_length=200)
