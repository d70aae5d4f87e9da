"""The window of a filing."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.filings.models import Filing
from claims.forms import date_field
from desk.reasons import reason_field
from policies.terms import Terms


class EndForm(PlainForm):
    """From which day on it holds no longer, and why."""

    first_day = date_field("自哪天起不再有效")
    reason = reason_field("终止的原因和依据")


class FilingForm(PlainForm):
    number = forms.CharField(label="参保人证件号码、医疗证号", max_length=40)
    kind = forms.ChoiceField(label="种类")
    about = forms.CharField(label="病种、项目或经过", max_length=200)
    place = forms.CharField(
        label="机构或就医地",
        max_length=100,
        required=False,
        help_text="选定首诊机构时填写其名称、拼音首字母或代码",
    )
    starts = date_field("自")
    ends = date_field("至", required=False)
    evidence = forms.CharField(label="证明材料及编号", max_length=100)
    expert = forms.CharField(
        label="认定专家", max_length=40, required=False, help_text="慢特病认定时填写"
    )
    liable = forms.ChoiceField(
        label="责任",
        choices=[("", "请选择"), *Filing.Liable.choices],
        required=False,
        help_text="外伤备案时选择",
    )
    proof = forms.ChoiceField(
        label="责任证明",
        choices=[("", "请选择"), *Filing.Proof.choices],
        required=False,
        help_text="外伤备案时选择",
    )

    def __init__(self, terms: Terms, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        known = [(code, name) for code, name in Filing.Kind.choices if code in terms.filings]
        field.choices = [("", "请选择"), *known]
