"""What is typed about an agreement."""

from typing import Any

from django import forms

from accounts.errors import Refusal
from accounts.forms import PlainForm
from institutions.agreements.models import AgreementStep
from institutions.agreements.terms import BY_CODE, TERMS, kept, typed


def _day(label: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def _words(label: str, most: int) -> forms.CharField:
    widget = forms.TextInput(attrs={"size": 40})
    return forms.CharField(label=label, max_length=most, widget=widget)


class SigningForm(PlainForm):
    """An agreement with its terms, a field for each; what is left empty is not agreed."""

    number = forms.CharField(label="协议编号", max_length=40)
    first_day = _day("起始日期")
    last_day = _day("截止日期")
    evidence = _words("协议文本", 100)
    reason = _words("事由", 200)

    def __init__(self, *args: Any, terms: dict[str, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        before = typed(terms or {})
        for term in TERMS:
            self.fields[term.code] = forms.DecimalField(
                label=f"{term.name}（{term.unit}）", required=False, min_value=0,
                max_value=term.most, decimal_places=2, initial=before.get(term.code),
            )  # fmt: skip

    def asked(self) -> dict[str, Any]:
        """What the service takes. Raises Refusal at the term that cannot be kept."""
        data = dict(self.cleaned_data)
        values = {term.code: data.pop(term.code) for term in TERMS}
        try:
            return data | {"terms": kept(values)}
        except ValueError as wrong:
            term = BY_CODE[str(wrong)]
            raise Refusal(f"{term.name}应为整数", at=(term.code,)) from None


class RenewalForm(PlainForm):
    series = forms.CharField(label="协议编号前缀", max_length=28)
    first_day = _day("起始日期")
    last_day = _day("截止日期")
    evidence = _words("协议文本", 100)
    reason = _words("事由", 200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["series"].help_text = "后面自动接机构代码"


class StepForm(PlainForm):
    state = forms.ChoiceField(label="处理", choices=AgreementStep.State.choices)
    first_day = _day("自")
    last_day = _day("至", required=False)
    evidence = _words("文号", 100)
    reason = _words("事由", 200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = "暂停须填；终止、恢复不填"
