"""What clerks type to enrol. Forms check that it can be read; the rules are in the services."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory

from accounts.forms import NameField, PlainForm
from accounts.models import Division, User
from enrollment.cover.enrolling import HouseholdEntry
from enrollment.cover.lookups import Known
from enrollment.cover.proposals import Document
from enrollment.people.forms import (
    KINDS,
    NEWBORN_RELATIONSHIPS,
    DivisionChoice,
    date_input,
    explained_field,
    phone_number,
    place_name,
    places_of,
)
from enrollment.people.models import Household, IdentityStatus, Person
from enrollment.people.numbers import NumberKind
from enrollment.people.register import MemberEntry
from lib.periods import age_on
from lib.resident_id import ResidentId, ResidentIdError, parse

MEMBERS = "members"
DOCUMENT = ("document_number", "issuer", "issued_on")
# Lines to begin with, about a family; a button adds more.
ROWS = 5


if TYPE_CHECKING:  # generic for the checker only
    MemberRows = BaseFormSet["MemberForm"]
else:
    MemberRows = BaseFormSet


class HouseholdForm(PlainForm):
    division = DivisionChoice(label="村组", queryset=Division.objects.none(), empty_label="请选择")
    address = forms.CharField(label="住址", max_length=100, required=False)
    phone = forms.CharField(label="电话", max_length=13, required=False, validators=[phone_number])
    tier = forms.ChoiceField(label="缴费档次", choices=[])
    explained = explained_field()

    def __init__(
        self,
        *args: Any,
        user: User,
        on: date,
        tiers: Mapping[str, str],
        division: Division | None = None,
        **kwargs: Any,
    ) -> None:
        """`division`: of a household that exists; it does not move here."""
        super().__init__(*args, **kwargs)
        if tiers:
            choices = [("", "请选择"), *tiers.items()]
            self.fields["tier"].choices = choices  # type: ignore[attr-defined]
        else:  # these measures know only one standard
            del self.fields["tier"]
        if division is None:
            self.fields["division"].queryset = places_of(user, on)  # type: ignore[attr-defined]
            self.fields["division"].widget.attrs["autofocus"] = True
        else:
            del self.fields["division"]
            self.fields["address"].widget.attrs["autofocus"] = True
            self.fields["phone"].help_text = "不更正请留空"


def usual_residence(known: Mapping[int, Person]) -> str:
    """The 户籍 that an empty row offers: that of the household's first member."""
    first = next(iter(known.values()), None)
    return first.residence if first else Person.Residence.RURAL


class MemberForm(PlainForm):
    """One row. A registered member's number is shown masked, so it is not typed again."""

    person_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    resident_id = forms.CharField(label="身份证号", max_length=24, required=False)
    name = NameField(label="姓名", max_length=40, error_messages={"required": "请填写姓名"})
    relationship = forms.ChoiceField(
        label="与户主关系",
        choices=[("", "—"), *Person.Relationship.choices],
        error_messages={"required": "请选择与户主关系"},
    )
    residence = forms.ChoiceField(
        label="户籍", choices=Person.Residence.choices, initial=Person.Residence.RURAL
    )
    joins = forms.BooleanField(label="参保", required=False, initial=True)

    def __init__(
        self,
        *args: Any,
        on: date,
        known: Mapping[int, Person],
        fresh: bool,
        position: int,
        **kwargs: Any,
    ) -> None:
        """`known`: registered members who may appear; `fresh`: a household not yet registered."""
        super().__init__(*args, **kwargs)
        self.on, self.known, self.position = on, known, position
        self.line: Any = None  # what it comes to (quoting.QuoteLine), once it is asked
        self.answer: Known | None = None  # why the person cannot join (cover.lookups)
        self.statuses: Sequence[Any] = ()  # what lists and approvals say (people.listed)
        self.status_problem = ""  # a list has the number under another name
        self.fields["residence"].initial = usual_residence(known)
        if position == 0 and fresh:
            self.fields["relationship"].initial = Person.Relationship.HEAD
        if not known:  # who is entered joins
            del self.fields["joins"]
        for field in self.fields.values():  # the headings stand above the column, not at the input
            field.widget.attrs["aria-label"] = f"第 {position + 1} 行 {field.label}"
        # 18 characters and what people type between them; the checksum is told beside it.
        self.fields["resident_id"].widget.attrs |= {"inputmode": "text", "spellcheck": "false"}

    def has_changed(self) -> bool:
        """An offered 户籍 alone is nobody: what was offered may have been corrected since."""
        return bool(set(self.changed_data) - {"residence"})

    @property
    def person(self) -> Person | None:
        """The registered member of this row."""
        value = self["person_id"].value()
        return self.known.get(int(value)) if value and str(value).isdecimal() else None

    @property
    def facts(self) -> dict[str, Any] | None:
        """Sex, birth date and age as soon as the number can be read."""
        one: Person | ResidentId
        if self.person is not None:
            one = self.person
        else:
            try:
                one = parse(self["resident_id"].value() or "", self.on)
            except ResidentIdError:
                return None
        return {
            "sex": Person.Sex(one.sex).label,
            "birth_date": one.birth_date,
            "age": age_on(one.birth_date, self.on),
        }

    @property
    def typed_problem(self) -> str:
        """What is wrong with a number that looks complete; nothing while it is being typed."""
        text = "".join((self["resident_id"].value() or "").split())
        if len(text) < 18 or self.person is not None:
            return ""
        try:
            parse(text, self.on)
        except ResidentIdError as error:
            return str(error)
        return ""

    def clean_person_id(self) -> int | None:
        person_id: int | None = self.cleaned_data["person_id"]
        if person_id is not None and person_id not in self.known:
            raise forms.ValidationError("这位成员已不在本户，请返回家庭重新打开")
        return person_id

    def clean_resident_id(self) -> str:
        text: str = self.cleaned_data["resident_id"]
        if self["person_id"].value():  # known, or told already that it is not
            return ""
        if not text:
            raise forms.ValidationError("请填写身份证号")
        try:
            return parse(text, self.on).number
        except ResidentIdError as error:
            raise forms.ValidationError(str(error)) from None

    def entry(self) -> MemberEntry:
        """The row as the services take it, also while it is only half filled in."""
        data = self.cleaned_data
        return MemberEntry(
            position=self.position,
            person_id=data.get("person_id"),
            resident_id=data.get("resident_id", ""),
            name=" ".join(data.get("name", "").split()),
            relationship=data.get("relationship", ""),
            residence=data.get("residence") or Person.Residence.RURAL,
            joins=data.get("joins", "joins" not in self.fields),
        )


class _Members(MemberRows):
    """The rows; untouched blank rows count for nothing."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"position": index or 0}

    @property
    def filled(self) -> list[MemberForm]:
        return [form for form in self.forms if form.has_changed() or form.initial.get("person_id")]


def member_formset(*, extra: int = ROWS) -> type[_Members]:
    rows = formset_factory(MemberForm, formset=_Members, extra=extra, max_num=30, absolute_max=30)
    return cast(type[_Members], rows)


def household_entry(
    form: HouseholdForm, members: Sequence[MemberForm], *, household: Any = None
) -> HouseholdEntry:
    """Two valid forms as one entry."""
    data = form.cleaned_data
    return HouseholdEntry(
        division=household.division if household else data["division"],
        household=household,
        address=data["address"],
        phone=data["phone"] or None,
        tier=data.get("tier", ""),
        explained=data["explained"],
        members=[row.entry() for row in members],
    )


def initial_row(person: Person) -> dict[str, Any]:
    """A registered member as first values of a row."""
    names = ("name", "relationship", "residence")
    facts = {name: getattr(person, name) for name in names}
    return facts | {"person_id": person.pk, "joins": True}


class HandOutForm(PlainForm):
    receiver = forms.CharField(
        label="领取人", max_length=40, error_messages={"required": "请填写领取人"}
    )


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


class IdentityForm(PlainForm):
    """Who somebody really is. What is the same as registered is no change."""

    name = NameField(label="姓名", max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    number_kind = forms.ChoiceField(label="证件类型", choices=KINDS)
    number = forms.CharField(
        label="证件号码", max_length=24, required=False, help_text="不更正请留空"
    )
    sex = forms.ChoiceField(
        label="性别", choices=[("", "不更正，或按证件号码"), *Person.Sex.choices], required=False
    )
    birth_date = forms.DateField(
        label="出生日期", widget=date_input(), required=False, help_text="不更正请留空"
    )
    evidence = forms.CharField(
        label="证明材料", max_length=100, help_text="名称和编号，如“户口簿第 3 页”"
    )
    reason = forms.CharField(label="事由", max_length=100)
    explained = explained_field()


class StatusForm(PlainForm):
    """A status that no department's list gives."""

    code = forms.ChoiceField(label="身份", choices=[("", "请选择"), *IdentityStatus.Code.choices])
    evidence = forms.CharField(label="证明材料", max_length=100, help_text="名称，如“低保证”")
    document_number = forms.CharField(label="文号、证号", max_length=60)
    issuer = forms.CharField(label="发文、发证单位", max_length=60, help_text="如“区民政局”")
    issued_on = forms.DateField(label="发文、发证日期", widget=date_input())
    reason = forms.CharField(label="说明", max_length=100, required=False)

    def facts(self) -> dict[str, Any]:
        """As the services take them."""
        data = dict(self.cleaned_data)
        paper = {name: data.pop(name) for name in ("evidence", *DOCUMENT)}
        return data | {"document": Document(**paper)}


class EndingForm(StatusForm):
    """A status that somebody holds and should not."""

    reason = forms.CharField(label="取消的原因", max_length=100)

    def __init__(self, *args: Any, held: Iterable[IdentityStatus], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, one.get_code_display()) for one in held]
        cast(Any, self.fields["code"]).choices = [("", "请选择"), *choices]


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
    name = NameField(label="姓名", max_length=40)
    relationship = forms.ChoiceField(label="与户主关系", choices=NEWBORN_RELATIONSHIPS)
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
        fields["division"].label_from_instance = place_name
        if tiers:
            fields["tier"].choices = [("", "请选择"), *tiers.items()]
        else:
            del self.fields["tier"]
