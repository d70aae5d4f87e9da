"""The columns of a register: what they are called, and which row of a sheet is the header. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Column:
    """`title` stands in the template; `others` are names that townships use for it.

    `shared`: one value for the whole household; an empty or merged cell takes the one above it.
    """

    name: str
    title: str
    others: tuple[str, ...] = ()
    shared: bool = False


COLUMNS = (
    Column("village", "村", ("村组", "村名", "行政村", "所在村", "村社区", "村居", "社区"), True),
    Column("group", "组", ("村民小组", "组别", "小组", "社", "组社"), True),
    Column("household_number", "户编号", ("户号", "家庭编号", "家庭编码", "医疗证号"), True),
    Column("household_key", "户序号", ("家庭序号", "户次", "新户序号"), True),
    Column("name", "姓名", ("参保人姓名", "成员姓名", "参合人姓名", "参保人")),
    Column(
        "resident_id",
        "身份证号",
        ("身份证号码", "公民身份号码", "公民身份证号码", "证件号码", "身份证", "证件号"),
    ),
    Column("relationship", "与户主关系", ("家庭关系", "关系", "与户主的关系", "户主关系")),
    Column("sex", "性别"),
    Column("birth_date", "出生日期", ("出生年月日", "出生年月", "生日")),
    Column("residence", "户籍", ("户口性质", "户籍性质", "户口类别", "户籍类别")),
    Column("statuses", "人员身份", ("身份", "身份类别", "人员类别", "特殊人群", "参保身份")),
    Column("tier", "缴费档次", ("档次", "参保档次", "缴费标准"), True),
    Column("joins", "是否参保", ("参保", "是否参合", "参合", "缴费情况")),
    Column("amount", "个人缴费", ("缴费金额", "金额", "个人缴费额", "缴费额", "实缴金额")),
    Column("receipt_book", "票据本号", ("收据本号", "票据本"), True),
    Column("receipt_number", "票号", ("票据号", "收据号", "票据号码", "收据号码"), True),
    Column("phone", "联系电话", ("电话", "手机", "手机号", "手机号码", "电话号码"), True),
    Column("address", "住址", ("家庭住址", "地址", "家庭地址", "详细地址"), True),
)
NAMES = tuple(column.name for column in COLUMNS)
TITLES = {column.name: column.title for column in COLUMNS}
SHARED = tuple(column.name for column in COLUMNS if column.shared)
REQUIRED = ("name", "resident_id", "relationship")
# A title row, a line of instructions and a blank line may stand above the header.
HEADER_WITHIN = 15
_NOISE = re.compile(r"（[^）]*）|\([^)]*\)|【[^】]*】|\[[^\]]*\]|[\s*＊:：、/\\\u200b\ufeff]+")


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of table and which of them must be there.

    `module` and `name` let the child process find it again: `module.LAYOUTS[name]`.
    """

    module: str
    name: str
    columns: tuple[Column, ...]
    required: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        return {column.name: column.title for column in self.columns}

    @cached_property
    def by_title(self) -> Mapping[str, str]:
        return {
            title: column.name
            for column in self.columns
            for title in (column.title, *column.others)
        }

    @property
    def address(self) -> str:
        return f"{self.module}:{self.name}"


REGISTER = Layout("enrollment.rosters.columns", "register", COLUMNS, REQUIRED)
LAYOUTS = {"register": REGISTER}


def column_of(title: str, layout: Layout = REGISTER) -> str | None:
    """The column that a header cell means, or None: `* 身份证号码（18位）` → `resident_id`."""
    return layout.by_title.get(_NOISE.sub("", title[:60]))


@dataclass(frozen=True)
class Header:
    """Where the columns stand. `places`: column name → index in the row."""

    places: dict[str, int]
    problems: tuple[str, ...]
    required: tuple[str, ...] = REQUIRED

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.required if name not in self.places)


def read_header(row: Sequence[str], layout: Layout = REGISTER) -> Header | None:
    """The row as a header; None when it is not one (too few known titles)."""
    places: dict[str, int] = {}
    problems = []
    for index, cell in enumerate(row):
        name = column_of(cell, layout) if cell else None
        if name is None:
            continue
        if name in places:
            problems.append(
                f"有两列都是“{layout.titles[name]}”（第 {places[name] + 1}、{index + 1} 列），"
                "请删去或改名其中一列"
            )
        else:
            places[name] = index
    if len(places) < min(3, len(layout.required)):
        return None
    return Header(places, tuple(problems), layout.required)
