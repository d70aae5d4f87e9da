"""Forms of the room."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from accounts.forms import PlainForm
from desk.reasons import ReasonField
from desk.workflow import Step


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
        help_text="查了什么、结果如何、如何处理；保存后不能再改",
    )

    def __init__(self, steps: Sequence[Step], *args: Any, **kwargs: Any) -> None:
        """`steps`: what is open to the user."""
        super().__init__(*args, **kwargs)
        event = cast(forms.ChoiceField, self.fields["event"])
        event.choices = [(step.event, step.title) for step in steps]
