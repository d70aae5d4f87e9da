"""What is said of a finding."""

from django import forms

from accounts.forms import PlainForm
from desk.reasons import MAX_REASON, reason_field


class MarkForm(PlainForm):
    """Why the finding is meant, and by which article."""

    finding = forms.CharField(widget=forms.HiddenInput, max_length=64)  # a SHA-256
    article = forms.CharField(label="条文", max_length=MAX_REASON, required=False)
    reason = reason_field("理由")
