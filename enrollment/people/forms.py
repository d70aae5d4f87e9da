"""What a clerk tells about people, households and changes. The rules are in the services."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.validators import RegexValidator

from accounts.forms import NameField, PlainForm
from accounts.models import Division, User
from enrollment.people.checking import EXPLAINED
from enrollment.people.ethnicities import ETHNICITIES
from enrollment.people.models import Household, Person
from enrollment.people.numbers import NumberKind, plain

phone_number = RegexValidator(
    r"^(1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})$", "电话应为 11 位手机号或带区号的固定电话"
)

if TYPE_CHECKING:  # generic for the checker only
    PlaceField = forms.ModelChoiceField[Division]
else:
    PlaceField = forms.ModelChoiceField


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def place_name(place: Division) -> str:
    """A group with its village, so that two groups of one number can be told apart."""
    if place.level == Division.Level.GROUP and place.parent:
        return f"{place.parent.name} {place.name}"
    return place.name


class DivisionChoice(PlaceField):
    """Villages and groups in the clerk's scope."""

    def label_from_instance(self, obj: Division) -> str:
        return place_name(obj)


def places_of(user: User, on: date) -> Any:
    """Where households of this user may live: groups, and villages without groups."""
    return (
        Division.objects.visible_to(user)
        .valid_on(on)
        .filter(level__in=[Division.Level.VILLAGE, Division.Level.GROUP], children=None)
        .select_related("parent")
        .order_by("code")
    )


def explained_field() -> forms.CharField:
    """Why something improbable is true; pages show it once they were asked."""
    return forms.CharField(label="情况说明", max_length=100, required=False)


KINDS = [one for one in NumberKind.choices if one[0] != NumberKind.NONE]
RELATIONSHIPS = [("", "请选择"), *Person.Relationship.choices]
# Who was just born is nobody's husband, parent or head.
_GROWN = {
    Person.Relationship.HEAD,
    Person.Relationship.SPOUSE,
    Person.Relationship.PARENT,
    Person.Relationship.GRANDPARENT,
}
NEWBORN_RELATIONSHIPS = [one for one in RELATIONSHIPS if one[0] not in _GROWN]


def _number_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=24, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )


class PlaceChoice(PlaceField):
    """A village or group anywhere in the county, with its township."""

    def label_from_instance(self, obj: Division) -> str:
        names: list[str] = []
        step: Division | None = obj
        while step is not None and step.level != Division.Level.COUNTY:
            names.insert(0, step.name)
            step = step.parent
        return " ".join(
            name.removeprefix(names[place - 1]) if place else name
            for place, name in enumerate(names)
        )


def places_in_county(county_code: str, on: date) -> Any:
    """Groups, and villages without groups, of the whole county."""
    return (
        Division.objects.valid_on(on)
        .filter(
            code__startswith=county_code,
            level__in=[Division.Level.VILLAGE, Division.Level.GROUP],
            children=None,
        )
        .select_related("parent__parent__parent")
        .order_by("code")
    )


class ChangeForm(PlainForm):
    """Day and reason of every change. `household`: where it happens."""

    effective_on = forms.DateField(label="变动日期", widget=date_input())
    reason = forms.CharField(label="事由", max_length=200, required=False)
    asks_relations = False  # whether the change gives relations, and may be asked about them

    def __init__(self, *args: Any, household: Household, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.household, self.on = household, on
        self.fields["effective_on"].initial = on
        self.ready()
        if self.asks_relations:
            self.fields[EXPLAINED] = explained_field()
            self.fields[EXPLAINED].help_text = "关系少见而属实时填写，如“早婚，有结婚证”"
        self.fields[self.start()].widget.attrs["autofocus"] = True

    def start(self) -> str:
        """The field where typing begins."""
        return next(iter(self.fields))

    def ready(self) -> None:
        """Fill in what depends on the household."""


class NewcomerForm(ChangeForm):
    asks_relations = True
    name = NameField(label="姓名", max_length=40)
    kind = forms.ChoiceField(label="证件类型", choices=KINDS)
    number = _number_field("证件号码")
    sex = forms.ChoiceField(
        label="性别",
        choices=[("", "按身份证号"), *Person.Sex.choices],
        required=False,
        help_text="身份证可不选",
    )
    birth_date = forms.DateField(
        label="出生日期", widget=date_input(), required=False, help_text="身份证可留空"
    )
    relationship = forms.ChoiceField(label="与户主关系", choices=RELATIONSHIPS)
    residence = forms.ChoiceField(label="户籍", choices=Person.Residence.choices)
    ethnicity = forms.ChoiceField(label="民族", choices=list(ETHNICITIES.items()))
    field_order: tuple[str, ...] = (
        "name", "kind", "number", "sex", "birth_date", "relationship", "residence", "ethnicity",
        "effective_on", "reason",
    )  # fmt: skip

    def ready(self) -> None:
        self.fields["residence"].initial = self.household.usual_residence


class BirthForm(NewcomerForm):
    def ready(self) -> None:
        super().ready()
        cast(Any, self.fields["relationship"]).choices = NEWBORN_RELATIONSHIPS
        del self.fields["effective_on"]  # the day of birth
        self.fields["kind"].initial = NumberKind.BIRTH_CERTIFICATE
        self.fields["sex"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *Person.Sex.choices,
        ]


class MemberChangeForm(ChangeForm):
    """A change of one member."""

    person = forms.TypedChoiceField(label="成员", coerce=int)
    field_order: tuple[str, ...] = ("person", "effective_on", "reason")

    def who(self) -> Sequence[Person]:
        """The members to choose from."""
        return list(self.household.members.present().order_by("member_number"))

    def ready(self) -> None:
        people = list(self.who())
        choices = [
            (one.pk, f"{one.name}（{one.get_relationship_display()}，{one.birth_date}）")
            for one in people
        ]
        cast(Any, self.fields["person"]).choices = [("", "请选择"), *choices]
        if "new_head" in self.fields:
            cast(Any, self.fields["new_head"]).choices = [("", "—"), *choices]

    @property
    def chosen(self) -> Person:
        """The member of a valid form."""
        return self.household.members.get(pk=self.cleaned_data["person"])


class LeavingForm(MemberChangeForm):
    """A change that can take the head away."""

    new_head = forms.TypedChoiceField(
        label="户主离开后由谁任户主", coerce=int, empty_value=None, required=False
    )


class DeathForm(LeavingForm):
    def ready(self) -> None:
        super().ready()
        self.fields["effective_on"].label = "死亡日期"


class DepartureForm(LeavingForm):
    def ready(self) -> None:
        super().ready()
        self.fields["effective_on"].label = "迁出日期"
        self.fields["reason"].label = "去向和事由"


class ReturnForm(MemberChangeForm):
    asks_relations = True
    relationship = forms.ChoiceField(label="与户主关系", choices=RELATIONSHIPS)

    def who(self) -> Sequence[Person]:
        gone = self.household.members.filter(departure_date__isnull=False, death_date=None)
        return list(gone.exclude(number_kind=NumberKind.NONE).order_by("member_number"))


class TransferForm(LeavingForm):
    asks_relations = True
    to = forms.CharField(
        label="转入户编号", max_length=24, help_text="16 位户编号，或该户任一成员的医疗证号"
    )
    relationship = forms.ChoiceField(label="与转入户户主关系", choices=RELATIONSHIPS)
    field_order: tuple[str, ...] = (
        "person",
        "to",
        "relationship",
        "effective_on",
        "reason",
        "new_head",
    )

    def clean_to(self) -> Household:
        return find_household(self.cleaned_data["to"], self.household)


class NumberForm(MemberChangeForm):
    kind = forms.ChoiceField(label="新证件类型", choices=KINDS)
    number = _number_field("新证件号码")
    field_order: tuple[str, ...] = ("person", "kind", "number", "effective_on")

    def ready(self) -> None:
        super().ready()
        self.fields["effective_on"].label = "换证日期"
        del self.fields["reason"]


def _ask_place(form: ChangeForm) -> None:
    """Let the form's `division` be a village or group of the household's county."""
    field = cast(Any, form.fields["division"])
    field.queryset = places_in_county(form.household.division.county_code, form.on)


class MoveForm(ChangeForm):
    division = PlaceChoice(label="迁往村组", queryset=Division.objects.none(), empty_label="请选择")
    address = forms.CharField(label="新住址", max_length=100, required=False)
    field_order: tuple[str, ...] = ("division", "address", "effective_on", "reason")

    def ready(self) -> None:
        _ask_place(self)


class MembersForm(ChangeForm):
    """A row for every member with the relationship that will hold; splits also ask who goes."""

    tick = False
    asks_relations = True

    def people(self) -> list[Person]:
        return list(self.household.members.present().order_by("member_number"))

    def ready(self) -> None:
        self.listed = self.people()
        for person in self.listed:
            if self.tick:
                self.fields[f"leaving-{person.pk}"] = forms.BooleanField(
                    label=f"{person.name}分出", required=False
                )
            self.fields[f"relationship-{person.pk}"] = forms.ChoiceField(
                label=f"{person.name}与户主关系",
                choices=RELATIONSHIPS,
                initial=person.relationship,
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """People with their fields, for the template's table."""
        return [
            {
                "person": person,
                "leaving": self[f"leaving-{person.pk}"] if self.tick else None,
                "relationship": self[f"relationship-{person.pk}"],
            }
            for person in self.listed
        ]

    @property
    def plain_fields(self) -> list[Any]:
        """What stands above the table."""
        return [field for field in self if "-" not in field.name]

    @property
    def relationships(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"relationship-{one.pk}"] for one in self.listed}

    @property
    def leaving(self) -> list[int]:
        return [one.pk for one in self.listed if self.cleaned_data.get(f"leaving-{one.pk}")]


class SplitForm(MembersForm):
    tick = True
    division = PlaceChoice(label="新户村组", queryset=Division.objects.none(), empty_label=None)
    address = forms.CharField(label="新户住址", max_length=100, required=False)
    field_order: tuple[str, ...] = ("division", "address", "effective_on", "reason")

    def ready(self) -> None:
        _ask_place(self)
        self.fields["division"].initial = self.household.division_id
        super().ready()


class MergeForm(MembersForm):
    """First the other household is named; then the relationships of everybody are asked."""

    to = forms.CharField(
        label="并入户编号", max_length=24, help_text="16 位户编号，或该户任一成员的医疗证号"
    )
    field_order: tuple[str, ...] = ("to", "effective_on", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        self.into: Household | None = None
        super().__init__(*args, **kwargs)

    def ready(self) -> None:
        self.asked = False
        if self.is_bound:
            try:
                self.into = find_household(str(self.data.get("to", "")), self.household, self.user)
            except forms.ValidationError:
                self.into = None  # told by clean_to
        super().ready()
        self.asked = any(name.startswith("relationship-") for name in self.data)
        if self.into is not None and not self.asked:
            kept = {  # who stays keeps the relationship unless it is changed
                f"relationship-{one.pk}": one.relationship
                for one in self.listed
                if one.household_id == self.into.pk
            }
            self.data = {**{name: self.data[name] for name in self.data}, **kept}
        if not self.asked:
            for name in [name for name in self.fields if "-" in name]:
                self.fields[name].required = False

    def start(self) -> str:
        if self.into is None or self.asked:
            return super().start()
        coming = [one for one in self.listed if one.household_id == self.household.pk]
        return f"relationship-{coming[0].pk}" if coming else super().start()

    def people(self) -> list[Person]:
        if self.into is None:
            return []
        both = Person.objects.present().filter(household__in=[self.into, self.household])
        order = {self.into.pk: 0, self.household.pk: 1}
        return sorted(both, key=lambda one: (order[one.household_id], one.member_number))

    def clean_to(self) -> Household:
        return find_household(self.cleaned_data["to"], self.household, self.user)


def find_household(text: str, home: Household, user: User | None = None) -> Household:
    """Another standing household of the county by its number; `user`: only in that scope."""
    number = plain(text)[:16]
    rows = Household.objects.standing()
    rows = rows.visible_to(user) if user else rows.within(home.division.county_code)
    found = rows.select_related("division").filter(number=number).exclude(pk=home.pk).first()
    if found is None:
        where = "本辖区" if user else "本县"
        raise forms.ValidationError(f"{where}没有这个户编号的其他家庭，请核对 16 位户编号")
    return found


def phone_again() -> forms.CharField:
    """The one that is kept is not shown: typed to correct it, left empty otherwise."""
    return forms.CharField(
        label="更正电话",
        max_length=13,
        required=False,
        validators=[phone_number],
        help_text="不更正请留空",
    )


class PersonForm(PlainForm):
    name = NameField(label="姓名", max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    relationship = forms.ChoiceField(label="与户主关系", choices=Person.Relationship.choices)
    residence = forms.ChoiceField(label="户籍", choices=Person.Residence.choices)
    resident_id = forms.CharField(
        label="更正身份证号", max_length=24, required=False, help_text="不更正请留空"
    )
    phone = phone_again()
    ethnicity = forms.ChoiceField(label="民族", choices=list(ETHNICITIES.items()), required=False)
    actual_residence = forms.CharField(
        label="实际居住地", max_length=100, required=False, help_text="与住址相同的留空"
    )
    explained = explained_field()

    def facts(self) -> dict[str, Any]:
        """As `change_person` takes them: None where nothing is to be corrected."""
        data = self.cleaned_data
        unsaid = {"resident_id", "phone", "ethnicity"} & set(data)
        return data | {name: data[name] or None for name in unsaid}


class HouseholdEditForm(PlainForm):
    address = forms.CharField(
        label="住址",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    phone = phone_again()
    bank_account = forms.CharField(
        label="更正银行账号",
        max_length=30,
        required=False,
        help_text="用于报销款转账；不更正请留空",
    )
    bank_account_name = NameField(label="开户人", max_length=40, required=False)
