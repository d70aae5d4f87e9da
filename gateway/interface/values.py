"""One value of a message: what was sent, made a str, Decimal, day or moment, or what is wrong."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Context, Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from gateway.interface.reading import Field

LOCAL = ZoneInfo("Asia/Shanghai")  # messages say the time of the wall clock
_EXACT = Context(prec=60)
# Line breaks and tabs may stand in a text; what else cannot be seen, and half a character, may not.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_YEARS = range(1900, 3000)  # an older or later one is a slip, and none can be reckoned with
_CODES_TOLD = 60  # characters of a dictionary that a message still tells
_LIST_ITEMS, _LIST_LENGTH = 200, 50
EMPTY: tuple[Any, ...] = ("", None, [], {})


class WrongValueError(ValueError):
    """What is wrong with a value and what to send instead: Chinese, to stand behind its name."""


def _text(field: Field, value: Any) -> str:
    """The text, of the dictionary where the field has one."""
    if type(value) is not str:
        raise WrongValueError("应为字符串，请加双引号后重发")
    if field.codes is not None:
        if value not in field.codes:
            raise WrongValueError(_codes_of(field))
        return value
    if len(value) > field.length and value not in field.beside:
        raise WrongValueError(f"最长 {field.length} 个字符，现为 {len(value)} 个，请缩短")
    if _UNSEEN.search(value):
        raise WrongValueError("含有看不见的控制字符或残缺字符，请去掉")
    return value


def _codes_of(field: Field) -> str:
    """What may stand in a coded field, as long as that is short."""
    told = "、".join(f"{code} {title}" for code, title in (field.codes or {}).items())
    if len(told) <= _CODES_TOLD:
        return f"不在字典内，应为：{told}"
    return f"不在字典内，请用【1901】查字典 {field.dictionary} 后改填"


def _digits(field: Field, value: Any) -> str:
    """A text of digits."""
    text = _text(field, value)
    if not (text.isascii() and text.isdecimal()):
        raise WrongValueError("只能是数字组成的字符串，请改正")
    return text


@cache
def _limits(whole: int, decimals: int) -> tuple[Decimal, Decimal]:
    """Where a number becomes too large, and its smallest step."""
    return Decimal(10) ** whole, Decimal(1).scaleb(-decimals)


def _number(field: Field, value: Any) -> Decimal:
    """The number, with as many decimals as the field has. Zeros behind them may be sent too."""
    if type(value) is str:
        if not _NUMBER.fullmatch(value):
            raise WrongValueError("应为数字（可带负号和小数点，不带千分号和指数），请改正")
    elif type(value) is not Decimal and type(value) is not int:
        raise WrongValueError("应为数字，请改正")
    number = Decimal(value)
    limit, step = _limits(field.whole, field.decimals)
    if not number.is_finite():
        raise WrongValueError("应为数字，请改正")
    if not -limit < number < limit:
        raise WrongValueError(f"过大，小数点前最多 {field.whole} 位，请核对")
    exact = number.quantize(step, context=_EXACT)
    if exact != number:
        least = f"最多 {field.decimals} 位小数" if field.decimals else "应为整数"
        raise WrongValueError(f"{least}，请改正")
    return exact if exact else abs(exact)


def _day(field: Field, value: Any) -> date:
    """A day: yyyy-MM-dd and nothing else."""
    if type(value) is not str or not _DAY.fullmatch(value):
        raise WrongValueError("应为日期 yyyy-MM-dd，如 2026-03-17")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise WrongValueError("没有这一天，应为 yyyy-MM-dd，如 2026-03-17") from None
    _in_range(day.year)
    return day


def _in_range(year: int) -> None:
    if year not in _YEARS:
        raise WrongValueError(f"年份应在 {_YEARS[0]} 至 {_YEARS[-1]} 之间，请核对")


def _moment(field: Field, value: Any) -> datetime:
    """A moment, local: yyyy-MM-dd HH:mm:ss.

    A bare day is refused: as the end of a span it would leave its own day out unseen.
    """
    if type(value) is not str or not _MOMENT.fullmatch(value):
        raise WrongValueError("应为时间 yyyy-MM-dd HH:mm:ss，如 2026-03-17 08:30:00")
    try:
        moment = datetime.fromisoformat(value).replace(tzinfo=LOCAL)
    except ValueError:
        raise WrongValueError("没有这个时间，应为 yyyy-MM-dd HH:mm:ss") from None
    _in_range(moment.year)
    return moment


def _either(field: Field, value: Any) -> datetime:
    """A moment, or a day for its midnight: fields printed as a date that are noted with a time."""
    if type(value) is str and _DAY.fullmatch(value):
        return datetime.combine(_day(field, value), time.min, tzinfo=LOCAL)
    return _moment(field, value)


def _list(field: Field, value: Any) -> list[str]:
    """A list of texts, the empty ones left out."""
    if type(value) is not list or not all(type(item) is str for item in value):
        raise WrongValueError("应为字符串的数组，请改正")
    if len(value) > _LIST_ITEMS or any(len(item) > _LIST_LENGTH for item in value):
        raise WrongValueError(f"最多 {_LIST_ITEMS} 项，每项最长 {_LIST_LENGTH} 个字符，请减少")
    if any(_UNSEEN.search(item) for item in value):
        raise WrongValueError("含有看不见的控制字符或残缺字符，请去掉")
    return [item for item in value if item and not item.isspace()]


def _file(field: Field, value: Any) -> bytes:
    """A file: base64, or the list of its bytes as some systems write them (-128 to 255)."""
    if type(value) is list:
        if not all(type(item) is int and -128 <= item <= 255 for item in value):
            raise WrongValueError("应为文件的 base64 文本，请改正")
        return bytes(item & 0xFF for item in value)
    if type(value) is not str:
        raise WrongValueError("应为文件的 base64 文本，请改正")
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise WrongValueError("应为文件的 base64 文本，请改正") from None


READ: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "digits": _digits,
    "number": _number,
    "date": _day,
    "datetime": _moment,
    "moment": _either,
    "list": _list,
    "file": _file,
}
