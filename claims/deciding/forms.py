"""What a county sets for reviewing."""

from django import forms

from accounts.forms import PlainForm
from desk.reasons import reason_field


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=12, decimal_places=2, min_value=0, required=False
    )


class RuleForm(PlainForm):
    second_above = _amount("支付超过多少元须第二人复核")
    third_above = _amount("支付超过多少元须第三人复核")
    batch_up_to = _amount("支付不超过多少元可批量复核")
    sample_share = forms.IntegerField(label="批量抽查（%）", min_value=1, max_value=100, initial=10)
    promised_days = forms.IntegerField(
        label="承诺办结（工作日）", min_value=1, max_value=250, initial=20
    )
    evidence = forms.CharField(label="文号或会议纪要", max_length=100, required=False)
    reason = reason_field()
