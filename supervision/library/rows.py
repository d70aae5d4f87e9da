"""A row of the published tables, or of the county's own, understood or refused. Pure."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from supervision.rules.points import Kind, is_sure

DRUG, SERVICE = "drug", "service"
SUBJECTS = {DRUG: "药品", SERVICE: "诊疗项目"}
# XL02BBA326A001010102180, Z…: 23 characters, of Chinese medicine 20; services 15 digits.
_CODES = {DRUG: re.compile(r"[A-Z][0-9A-Z]{19}(?:[0-9A-Z]{3})?"), SERVICE: re.compile(r"\d{15}")}
_CODE_TOLD = {
    DRUG: "药品编码应为 20 或 23 位字母数字",
    SERVICE: "项目编码应为 15 位数字，开头的 0 不能丢（请将该列设为文本）",
}
_WHOLE = re.compile(r"[1-9]\d{0,3}")
KIND_NAMES: Mapping[Kind, str] = {
    Kind.SEX: "限性别",
    Kind.AGE: "限年龄",
    Kind.SAME_INCISION: "同一切口",
    Kind.INSURANCE: "限险种",
    Kind.CARE_KIND: "限就医方式",
    Kind.INSTITUTION_LEVEL: "限机构级别",
    Kind.COURSE: "限疗程",
    Kind.DUPLICATE: "包含重复",
    Kind.FREQUENCY: "限每日频次",
    Kind.CYCLE: "限周期频次",
}


@dataclass(frozen=True)
class Shape:
    """What the limit of a kind looks like: its name in the tables, its values (None: a whole number
    or free words, as `is_number` says) and its windows."""

    limit_kind: str
    values: frozenset[str] | None = None
    windows: frozenset[str] = frozenset({""})
    is_number: bool = False


SHAPES: Mapping[Kind, Shape] = {
    Kind.SEX: Shape("sex_is", frozenset({"1", "2"})),
    Kind.AGE: Shape("age_group", frozenset({"child", "newborn", "infant", "working_age"})),
    Kind.SAME_INCISION: Shape("group_member", windows=frozenset({"same_operation"})),
    Kind.INSURANCE: Shape("insurance_is", frozenset({"work_injury", "maternity"})),
    Kind.CARE_KIND: Shape("care_is", frozenset({"inpatient"})),
    Kind.INSTITUTION_LEVEL: Shape("level_at_least", frozenset({"2", "3"})),
    Kind.COURSE: Shape(
        "days_at_most", windows=frozenset({"stay", "course", "disease_course"}), is_number=True
    ),
    Kind.DUPLICATE: Shape("includes", windows=frozenset({"day", "visit", "6h", "hour"})),
    Kind.FREQUENCY: Shape("quantity_at_most", windows=frozenset({"day"}), is_number=True),
    Kind.CYCLE: Shape(
        "count_at_most", windows=frozenset(f"{days}d" for days in range(2, 366)), is_number=True
    ),
}


class RefusedError(Exception):
    """What is wrong with a row, in words for who sent it."""


@dataclass(frozen=True)
class Row:
    """One understood row: the columns of a point. `sure`: whether a hit can be a plain breach."""

    batch: int
    seq: int
    kind: str
    subject: str
    code: str
    name: str
    value: str
    text: str
    unit: str
    window: str
    pair_code: str
    pair_name: str
    ground: str
    ground_source: str
    caveat: str
    sure: bool

    @property
    def columns(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def by(self) -> str:
        """By what the published counts part a kind: the value, of what is counted the window."""
        counted = self.kind in {Kind.COURSE, Kind.DUPLICATE, Kind.FREQUENCY, Kind.CYCLE}
        return self.window if counted else self.value


def understood(cells: Mapping[str, str]) -> Row:
    """Raises RefusedError with the reason."""
    cells = {name: cell.strip() for name, cell in cells.items()}
    kind = _kind(cells["rule_kind"])
    _check_limit(kind, cells)
    subject = cells["subject"]
    if subject not in SUBJECTS:
        raise RefusedError("对象应为 drug（药品）或 service（诊疗项目）")
    if not _CODES[subject].fullmatch(cells["item_code"]):
        raise RefusedError(_CODE_TOLD[subject])
    if not cells["item_name"]:
        raise RefusedError("没有项目名称")
    if kind == Kind.DUPLICATE:
        _check_pair(cells)
    return Row(
        batch=_number(cells["batch"], "批次"),
        seq=_number(cells["seq"], "序号", most=999_999),
        kind=kind.value,
        subject=subject,
        code=cells["item_code"],
        name=cells["item_name"],
        value=cells["limit_value"],
        text=cells["limit_text"],
        unit=cells["unit"],
        window=cells["window"],
        pair_code=cells["pair_code"],
        pair_name=cells["pair_name"],
        ground=cells["legal_ground"],
        ground_source=cells["ground_source"],
        caveat=cells["caveat"],
        sure=is_sure(kind, cells["window"], cells["caveat"]),
    )


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        known = "、".join(kind.value for kind in Kind)
        raise RefusedError(f"没有规则类别“{text[:20]}”，可填：{known}") from None


def _check_limit(kind: Kind, cells: Mapping[str, str]) -> None:
    shape, value, window = SHAPES[kind], cells["limit_value"], cells["window"]
    if cells["limit_kind"] != shape.limit_kind:
        told = cells["limit_kind"][:20]
        raise RefusedError(f"限定方式“{told}”与类别不符，应为 {shape.limit_kind}")
    if window not in shape.windows:
        raise RefusedError(f"时间范围“{window[:20]}”看不懂")
    if not value:
        raise RefusedError("没有限定值，请按类别填写")
    if shape.values is not None and value not in shape.values:
        told = "、".join(sorted(shape.values))
        raise RefusedError(f"限定值“{value[:20]}”看不懂，可填：{told}")
    if shape.is_number and not _WHOLE.fullmatch(value):
        raise RefusedError(f"限定值“{value[:20]}”应为整数")


def _check_pair(cells: Mapping[str, str]) -> None:
    pair = cells["pair_code"]
    if cells["limit_value"] != pair:
        raise RefusedError("被包含项目与限定值不是同一编码")
    if not any(code.fullmatch(pair) for code in _CODES.values()):
        raise RefusedError("被包含项目的编码看不懂")
    if pair == cells["item_code"]:
        raise RefusedError("项目不能包含它自己")
    if not cells["pair_name"]:
        raise RefusedError("没有被包含项目的名称")


def _number(text: str, title: str, most: int = 999) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
        raise RefusedError(f"“{title}”应为 1 到 {most} 的整数")
    return int(text)
