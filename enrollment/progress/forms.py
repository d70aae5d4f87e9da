"""What is typed about targets and village checks. The rules are in the services."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division, User
from enrollment.people.forms import PersonForm, phone_number, place_name
from enrollment.people.models import IdentityStatus
from enrollment.progress.checks import FIELDS
from enrollment.progress.targets import MAX_PEOPLE, TargetEntry


class TargetForm(PlainForm):
    """One place's row."""

    people = forms.IntegerField(
        label="任务数",
        min_value=1,
        max_value=MAX_PEOPLE,
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
        return self.typed(TargetEntry, division=division, phone=self.cleaned_data["phone"] or None)


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
        field.label_from_instance = place_name


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
