"""What a county asks of the institutions that settle by the interface."""

from django import forms

from accounts.forms import PlainForm
from claims.forms import date_field
from desk.reasons import reason_field


class RuleForm(PlainForm):
    mapped_from = date_field("明细没有对照的，自哪天起不收", required=False)
    traced_from = date_field("药品没有追溯码的，自哪天起不能结算", required=False)
    evidence = forms.CharField(label="文号或会议纪要", max_length=100)
    reason = reason_field()
