"""What is typed about points: the county's terms, a decision, what is asked back, the answer."""

from django import forms

from accounts.forms import PlainForm
from institutions.forms import KNOWN_BY, day_field
from institutions.points.arithmetic import GROUNDS, MAX_MONTHS, MIN_MONTHS
from institutions.points.models import PointAppeal, PointRecord


def _text(label: str, longest: int = 200) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, widget=forms.TextInput(attrs={"size": 40})
    )


def _months(points: int, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=f"满 {points} 分暂停（月）",
        min_value=MIN_MONTHS,
        max_value=MAX_MONTHS,
        initial=initial,
    )


class TermsForm(PlainForm):
    """The suggestions: no norm gives them; a published decision gave six months for 11 points."""

    reminded_from = forms.IntegerField(label="自几分起提醒", min_value=1, max_value=8, initial=6)
    months_nine = _months(9, 2)
    months_ten = _months(10, 4)
    months_eleven = _months(11, 6)
    days_to_appeal = forms.IntegerField(
        label="申诉期限（工作日）", min_value=5, max_value=60, initial=10
    )
    max_course = forms.IntegerField(
        label="学习修复每年最多减（分）", min_value=0, max_value=6, initial=2
    )
    evidence = _text("依据文件", 100)
    reason = _text("事由")


class PointsForm(PlainForm):
    code = forms.CharField(label="人员", max_length=60, help_text=KNOWN_BY)
    ground = forms.ChoiceField(
        label="记分情形",
        choices=[(one.code, f"{one.least} 至 {one.most} 分：{one.name}") for one in GROUNDS],
        widget=forms.Select(attrs={"data-wide": True}),
    )
    degree = forms.ChoiceField(label="责任程度", choices=PointRecord.Degree.choices)
    handled_paper = _text("机构处理文号", 100)
    handled_on = day_field("机构处理日期")
    evidence = _text("记分文号", 100)
    reason = _text("事由")


class AppealForm(PlainForm):
    kind = forms.ChoiceField(label="种类", choices=PointAppeal.Kind.choices)
    asked_back = forms.IntegerField(label="申请减（分）", min_value=1, max_value=12)
    reason = _text("理由")


class AnswerForm(PlainForm):
    points_back = forms.IntegerField(label="同意减（分）", min_value=0, max_value=12)
    answer = _text("答复的理由")
