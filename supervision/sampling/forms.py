"""The rates of a county, and what was found of a settlement."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from desk.reasons import ReasonField, reason_field
from desk.workflow import Step
from supervision.sampling.models import FULL_DOUBTS, FULL_FROM


class RateForm(PlainForm):
    usual = forms.DecimalField(label="一般抽查率(%)", max_digits=5, decimal_places=2, initial=10)
    raised = forms.DecimalField(label="重点抽查率(%)", max_digits=5, decimal_places=2, initial=20)
    large_from = forms.DecimalField(
        label="单笔基金支付达到多少元列为重点", max_digits=14, decimal_places=2, initial=5000
    )
    full_from = forms.DecimalField(
        label="季度全面检查：单笔基金支付达到多少元逐笔核查",
        max_digits=14,
        decimal_places=2,
        initial=FULL_FROM,
    )
    full_doubts = forms.IntegerField(
        label="季度全面检查：机构当季未排除的疑点达到多少笔全部核查",
        min_value=1,
        max_value=9999,
        initial=FULL_DOUBTS,
    )
    evidence = forms.CharField(label="文号或会议纪要", max_length=100)
    reason = reason_field()


class FoundForm(PlainForm):
    event = forms.ChoiceField(label="核查结果", widget=forms.RadioSelect)
    error = forms.DecimalField(
        label="差错金额（元）",
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text="有差错时填写：多付填正数，少付填负数",
    )
    reason = ReasonField(label="核查情况", max_length=300, required=False)

    def __init__(self, steps: list[Step], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event: Any = self.fields["event"]
        event.choices = [(step.event, step.title) for step in steps]
