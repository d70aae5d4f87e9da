"""Forms of the room."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from accounts.forms import PlainForm
from desk.reasons import ReasonField
from desk.workflow import Step


class DenialForm(PlainForm):
    """What the patient says at the window, and what was taken down of it."""

    told = ReasonField(
        label="谁来说明、怎样核对的身份",
        max_length=200,
        widget=forms.TextInput(attrs={"size": 50}),
    )
    evidence = forms.CharField(
        label="凭据",
        max_length=100,
        widget=forms.TextInput(attrs={"size": 40}),
        help_text="如 询问笔录〔2026〕3号、本人书面说明",
    )


class ConclusionForm(PlainForm):
    """What the supervisor found out about an alert."""

    event = forms.ChoiceField(
        label="核查结果",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择属实或排除"},
    )
    reason = ReasonField(
        label="核查结论",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="查了什么、结果如何、如何处理；由另一人复审",
    )

    def __init__(self, steps: Sequence[Step], *args: Any, **kwargs: Any) -> None:
        """`steps`: what is open to the user."""
        super().__init__(*args, **kwargs)
        event = cast(forms.ChoiceField, self.fields["event"])
        event.choices = [(step.event, step.title) for step in steps]
