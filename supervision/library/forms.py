"""Asking for a change of the library, and sending a file of points."""

from typing import Any, ClassVar

from django import forms

from accounts.forms import PlainForm
from claims.forms import date_field
from desk.import_pages import UploadForm
from desk.reasons import reason_field
from supervision.library.models import KINDS
from supervision.library.rows import DRUG, SERVICE, SHAPES
from supervision.rules.points import AgeBounds, Kind

PAPER = "文号或会议纪要"
WINDOWS = (
    ("", "不限"),
    ("day", "同日、每日"),
    ("visit", "一次就诊"),
    ("6h", "6 小时内"),
    ("hour", "1 小时内"),
    ("stay", "一次住院"),
    ("course", "一个疗程"),
    ("7d", "7 天内"),
    ("14d", "14 天内"),
    ("15d", "15 天内"),
    ("30d", "30 天内"),
    ("same_operation", "同一次手术"),
)
# What is said with a word of the published tables, by kind.
WORDS = {
    Kind.SEX: {"1": "限男性", "2": "限女性"},
    Kind.AGE: {
        "child": "限儿童", "newborn": "限新生儿", "infant": "限婴幼儿", "working_age": "限就业年龄",
    },
    Kind.INSURANCE: {"work_injury": "限工伤保险", "maternity": "限生育保险"},
    Kind.CARE_KIND: {"inpatient": "限住院"},
    Kind.INSTITUTION_LEVEL: {"2": "限二级及以上机构", "3": "限三级机构"},
}  # fmt: skip
# A word of each, as "kind:value".
CHOSEN = [("", "")] + [
    (f"{kind.value}:{value}", told)
    for kind, words in WORDS.items()
    for value, told in words.items()
]
SERVICE_DIGITS = 15


class LibraryFileForm(UploadForm):
    noun: ClassVar[str] = "知识点"
    first_day = date_field("自哪天起适用")


class SwitchForm(PlainForm):
    evidence = forms.CharField(label=PAPER, max_length=100)
    reason = reason_field("理由")


class AgesForm(SwitchForm):
    child_years = forms.IntegerField(label="儿童：不满几周岁", min_value=1, max_value=18)
    newborn_days = forms.IntegerField(label="新生儿：出生几天以内", min_value=1, max_value=60)
    infant_years = forms.IntegerField(label="婴幼儿：不满几周岁", min_value=1, max_value=6)
    working_from = forms.IntegerField(label="就业年龄：满几周岁", min_value=14, max_value=20)
    working_until = forms.IntegerField(label="就业年龄：不满几周岁", min_value=50, max_value=80)
    field_order = (
        "child_years", "newborn_days", "infant_years", "working_from", "working_until",
        "evidence", "reason",
    )  # fmt: skip

    @property
    def ages(self) -> AgeBounds:
        said = self.cleaned_data
        return AgeBounds(**{name: said[name] for name in AgeBounds.__dataclass_fields__})


class PointForm(SwitchForm):
    """A point of the county's own."""

    rule_kind = forms.ChoiceField(label="类别", choices=KINDS)
    item_code = forms.CharField(
        label="项目编码", max_length=30, help_text="药品 20 或 23 位，诊疗项目 15 位数字"
    )
    item_name = forms.CharField(label="项目名称", max_length=120)
    word = forms.ChoiceField(
        label="限定",
        choices=CHOSEN,
        required=False,
        help_text="性别、年龄、险种、就医方式、机构级别",
    )
    number = forms.IntegerField(
        label="天数或次数", min_value=1, max_value=9999, required=False,
        help_text="疗程、每日频次、周期",
    )  # fmt: skip
    group = forms.CharField(label="手术组", max_length=30, required=False, help_text="同一切口")
    limit_text = forms.CharField(label="限定", max_length=60, help_text="怎样告诉医院，如 限 14 天")
    window = forms.ChoiceField(label="时间范围", choices=WINDOWS, required=False)
    pair_code = forms.CharField(label="被包含项目编码", max_length=30, required=False)
    pair_name = forms.CharField(label="被包含项目", max_length=120, required=False)
    legal_ground = forms.CharField(label="依据", max_length=200)
    field_order = (
        "rule_kind", "item_code", "item_name", "word", "number", "window", "group", "pair_code",
        "pair_name", "limit_text", "legal_ground", "evidence", "reason",
    )  # fmt: skip

    @property
    def cells(self) -> dict[str, str]:
        """As a row of the published tables has them."""
        said: dict[str, Any] = self.cleaned_data
        kind = Kind(said["rule_kind"])
        is_pair = kind == Kind.DUPLICATE
        names = ("item_code", "item_name", "limit_text", "window", "legal_ground")
        return {name: said[name] for name in names} | {
            "rule_kind": kind.value,
            "subject": SERVICE if len(said["item_code"]) == SERVICE_DIGITS else DRUG,
            "limit_kind": SHAPES[kind].limit_kind,
            "limit_value": self._value(kind),
            "unit": "",
            "pair_code": said["pair_code"] if is_pair else "",
            "pair_name": said["pair_name"] if is_pair else "",
            "ground_source": "county",
            "caveat": "",
        }

    def _value(self, kind: Kind) -> str:
        """Of what was filled in that which the kind is limited by; "" where it was left empty."""
        said = self.cleaned_data
        if kind in WORDS:
            of_kind, _, value = said["word"].partition(":")
            return str(value) if of_kind == kind.value else ""
        if SHAPES[kind].is_number:
            return str(said["number"] or "")
        return str(said["pair_code"] if kind == Kind.DUPLICATE else said["group"])
