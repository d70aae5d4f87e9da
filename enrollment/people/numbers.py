"""The numbers that people are known by: one table of documents, and how each is read.

A row says what the number looks like and how to say so; kinds that follow GB 11643 (18 digits, the
last a check character) tell sex and birth date, of all others these are asked.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.db import models

from accounts.errors import Refusal
from accounts.fields import blind_index
from lib import typed_text
from lib.resident_id import ResidentIdError, parse


class NumberKind(models.TextChoices):
    RESIDENT_ID = "resident_id", "居民身份证"
    BIRTH_CERTIFICATE = "birth_certificate", "出生医学证明"
    HMT_RESIDENCE = "hmt_residence", "港澳台居民居住证"
    FOREIGN_RESIDENCE = "foreign_residence", "外国人永久居留身份证"
    PASSPORT = "passport", "护照"
    HK_MACAU_PERMIT = "hk_macau_permit", "港澳居民来往内地通行证"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
    OFFICER = "officer", "军官证（警官证）"
    SOLDIER = "soldier", "士兵证"
    NONE = "none", "无（登记已注销）"


@dataclass(frozen=True)
class Document:
    """`shape`: the whole number, folded; None where it always follows GB 11643. `begins`: what 18
    digits after GB 11643 begin with when the document bears them, () when it never does."""

    shape: re.Pattern[str] | None
    said: str
    begins: tuple[str, ...] = ()


_MILITARY = re.compile(r"[\u4e00-\u9fff]{1,4}字第[0-9]{4,8}号")
_MILITARY_SAID = "“某字第”、4 至 8 位数字和“号”，如 南字第01234567号"
_CITIZEN = (*"01234567", "80", *(f"8{digit}" for digit in range(4, 10)))
DOCUMENTS: Mapping[str, Document] = {
    NumberKind.RESIDENT_ID: Document(None, "18 位数字，末位可为 X", _CITIZEN),
    NumberKind.BIRTH_CERTIFICATE: Document(re.compile(r"[A-Z][0-9]{9}"), "一位字母加 9 位数字"),
    # 国办发〔2018〕81号: 18 digits, address codes 810000 (香港), 820000 (澳门), 830000 (台湾).
    NumberKind.HMT_RESIDENCE: Document(None, "81、82 或 83 开头的 18 位号码", ("81", "82", "83")),
    # 国家移民管理局, 2023 版: 9, province, country, birth, order, MOD 11-2; before that 3 letters.
    NumberKind.FOREIGN_RESIDENCE: Document(
        re.compile(r"[A-Z]{3}[0-9]{12}"), "9 开头的 18 位号码，旧版为 3 位字母加 12 位数字", ("9",)
    ),
    NumberKind.HK_MACAU_PERMIT: Document(
        re.compile(r"[HM][0-9]{8}([0-9]{2})?"), "H 或 M 加 8 位或 10 位数字"
    ),
    # Eight digits since 2015; booklets before bore ten and a letter.
    NumberKind.TAIWAN_PERMIT: Document(
        re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?"), "8 位数字，旧版为 10 位数字，可带一位字母"
    ),
    NumberKind.OFFICER: Document(_MILITARY, _MILITARY_SAID),
    NumberKind.SOLDIER: Document(_MILITARY, _MILITARY_SAID),
    # Last, for its shape takes others' numbers too. ICAO 9303 leaves numbers to the states:
    # Myanmar MB123456, USA nine digits, Korea M123A4567.
    NumberKind.PASSPORT: Document(
        re.compile(r"(?=.*[0-9])[A-Z0-9]{5,15}"), "5 至 15 位字母和数字，且至少有一位数字"
    ),
}
_BY_BEGINNING = {start: kind for kind, one in DOCUMENTS.items() for start in one.begins}
_SHAPES = {kind: one.shape for kind, one in DOCUMENTS.items() if one.shape is not None}
_ANY_SHAPE = re.compile("|".join(f"(?:{shape.pattern})" for shape in _SHAPES.values()))
_STANDARD = re.compile(r"[0-9]{14,17}[0-9X]")
_BRACKETS = str.maketrans("", "", "()（）")


@dataclass(frozen=True)
class Number:
    """A checked number. Sex and birth date are known from 18 digits after GB 11643 only."""

    kind: str
    text: str
    sex: str = ""
    birth_date: date | None = None

    @property
    def index(self) -> str:
        """Numbers after GB 11643 are one space: who bears one has it once, whatever the card."""
        return blind_index(NumberKind.RESIDENT_ID if self.birth_date else self.kind, self.text)


def plain(text: str) -> str:
    """As typed, without blanks, dashes, brackets and full-width digits; letters large."""
    return typed_text.number(text).translate(_BRACKETS)


def _standard(text: str, on: date) -> Number:
    """A number after GB 11643 under the kind that its beginning says. Raises ResidentIdError."""
    one = parse(text, on)
    kind = _BY_BEGINNING.get(one.number[:1]) or _BY_BEGINNING[one.number[:2]]
    return Number(kind, one.number, one.sex, one.birth_date)


def read_number(kind: str, text: str, *, on: date, field: str = "number") -> Number:
    """Check a number of the kind. Raises Refusal naming the field.

    18 digits that begin as another card's say the kind themselves where a resident id was chosen.
    """
    about = DOCUMENTS.get(kind)
    if about is None:
        raise Refusal("请选择证件类型", "kind")
    number = plain(text)
    label = NumberKind(kind).label
    if about.shape is not None and about.shape.fullmatch(number):
        return Number(kind, number)
    if not about.begins or (about.shape is not None and len(number) != 18):
        raise Refusal(f"{label}号码应为{about.said}，请对照证件核对", field)
    try:
        found = _standard(number, on)
    except ResidentIdError as error:
        told = str(error)
        if kind != NumberKind.RESIDENT_ID:
            told = f"{label}号码应为{about.said}：{told.replace('身份证号', '证件号码')}"
        raise Refusal(told, field) from None
    if kind not in {NumberKind.RESIDENT_ID, found.kind}:
        raise Refusal(f"{label}号码应为{about.said}，请对照证件核对", field)
    return found


def indexes_of(text: str) -> list[str]:
    """Blind indexes under which somebody with this number may stand; none for what is none.

    The likeliest first: 18 digits, then the shapes in the table's order.
    """
    number = plain(text)
    found = []
    if _STANDARD.fullmatch(number):
        with suppress(ResidentIdError):  # it can still be a household's number, or a passport's
            found.append(_standard(number, date.max).index)
    if not _ANY_SHAPE.fullmatch(number):
        return found  # nearly every number
    return found + [
        blind_index(kind, number) for kind, shape in _SHAPES.items() if shape.fullmatch(number)
    ]


def meant_as_resident_id(text: str) -> bool:
    """Whether so many digits in a column of ids are a resident id, perhaps with a slip: passports
    of digits alone have nine."""
    return bool(re.fullmatch(r"[0-9]{9,}[0-9X]", plain(text)))


def household_prefix(division_code: str) -> str:
    """The 12 digits that the numbers (户编号) of a village's or group's households begin with.

    County 6, then two digits each for township, village and group.
    """
    code = division_code.ljust(14, "0")
    return code[:6] + code[7:9] + code[10:12] + code[12:14]


def household_number(prefix: str, serial: int) -> str:
    """16 digits: the place's prefix and four of its own."""
    return f"{prefix}{serial:04d}"
