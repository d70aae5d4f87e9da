"""What is typed of an assessment: the county's form, the year to begin, the points of each item."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.forms import PlainForm
from supervision.assessment.catalogue import FORMS
from supervision.assessment.models import AssessmentItem
from supervision.assessment.services import Given


class AdoptionForm(PlainForm):
    form = forms.ChoiceField(
        label="考核表", choices=[(one.code, one.name) for one in FORMS.values()]
    )
    first_year = forms.IntegerField(label="自考核年度", min_value=2000, max_value=2100)
    days_to_appeal = forms.IntegerField(
        label="申诉期限（工作日）", min_value=3, max_value=60, initial=10
    )
    evidence = forms.CharField(
        label="依据文件", max_length=100, widget=forms.TextInput(attrs={"size": 40})
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )


class YearForm(PlainForm):
    year = forms.IntegerField(label="考核年度", min_value=2000, max_value=2100)


class PointsForm(PlainForm):
    """Points and a note of each item. `suggested`: the column whose points it begins with."""

    def __init__(
        self, items: Sequence[AssessmentItem], suggested: str, *args: Any, answers: bool = False
    ) -> None:
        super().__init__(*args)
        self.items, self.answers = items, answers
        for one in items:
            points = getattr(one, suggested)
            self.fields[f"points-{one.code}"] = forms.IntegerField(
                label=f"{one.name}得分",
                min_value=0,
                max_value=one.most,
                initial=one.most if points is None else points,
                widget=forms.NumberInput(attrs={"size": 4}),
            )
            self.fields[f"note-{one.code}"] = forms.CharField(
                label=f"{one.name}说明",
                max_length=200,
                required=False,
                initial=one.note if answers else "",
                widget=forms.TextInput(attrs={"size": 24}),
            )
        if answers:
            self.fields["answer"] = forms.CharField(
                label="申诉答复", max_length=200, widget=forms.TextInput(attrs={"size": 60})
            )

    def given(self) -> dict[str, Given]:
        data = self.cleaned_data
        return {
            one.code: Given(data[f"points-{one.code}"], data[f"note-{one.code}"])
            for one in self.items
        }
