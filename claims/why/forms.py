"""What is asked when somebody asks why something is not covered."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.forms import date_field
from claims.why.asking import Question
from institutions.models import Institution
from policies.terms import Terms


class WhyForm(PlainForm):
    who = forms.CharField(label="参保人证件号码、医疗证号或户编号", max_length=40)
    day = date_field("就诊日期")
    item = forms.CharField(label="项目编码、名称或拼音首字母", max_length=60)
    price = forms.DecimalField(
        label="单价（元）", min_value=Decimal("0.01"), max_digits=10, decimal_places=2, initial=100
    )
    care = forms.ChoiceField(label="就医类别")
    level = forms.ChoiceField(label="机构级别")
    signed = forms.BooleanField(label="目录外已签字同意", required=False)

    def __init__(self, terms: Terms, place: Institution | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = terms.vocabulary
        levels = words["level"]
        if place is not None:  # an institution asks for itself
            levels = {place.level: levels.get(place.level, place.get_level_display())}
        for name, known in (("care", words["care"]), ("level", levels)):
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = list(known.items())

    def question(self) -> Question:
        return Question(**self.cleaned_data)
