"""The county's limits as a form."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from funds.forms import yuan_field


class LimitForm(PlainForm):
    second_approval = yuan_field("大额审批限额（元）", required=False)
    turnover_cash = yuan_field("支出户周转金限额（元）", required=False)
    basis = forms.CharField(label="依据", max_length=60, help_text="批准限额的文号")
    reason = forms.CharField(label="事由", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second_approval"].help_text = "手工凭证超过此数须经审批；不填则不限"
        self.fields["turnover_cash"].help_text = "拨款后支出户余额的上限；不填则不限"
