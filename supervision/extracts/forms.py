"""Asking for an extract."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.forms import PlainForm
from accounts.models import Division, DivisionQuerySet, User
from desk.reasons import ReasonField
from institutions.models import Institution
from supervision.extracts.models import Extract
from supervision.extracts.services import REVEAL, Asked


def areas_of(user: User) -> DivisionQuerySet:
    """The counties within the user's place, or the one in which it lies."""
    counties = Division.objects.filter(level=Division.Level.COUNTY)
    return counties.filter(counties.scope(user) | Q(code=user.county_code))


class ExtractForm(PlainForm):
    """Area, institutions, span, form of the file, and how much of the people in it."""

    area = forms.ModelChoiceField(Division.objects.none(), label="统筹区", empty_label=None)
    since = forms.DateField(label="结算日期自", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="结算日期至", widget=forms.DateInput(attrs={"type": "date"}))
    form = forms.ChoiceField(label="格式", choices=Extract.Form.choices)
    reason = ReasonField(label="导出用途", max_length=200, required=False)
    full = forms.BooleanField(
        label="完整身份信息",
        required=False,
        help_text="姓名、证件号码、出生日期、电话、住址不脱敏",
    )
    full_reason = forms.CharField(
        label="需要完整身份信息的理由",
        max_length=200,
        required=False,
        help_text="勾选完整身份信息时填写",
    )
    institutions = forms.ModelMultipleChoiceField(
        Institution.objects.none(),
        label="机构",
        required=False,
        to_field_name="code",
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text="不选为全部，含外地未签协议的机构；按住 Ctrl 可多选",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area"]
        institutions: Any = self.fields["institutions"]
        area.queryset = areas_of(user)
        institutions.queryset = Institution.objects.visible_to(user).order_by("code")
        if not user.may(REVEAL):
            del self.fields["full"], self.fields["full_reason"]

    def asked(self) -> Asked:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        return Asked(
            area=said["area"],
            since=said["since"],
            until=said["until"],
            institutions=[one.code for one in said["institutions"]],
            form=said["form"],
            full=said.get("full", False),
            full_reason=said.get("full_reason", ""),
        )
