"""The numbers that people are known by: resident ids, and what they bear before or instead."""

import re
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
    PASSPORT = "passport", "护照"
    HK_MACAU_PERMIT = "hk_macau_permit", "港澳居民来往内地通行证"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
    FOREIGN_RESIDENCE = "foreign_residence", "外国人永久居留身份证"
    NONE = "none", "无（登记已注销）"


# What the number looks like, and how to say so.
SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    NumberKind.BIRTH_CERTIFICATE: (re.compile(r"[A-Z][0-9]{9}"), "一位字母加 9 位数字"),
    NumberKind.PASSPORT: (re.compile(r"[A-Z]{1,2}[0-9]{7,8}"), "1 至 2 位字母加 7 至 8 位数字"),
    NumberKind.HK_MACAU_PERMIT: (
        re.compile(r"[HM][0-9]{8}([0-9]{2})?"),
        "H 或 M 加 8 位或 10 位数字",
    ),
    NumberKind.TAIWAN_PERMIT: (re.compile(r"[0-9]{8}"), "8 位数字"),
    NumberKind.FOREIGN_RESIDENCE: (re.compile(r"[A-Z]{3}[0-9]{12}"), "3 位字母加 12 位数字"),
}


@dataclass(frozen=True)
class Number:
    """A checked number. Sex and birth date are known from a resident id only."""

    kind: str
    text: str
    sex: str = ""
    birth_date: date | None = None

    @property
    def index(self) -> str:
        return blind_index(self.kind, self.text)


def plain(text: str) -> str:
    """As typed, without blanks, dashes and full-width digits; letters large."""
    return typed_text.number(text)


def read_number(kind: str, text: str, *, on: date, field: str = "number") -> Number:
    """Check a number of the kind. Raises Refusal naming the field."""
    if kind == NumberKind.RESIDENT_ID:
        try:
            identity = parse(text, on)
        except ResidentIdError as error:
            raise Refusal(str(error), field) from None
        return Number(kind, identity.number, identity.sex, identity.birth_date)
    if kind not in SHAPES:
        raise Refusal("请选择证件类型", "kind")
    shape, said = SHAPES[kind]
    number = plain(text)
    if not shape.fullmatch(number):
        raise Refusal(f"{NumberKind(kind).label}号码应为{said}，请对照证件核对", field)
    return Number(kind, number)


def indexes_of(text: str) -> list[str]:
    """Blind indexes under which somebody with this number may stand; none for what is none."""
    number = plain(text)
    found = [
        blind_index(kind, number) for kind, (shape, _) in SHAPES.items() if shape.fullmatch(number)
    ]
    if re.fullmatch(r"[0-9]{14,17}[0-9X]", number):
        try:
            found.append(blind_index(NumberKind.RESIDENT_ID, parse(number, date.max).number))
        except ResidentIdError:
            return found  # it can still be a household's number
    return found


def household_prefix(division_code: str) -> str:
    """The 12 digits that the numbers (户编号) of a village's or group's households begin with.

    County 6, then two digits each for township, village and group.
    """
    code = division_code.ljust(14, "0")
    return code[:6] + code[7:9] + code[10:12] + code[12:14]


def household_number(prefix: str, serial: int) -> str:
    """16 digits: the place's prefix and four of its own."""
    return f"{prefix}{serial:04d}"
