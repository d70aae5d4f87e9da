"""What a party handed in on paper, typed by the officer who received it."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.recovery.forms import date_field
from desk.reasons import ReasonField
from supervision.inspections.forms import read_all, scans_field
from supervision.words.models import PartyWord
from supervision.words.services import ANSWERS, About, Said


class WordForm(PlainForm):
    """答复 on paper: what, when, who brought it and how."""

    kind = forms.ChoiceField(label="当事人的答复")
    received_on = date_field("收到日期")
    brought_by = forms.CharField(
        label="递交人、职务",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"size": 24}),
        help_text="期满未答复的不填",
    )
    way = forms.ChoiceField(
        label="递交方式", choices=[("", "请选择"), *PartyWord.Way.choices], required=False
    )
    evidence = forms.CharField(
        label="随附材料",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 40}),
        help_text="如 病历首页复印件 2 份",
    )
    scans = scans_field(required=False)
    words = ReasonField(
        label="答复内容（照原文录入）",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, about: About, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = list(ANSWERS[type(about)].items())

    def given(self) -> dict[str, Any]:
        """As the service takes it."""
        return {"said": self.typed(Said), "scans": read_all(self.cleaned_data["scans"])}
