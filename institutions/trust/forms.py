"""What is typed about grades of trust."""

from django import forms

from accounts.forms import PlainForm
from institutions.forms import KNOWN_BY
from institutions.points.arithmetic import ENDED_FROM
from institutions.trust.models import WHOLE


def _text(label: str, longest: int) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, widget=forms.TextInput(attrs={"size": 40})
    )


def _number(label: str, initial: int, most: int = WHOLE) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, initial=initial)


class BandsForm(PlainForm):
    """The suggestions: no norm gives them; below 70 an assessment is not passed."""

    first_year = forms.IntegerField(label="自年度", min_value=2000, max_value=2100)
    a_from = _number("A 级自（分）", 90)
    b_from = _number("B 级自（分）", 80)
    c_from = _number("C 级自（分）", 70)
    a_most = _number("A 级记分至多", 0, ENDED_FROM - 1)
    b_most = _number("B 级记分至多", 3, ENDED_FROM - 1)
    c_most = _number("C 级记分至多", 8, ENDED_FROM - 1)
    prepaid_a = _number("A 级预付（%）", 100)
    prepaid_b = _number("B 级预付（%）", 80)
    prepaid_c = _number("C 级预付（%）", 50)
    prepaid_d = _number("D 级预付（%）", 0)
    evidence = _text("依据文件", 100)
    reason = _text("事由", 200)


class PractitionerGradeForm(PlainForm):
    code = forms.CharField(label="医师", max_length=60, help_text=KNOWN_BY)
    year = forms.IntegerField(label="评定年度", min_value=2000, max_value=2100)
    evidence = _text("文号", 100)
