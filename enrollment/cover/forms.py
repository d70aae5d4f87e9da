"""What clerks type. Forms check that it can be read; the rules are in the services."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.forms import BaseFormSet, formset_factory

from accounts.errors import Refusal
from accounts.forms import PlainForm
from accounts.models import Division, User
from accounts.roles import Role
from enrollment.models import IdentityStatus, Person
from enrollment.people.ethnicities import ETHNICITIES
from enrollment.services import HouseholdEntry, MemberEntry
from lib.periods import age_on
from lib.resident_id import ResidentId, ResidentIdError, parse

MEMBERS = "members"
ROWS = 5
phone_number = RegexValidator(
    r"^(1\d{10}|0\d{2,3}-?\d{7,8})$", "电话应为 11 位手机号或带区号的固定电话"
)
STATUS_CHOICES = [("", "普通"), *IdentityStatus.Code.choices]


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def amount_field(label: str, **options: Any) -> forms.DecimalField:
    """Yuan with at most two decimals."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "hz-amount"})
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=2,
        widget=widget,
        error_messages={"invalid": "请填写金额（元），如 440.00"},
        **options,
    )


if TYPE_CHECKING:  # generic for the checker only
    PlaceField = forms.ModelChoiceField[Division]
    MemberRows = BaseFormSet["MemberForm"]
else:
    PlaceField = forms.ModelChoiceField
    MemberRows = BaseFormSet


class DivisionChoice(PlaceField):
    """Villages and groups in the clerk's scope."""

    def label_from_instance(self, obj: Division) -> str:
        if obj.level == Division.Level.GROUP and obj.parent:
            return f"{obj.parent.name} {obj.name}"
        return obj.name


def places_of(user: User, on: date) -> Any:
    """Where households of this user may live: groups, and villages without groups."""
    return (
        Division.objects.visible_to(user)
        .valid_on(on)
        .filter(level__in=[Division.Level.VILLAGE, Division.Level.GROUP], children=None)
        .select_related("parent")
        .order_by("code")
    )


class HouseholdForm(PlainForm):
    division = DivisionChoice(label="村组", queryset=Division.objects.none(), empty_label="请选择")
    address = forms.CharField(label="住址", max_length=100, required=False)
    phone = forms.CharField(label="电话", max_length=13, required=False, validators=[phone_number])
    tier = forms.ChoiceField(label="缴费档次", choices=[])

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


class MemberForm(PlainForm):
    """One row. A registered member's number is shown masked, so it is not typed again."""

    person_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    resident_id = forms.CharField(label="身份证号", max_length=24, required=False)
    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "请填写姓名"})
    relationship = forms.ChoiceField(
        label="与户主关系",
        choices=[("", "—"), *Person.Relationship.choices],
        error_messages={"required": "请选择与户主关系"},
    )
    residence = forms.ChoiceField(
        label="户籍", choices=Person.Residence.choices, initial=Person.Residence.RURAL
    )
    status = forms.ChoiceField(label="身份", choices=STATUS_CHOICES, required=False)
    second_status = forms.ChoiceField(
        label="另有身份", choices=[("", "—"), *IdentityStatus.Code.choices], required=False
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
        if position == 0 and fresh:
            self.fields["relationship"].initial = Person.Relationship.HEAD
        if not known:  # who is entered joins
            del self.fields["joins"]
        # 18 characters and what people type between them; the checksum is told beside it.
        self.fields["resident_id"].widget.attrs |= {"inputmode": "text", "spellcheck": "false"}

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
            raise forms.ValidationError("这位成员不在本户，请重新查询")
        return person_id

    def clean_resident_id(self) -> str:
        text: str = self.cleaned_data["resident_id"]
        if self.cleaned_data.get("person_id"):
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
        chosen = {data.get("status", ""), data.get("second_status", "")} - {""}
        chosen |= set(self.initial.get("further_statuses", ()))
        return MemberEntry(
            position=self.position,
            person_id=data.get("person_id"),
            resident_id=data.get("resident_id", ""),
            name=" ".join(data.get("name", "").split()),
            relationship=data.get("relationship", ""),
            residence=data.get("residence") or Person.Residence.RURAL,
            statuses=frozenset(chosen),
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


def refuse(form: PlainForm, members: _Members | None, refusal: Refusal) -> None:
    """Show a refusal beside the field it names, whichever row that is in."""
    parts = refusal.field.split("-")
    if members is not None and len(parts) == 3 and parts[0] == MEMBERS:
        row = members.forms[int(parts[1])]
        row.add_error(parts[2] if parts[2] in row.fields else None, refusal.message)
    else:
        form.refuse(refusal)


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
        members=[row.entry() for row in members],
    )


class PaymentForm(PlainForm):
    received = amount_field("实收现金（元）")


class ReasonForm(PlainForm):
    reason = forms.CharField(
        label="事由", max_length=200, error_messages={"required": "请写明事由"}
    )


class RemittanceForm(PlainForm):
    slip_number = forms.RegexField(
        label="缴款单号",
        regex=r"^[0-9A-Za-z-]{4,40}$",
        widget=forms.TextInput(attrs={"autofocus": True}),
        error_messages={"invalid": "缴款单号为 4 至 40 位字母、数字或短横"},
    )
    slip_date = forms.DateField(label="缴款日期", widget=date_input())
    amount = amount_field("缴款单金额（元）")


class ConfirmForm(PlainForm):
    bank_amount = amount_field("银行到账金额（元）")


class CampaignForm(PlainForm):
    year = forms.IntegerField(
        label="参保年度",
        min_value=2000,
        max_value=2100,
        help_text="缴费期、缴存期限按当年已采用的办法",
    )


class BookForm(PlainForm):
    year = forms.IntegerField(label="参保年度", min_value=2000, max_value=2100)
    clerk = forms.ModelChoiceField(
        label="领用人", queryset=User.objects.none(), empty_label="请选择"
    )
    code = forms.RegexField(
        label="票据本号",
        regex=r"^[0-9A-Za-z-]{2,20}$",
        error_messages={"invalid": "票据本号为 2 至 20 位字母、数字或短横"},
    )
    first_number = forms.IntegerField(label="起号", min_value=1, max_value=99_999_999)
    last_number = forms.IntegerField(label="止号", min_value=1, max_value=99_999_999)

    def __init__(self, *args: Any, county_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clerks = User.objects.in_role(Role.TOWNSHIP_CLERK)
        field = cast(Any, self.fields["clerk"])
        field.queryset = clerks.filter(division__code__startswith=county_code).select_related(
            "division"
        )
        field.label_from_instance = lambda user: f"{user.division.name} {user.name}"


class PersonForm(PlainForm):
    name = forms.CharField(
        label="姓名", max_length=40, widget=forms.TextInput(attrs={"autofocus": True})
    )
    relationship = forms.ChoiceField(label="与户主关系", choices=Person.Relationship.choices)
    residence = forms.ChoiceField(label="户籍", choices=Person.Residence.choices)
    resident_id = forms.CharField(
        label="更正身份证号", max_length=24, required=False, help_text="不更正请留空"
    )
    phone = forms.CharField(
        label="更正电话",
        max_length=13,
        required=False,
        validators=[phone_number],
        help_text="不更正请留空",
    )
    ethnicity = forms.ChoiceField(label="民族", choices=list(ETHNICITIES.items()), required=False)
    actual_residence = forms.CharField(
        label="实际居住地", max_length=100, required=False, help_text="与住址相同的留空"
    )
    statuses = forms.MultipleChoiceField(
        label="身份",
        required=False,
        choices=IdentityStatus.Code.choices,
        widget=forms.CheckboxSelectMultiple,
    )


class HouseholdEditForm(PlainForm):
    address = forms.CharField(
        label="住址",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    phone = forms.CharField(
        label="更正电话",
        max_length=13,
        required=False,
        validators=[phone_number],
        help_text="不更正请留空",
    )
    bank_account = forms.CharField(
        label="更正银行账号",
        max_length=30,
        required=False,
        help_text="用于报销款转账；不更正请留空",
    )
    bank_account_name = forms.CharField(label="开户人", max_length=40, required=False)


def initial_rows(
    people: Iterable[Person], statuses: Mapping[int, frozenset[str]]
) -> list[dict[str, Any]]:
    """Registered members as first values of the rows."""
    rows = []
    for person in people:
        codes = [*sorted(statuses.get(person.pk, ())), "", ""]
        rows.append(
            {
                "person_id": person.pk,
                "name": person.name,
                "relationship": person.relationship,
                "residence": person.residence,
                "status": codes[0],
                "second_status": codes[1],
                "further_statuses": codes[2:-2],  # rare; kept as they are
                "joins": True,
            }
        )
    return rows
