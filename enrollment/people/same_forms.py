"""Forms of two records of one person."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from accounts.forms import PlainForm
from enrollment.people.models import Person


class FindForm(PlainForm):
    number = forms.CharField(
        label="另一条登记",
        max_length=40,
        help_text="证件号码、医疗证号或户编号，也可以是姓名",
    )


class PapersForm(PlainForm):
    evidence = forms.CharField(
        label="证明材料",
        max_length=100,
        widget=forms.TextInput(attrs={"size": 40}),
        help_text="名称和编号，如“户口簿第 3 页”",
    )
    reason = forms.CharField(
        label="事由", max_length=200, widget=forms.TextInput(attrs={"size": 40})
    )


class SameForm(PapersForm):
    """Which of the two records stays, and why they are one person."""

    kept = forms.TypedChoiceField(label="保留哪一条登记", coerce=int)
    new_head = forms.TypedChoiceField(
        label="停用的登记是户主的，由谁任户主", coerce=int, empty_value=None, required=False
    )
    field_order: tuple[str, ...] = ("kept", "new_head", "evidence", "reason")

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = cast(Any, self.fields)
        fields["kept"].choices = [
            ("", "请选择"),
            *(
                (one.pk, f"{side} {one.name}（{one.certificate_number}）")
                for side, one in zip(("左", "右"), people, strict=True)
            ),
        ]
        heads = [one for one in people if one.relationship == Person.Relationship.HEAD]
        heirs = Person.objects.present().filter(household__in=[one.household_id for one in heads])
        heirs = heirs.exclude(pk__in=[one.pk for one in people])
        fields["new_head"].choices = [
            ("", "请选择"),
            *((one.pk, f"{one.name}（{one.certificate_number}）") for one in
              heirs.select_related("household")),
        ]  # fmt: skip
        if not heads or len(fields["new_head"].choices) == 1:
            del self.fields["new_head"]
