"""What is typed while watching the campaign. The rules are in the services."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division, User
from enrollment.forms import PersonForm, date_input, phone_number, places_of
from enrollment.models import Household, IdentityStatus, Person
from enrollment.people.numbers import NumberKind
from enrollment.watch.checks import FIELDS
from enrollment.watch.targets import MOST, TargetEntry


class TargetForm(PlainForm):
    """One place's row."""

    people = forms.IntegerField(
        label="任务数",
        min_value=1,
        max_value=MOST,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
        error_messages={"invalid": "任务数应为整数"},
    )
    stationed_cadre = forms.CharField(label="驻村干部", max_length=40, required=False)
    village_cadre = forms.CharField(label="村责任人", max_length=40, required=False)
    phone = forms.CharField(
        label="联系电话", max_length=13, required=False, validators=[phone_number]
    )

    def entry(self, division: Division) -> TargetEntry:
        data = self.cleaned_data
        return TargetEntry(
            division=division,
            people=data["people"],
            stationed_cadre=data["stationed_cadre"].strip(),
            village_cadre=data["village_cadre"].strip(),
            phone=data["phone"] or None,
        )


class TargetUploadForm(PlainForm):
    file = forms.FileField(label="填好的任务表（.xlsx 或 .csv）")


class SpecialForm(PlainForm):
    """A target in percent for each status; an empty one is not watched."""

    def __init__(self, *args: Any, ratios: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in IdentityStatus.Code.choices:
            ratio = ratios.get(code)
            self.fields[code] = forms.DecimalField(
                label=str(name),
                min_value=0,
                max_value=100,
                decimal_places=2,
                required=False,
                initial=f"{ratio / 100:g}" if ratio else None,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 5}),
            )

    def ratios(self) -> dict[str, int]:
        """Code → 1/10000."""
        return {code: int(value * 100) for code, value in self.cleaned_data.items() if value}


class PlaceForm(PlainForm):
    """A village or group of the user's scope."""

    division = forms.ModelChoiceField(
        label="村组",
        queryset=Division.objects.none(),
        to_field_name="code",
        empty_label="请选择",
        error_messages={"invalid_choice": "请选择本辖区的村组"},
    )

    def __init__(self, *args: Any, user: User, levels: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(Any, self.fields["division"])
        places = Division.objects.visible_to(user).filter(level__in=levels)
        field.queryset = places.select_related("parent").order_by("code")
        field.label_from_instance = _full_name


def _full_name(place: Division) -> str:
    if place.level == Division.Level.GROUP and place.parent:
        return f"{place.parent.name} {place.name}"
    return place.name


class HandOutForm(PlainForm):
    receiver = forms.CharField(
        label="领取人", max_length=40, error_messages={"required": "请填写领取人"}
    )


class ReceiveForm(PlainForm):
    checked_by = forms.CharField(
        label="村核对人（在表上签字的）",
        max_length=40,
        error_messages={"required": "请填写在核对表上签字的村核对人"},
    )


class LineForm(PersonForm):
    """What the list shows and the village may mark. A death, say, has its own page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(FIELDS):
            del self.fields[name]


class NewbornRuleForm(PlainForm):
    days = forms.IntegerField(label="出生后天数", min_value=1, max_value=366)
    source = forms.CharField(
        label="依据", max_length=100, help_text="写明文件，如“赣医保发〔2025〕3号第五条”"
    )


class LateForm(PlainForm):
    """Who joins after the window."""

    tier = forms.ChoiceField(label="缴费档次", error_messages={"required": "请选择缴费档次"})
    members = forms.TypedMultipleChoiceField(
        label="成员",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择成员"},
    )

    def __init__(
        self, *args: Any, tiers: Mapping[str, str], people: Iterable[Person], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields = cast(Any, self.fields)
        fields["members"].choices = [(person.pk, person.name) for person in people]
        if tiers:
            fields["tier"].choices = [("", "请选择"), *tiers.items()]
        else:
            del self.fields["tier"]


class ExpectForm(PlainForm):
    mother = forms.ModelChoiceField(
        label="母亲", queryset=Person.objects.none(), empty_label="请选择"
    )
    working_name = forms.CharField(label="暂用名", max_length=40)
    permit_number = forms.CharField(label="准生证（生育登记）号", max_length=40)
    due_on = forms.DateField(label="预产期", widget=date_input())

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mothers = household.members.present().filter(sex=Person.Sex.FEMALE)
        cast(Any, self.fields["mother"]).queryset = mothers


class BornForm(PlainForm):
    name = forms.CharField(label="姓名", max_length=40)
    relationship = forms.ChoiceField(label="与户主关系", choices=Person.Relationship.choices)
    kind = forms.ChoiceField(
        label="证件类型",
        choices=[
            (kind.value, kind.label)
            for kind in (NumberKind.BIRTH_CERTIFICATE, NumberKind.RESIDENT_ID)
        ],
    )
    number = forms.CharField(label="证件号码", max_length=24)
    sex = forms.ChoiceField(label="性别", choices=Person.Sex.choices)
    birth_date = forms.DateField(label="出生日期", widget=date_input())


class ClassForm(PlainForm):
    """A class of a school, with its table of students."""

    division = forms.ModelChoiceField(
        label="学校所在村组",
        queryset=Division.objects.none(),
        to_field_name="code",
        empty_label="请选择",
    )
    school = forms.CharField(label="学校", max_length=60)
    name = forms.CharField(label="班级", max_length=40)
    contact = forms.CharField(label="经办老师", max_length=40)
    tier = forms.ChoiceField(label="缴费档次", error_messages={"required": "请选择缴费档次"})
    file = forms.FileField(label="学生表（姓名、身份证号）")

    def __init__(
        self, *args: Any, user: User, on: date, tiers: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields = cast(Any, self.fields)
        fields["division"].queryset = places_of(user, on)
        fields["division"].label_from_instance = _full_name
        if tiers:
            fields["tier"].choices = [("", "请选择"), *tiers.items()]
        else:
            del self.fields["tier"]
