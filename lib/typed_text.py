"""What people type, folded and understood in one way. Pure: text in, value or None out.

Every door reads by this module: the inputs of forms, the cells of files, searches, comparisons of
one file with another, and keys. `lib.letters` says which letters are one and which nobody reads.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from lib.letters import fold, number_of, odd
from lib.money import to_fen

# An id that a spreadsheet holds as a number: 1.1010519491231E+17, or 16 and more digits with .0.
LOST_DIGITS = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+|[0-9]{15,}\.0")
LOST_SERIAL = "的流水号被表格改成了数字，末几位已丢失；请把该列设为文本后重新导出"
PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}")
DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( 00:00:00)?")
EIGHT_DIGITS = re.compile(r"[0-9]{8}")
SERIAL_DAY = re.compile(r"[1-9][0-9]{0,4}")
# Spreadsheets count days from here (their 29 February 1900 is past by any birth date that counts).
SERIAL_ORIGIN = date(1899, 12, 30)
# Nothing that the portal keeps happened before or is planned after; spreadsheets begin here too.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
OUT_OF_TIME = f"日期应在 {FIRST_DAY.year} 年至 {LAST_DAY.year} 年之间，请核对年份"
FULL_WIDTH_LATIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
# The dot between the parts of a name, as fonts, keyboards and PDF files give it.
DOTS = "·․‧•∙⋅●・･．｡。᛫⸱⸳ꞏ﹒·"
DOT = re.compile(rf"\s*[{DOTS}]+\s*")
HAN = "〇\u3005\u3400-\u4dbf\u4e00-\u9fff\ufa0e-\ufa29\U00020000-\U0003fffd"
HAN_NAME = re.compile(f"[{HAN}]+")
POINT_IN_NAME = re.compile(rf"(?<=[{HAN}])\s*\.\s*|\s*\.\s*(?=[{HAN}])")
BLANK_IN_NAME = re.compile(rf"(?<=[{HAN}·(])\s+|\s+(?=[{HAN}·()])")
CIRCLE = re.compile(rf"(?<=[{HAN}])[○◯⭕⚪]|[○◯⭕⚪](?=[{HAN}])")
QUOTES = str.maketrans(dict.fromkeys("‘’`´ʼ＇", "'"))
NAME_MARKS = " ·-'."
WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")
FIGURE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
POWER = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)[eE]([+-]?[0-9]{1,2})")
SHOWN = 20  # characters of what was typed that a message repeats
MAX_WHOLE_DIGITS = 12  # what numeric(14,2), the column of amounts, holds before the point
YES = frozenset("是 参保 已参保 续保 新参保 参合 y yes 1 √ ✓ ✔ 对".split())  # noqa: SIM905
NO = frozenset("否 不参保 未参保 不参合 停保 退保 n no 0 × ✗ x 不 无".split())  # noqa: SIM905


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Folded, brackets and signs made narrow too, blanks gone, lower case."""
    return "".join(fold(text).translate(FULL_WIDTH_LATIN).split()).lower()


def text_cell(text: str) -> str:
    """A cell as the eye sees it, without the apostrophe that marks text in spreadsheets."""
    text = fold(text)
    return text[1:].strip() if text[:1] in "'‘’＇" else text


def name(text: str) -> str:
    """A name in its one spelling: no blanks beside Chinese characters, one dot, one zero circle."""
    if HAN_NAME.fullmatch(text):
        return text  # nearly every name
    text = text_cell(text)
    if not text.isascii():
        text = DOT.sub("·", text.translate(FULL_WIDTH_LATIN).translate(QUOTES).translate(DASHES))
        text = CIRCLE.sub("〇", POINT_IN_NAME.sub("·", text))
        text = BLANK_IN_NAME.sub("", text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def letters(text: str) -> str:
    """What is left of a name when blanks, dots and all other signs are gone: who could be one
    person has the same."""
    return "".join(filter(str.isalnum, plain(name(text))))


def name_problem(text: str) -> str:
    """What stands in a name (as `name` gives it) and cannot belong there; "" when it is one.

    Begins with the place of the letter: the caller puts the name of the field before it.
    """
    if HAN_NAME.fullmatch(text):
        return ""
    if found := odd(text):
        return found
    for place, letter in enumerate(text, start=1):
        if not _in_names(letter):
            return (
                f"第 {place} 个字“{letter}”（{number_of(letter)}）不是汉字或拉丁字母，"
                "请按证件重新输入"
            )
    if text[:1] == "·" or text[-1:] == "·":
        return "的间隔号前后都应有字，请按证件补全"
    return ""


@lru_cache(maxsize=1024)
def _in_names(letter: str) -> bool:
    if HAN_NAME.fullmatch(letter) or letter in NAME_MARKS:
        return True
    return letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN ")


def words(text: str) -> str:
    """A name of a place or firm: signs and brackets narrow, one blank between words."""
    return " ".join(fold(text).translate(FULL_WIDTH_LATIN).split())


def number(text: str) -> str:
    """Digits and letters of a number as typed, without blanks, dashes and the text mark."""
    if text.isascii() and text.isalnum():
        return text.upper()  # nearly every number
    text = "".join(text_cell(text).translate(FULL_WIDTH_LATIN).translate(DASHES).split())
    return text.replace("-", "").upper() if text else ""


def phone(text: str) -> str | None:
    """A phone number, "" for an empty cell, None when it is none."""
    if not text:
        return ""
    digits = "".join(text_cell(text).translate(FULL_WIDTH_LATIN).translate(DASHES).split())
    digits = digits.removeprefix("+86")
    if digits.count("-") == 2 and digits[0] == "1":
        digits = digits.replace("-", "")
    return digits if PHONE.fullmatch(digits) else None


def written_day(text: str) -> date | None:
    """A date in any of the usual writings, within the years that the portal knows."""
    text = "".join(text_cell(text).translate(FULL_WIDTH_LATIN).split()[:1])
    found = DATE.fullmatch(text)
    parts = found.groups()[:3] if found else (text[:4], text[4:6], text[6:])
    if not found and not EIGHT_DIGITS.fullmatch(text):
        return None
    try:
        return _in_time(date(*map(int, parts)))
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def day(text: str) -> date | None:
    """A date of a file: as people write it, or as a spreadsheet's serial number."""
    serial = "".join(text_cell(text).split())
    if SERIAL_DAY.fullmatch(serial):
        return _in_time(SERIAL_ORIGIN + timedelta(days=int(serial)))
    return written_day(text)


def _in_time(found: date) -> date | None:
    return found if FIRST_DAY <= found <= LAST_DAY else None


def figure(text: str) -> str:
    """A number as programs read it: １，２００．５ → 1200.5. What is none stays; see
    `figure_problem`."""
    text = fold(text).translate(FULL_WIDTH_LATIN).translate(DASHES)
    text = text.replace("。", ".").strip()
    return text.replace(",", "") if GROUPED.fullmatch(text) else text


def figure_problem(text: str) -> str:
    """How to write the number that a text (as `figure` gives it) means to a program only; "" for
    a number, and for what means none."""
    if FIGURE.fullmatch(text):
        return ""
    shown = f"“{text[:SHOWN]}”"
    power = POWER.fullmatch(text)
    if power and abs(int(power[2])) <= MAX_WHOLE_DIGITS:
        return f"{shown}是科学记数法，请写成 {_spelled(power[1], int(power[2]))}"
    joined = text.replace("_", "")
    if "_" in text and FIGURE.fullmatch(joined):
        return f"{shown}里有下划线，请写成 {joined}"
    if len(text) == 1 and unicodedata.category(text) in {"No", "Nl"}:
        return f"{shown}是一个符号，请写成 {unicodedata.numeric(text):.4g}"
    return ""


def _spelled(digits: str, power: int) -> str:
    whole, _, rest = digits.partition(".")
    sign, whole = ("-", whole[1:]) if whole[0] == "-" else ("", whole.lstrip("+"))
    point = len(whole) + power
    letters = whole + rest
    letters = "0" * max(0, 1 - point) + letters + "0" * max(0, point - len(letters))
    point = max(point, 1)
    head, tail = letters[:point].lstrip("0") or "0", letters[point:].rstrip("0")
    return sign + head + (f".{tail}" if tail else "")


@lru_cache(maxsize=1024)
def amount(text: str) -> int | None:
    """Fen; None when it is no amount."""
    text = plain(text_cell(text)).strip("￥¥rmb").removesuffix("元").replace("。", ".")
    try:
        return to_fen(text.replace(",", "") if GROUPED.fullmatch(text) else text)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def yes_or_no(text: str) -> bool | None:
    """Whether the person joins; None when the cell says neither."""
    word = plain(text)
    return True if word in YES else False if word in NO else None


def serial(text: str) -> str | None:
    """A serial as it will be compared; "" for an empty cell, None when its digits are lost."""
    folded = "".join(text_cell(text).translate(FULL_WIDTH_LATIN).split()).upper()[:40]
    return None if LOST_DIGITS.fullmatch(folded) else folded


def without_stop(words: str) -> str:
    """A sentence that a paper goes on from or ends itself, whether who typed it ended it or not."""
    return words.rstrip("。．.；; ")
