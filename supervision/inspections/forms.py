"""What is typed about inspections before and after a visit; what is typed on site is its own page
(`site_views.py`)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.forms import PlainForm
from accounts.models import Division, User
from accounts.roles import PERMISSIONS, Role
from desk.reasons import ReasonField
from institutions.models import Institution, Level
from supervision.inspections.conflicts import PERMISSION
from supervision.inspections.items import library
from supervision.inspections.models import (
    Checklist,
    Interest,
    Sweep,
)
from supervision.inspections.order_models import (
    HandOver,
)
from supervision.inspections.rectifying import MAX_DAYS, USUAL_DAYS


def _day(label: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def _words(label: str, most: int, size: int = 40, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"size": size})
    return forms.CharField(label=label, max_length=most, widget=widget, **more)


def _ticks() -> forms.CheckboxSelectMultiple:
    return forms.CheckboxSelectMultiple(attrs={"class": "hz-many-ticks"})


def inspectors(county: str) -> "list[User]":
    """Who may go on site in the county. One statement."""
    roles = [role.value for role in Role if role in PERMISSIONS[PERMISSION]]
    people = User.objects.filter(
        role__in=roles, is_active=True, is_program=False, division__code__startswith=county
    )
    return list(people.select_related("division").order_by("division__code", "name", "pk"))


class ChecklistForm(PlainForm):
    name = forms.ChoiceField(label="检查表")
    first_day = _day("启用日期")
    evidence = _words("依据文号", 100)
    reason = _words("事由", 200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["name"])
        field.choices = [
            (name, f"{item_list.title}（{len(item_list.items)} 项）")
            for name, (item_list, _) in library().items()
        ]


class InterestForm(PlainForm):
    person = forms.ModelChoiceField(label="检查人员", queryset=User.objects.none())
    institution = forms.ModelChoiceField(label="机构", queryset=Institution.objects.none())
    relation = forms.ChoiceField(label="关系", choices=Interest.Relation.choices)
    detail = _words("说明", 100)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [user.pk]
        if user.may("supervision.plan_inspections"):
            mine = [one.pk for one in inspectors(user.county_code)]
        people = cast("forms.ModelChoiceField[User]", self.fields["person"])
        people.queryset = User.objects.filter(pk__in=mine)
        people.initial = user.pk
        places = cast("forms.ModelChoiceField[Institution]", self.fields["institution"])
        places.queryset = Institution.objects.visible_to(user)


class SweepForm(PlainForm):
    title = _words("名称", 60, 30)
    kind = forms.ChoiceField(label="性质", choices=Sweep.Kind.choices)
    partners = _words("联合部门", 100, 30, required=False)
    basis = _words("依据文号", 100, 30)
    checklist = forms.ModelChoiceField(label="检查表", queryset=Checklist.objects.none())
    rounds = forms.TypedChoiceField(
        label="每家检查", choices=[(1, "一次"), (2, "两次")], coerce=int, initial=1
    )
    levels = forms.MultipleChoiceField(label="机构级别", choices=Level.choices, widget=_ticks())
    township = forms.ModelChoiceField(
        label="乡镇", queryset=Division.objects.none(), required=False, empty_label="全县"
    )
    self_check_until = _day("自查截止", required=False)
    visits_from = _day("现场检查自")
    visits_until = _day("现场检查至")
    summary_until = _day("总结截止")

    def __init__(self, user: User, on: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        sheets = cast("forms.ModelChoiceField[Checklist]", self.fields["checklist"])
        sheets.queryset = Checklist.objects.visible_to(user).in_force(on)
        towns = cast("forms.ModelChoiceField[Division]", self.fields["township"])
        towns.queryset = Division.objects.visible_to(user).townships()
        self.fields["partners"].help_text = "联合检查必填，每季度至少一次"
        self.fields["self_check_until"].help_text = "不安排自查的不填"
        self.fields["rounds"].help_text = "制剂室须查两次"

    def institutions(self) -> list[Institution]:
        """Those in practice of these levels, of the county or of one township."""
        rows = Institution.objects.visible_to(self.user).filter(
            is_active=True, level__in=self.cleaned_data["levels"]
        )
        town = self.cleaned_data["township"]
        return list(rows.filter(division__code__startswith=town.code) if town else rows)


class TeamForm(PlainForm):
    """Who goes by when; where to is ticked in the table."""

    members = forms.TypedMultipleChoiceField(
        label="检查组（至少两人）", coerce=int, widget=_ticks()
    )
    due_on = _day("应在此日前完成")

    def __init__(self, people: Sequence[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in people}
        field = cast(forms.TypedMultipleChoiceField, self.fields["members"])
        field.choices = [
            (one.pk, f"{one.name}（{one.division.name if one.division else ''}{one.role_name}）")
            for one in people
        ]

    def team(self) -> list[User]:
        return [self.people[pk] for pk in self.cleaned_data["members"]]


class OrderForm(PlainForm):
    days = forms.IntegerField(
        label="整改期限（工作日）", min_value=1, max_value=MAX_DAYS, initial=USUAL_DAYS
    )
    words = _words("另外要求", 300, 50, required=False)


class HandOverForm(PlainForm):
    to = forms.ChoiceField(label="移送给", choices=HandOver.To.choices)
    reason = ReasonField(
        label="事由和依据",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"size": 50}),
    )


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several photos at once; gives a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(ManyFilesField, self).clean(one, initial) for one in sent]


def scans_field(*, required: bool) -> ManyFilesField:
    return ManyFilesField(
        label="扫描件（PDF、JPEG、PNG，可多选）",
        required=required,
        widget=ManyFilesInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )


def read_all(files: "Sequence[UploadedFile[Any]]") -> list[bytes]:
    """What `ManyFilesField` was given, as the services take it."""
    return [one.read() for one in files]


class ReplyForm(PlainForm):
    text = ReasonField(
        label="整改情况",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 60}),
        help_text="逐项写明怎样整改、谁负责、完成日期",
    )
    photos = ManyFilesField(
        label="照片（JPEG、PNG，可多选）",
        required=False,
        widget=ManyFilesInput(attrs={"accept": "image/jpeg,image/png"}),
    )
