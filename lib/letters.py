"""Letters that look alike folded to one, and those that nobody can read named. Pure.

Texts come from registers, PDF files, chats and Word: with marks that take no room, with radicals
in place of the characters that look the same, with private characters that only one computer
shows. `fold` lets what is equal for the eye be equal; `odd` names the letter that remains.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

# What nearly every text consists of: nothing of it is folded, nothing is odd.
ORDINARY = re.compile(
    "[ -~\u00b7\u2014\u2018-\u201d\u2026\u3001-\u3007\u3400-\u4dbf\u4e00-\u9fff"
    "\uff01-\uff0f\uff1a-\uff1f]*"
)
UNWRAPPED = re.compile(r'\s*=\s*"(.*)"\s*', re.DOTALL)  # how spreadsheets are told to keep digits
# Radicals that stand for no character of their own in the tables of the standard: U+2E80 and on.
# (EquivalentUnifiedIdeograph of the Unicode character database; "　" is not assigned.)
RADICALS = (
    "冫厂乛乚乙亻冂几刀刂卜㔾小小兀尣尢尢巳幺彑彐忄㣺扌攵　旡日月歺母民氵氺灬爫爫丬牛犭王疋罒"
    "示礻竹糹纟罓罒㓁罒罒羊羊羊耂肀聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨"
    "青韦页风飞食食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
FIRST_RADICAL = 0x2E80
# Blocks whose letters stand for others wherever they are typed: radicals, Hangzhou tens,
# compatibility ideographs, ligatures of Latin letters.
STAND_INS = (
    (0x2F00, 0x2FD5), (0x3038, 0x303A), (0xF900, 0xFAFF), (0xFB00, 0xFB06), (0x2F800, 0x2FA1F),
)  # fmt: skip
# Marks without width that are not of the category of format marks: selectors, joiners, fillers.
NO_WIDTH = (
    (0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180F), (0x034F, 0x034F),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x3164, 0x3164), (0xFFA0, 0xFFA0),
)  # fmt: skip
# Breaks that other programs paste (Word's soft break is U+000B): a blank in what is one line here.
BREAKS = "\t\x0b\x0c\x85\u2028\u2029"
ASCII_WIDTH = 0xFEE0  # from a full-width letter to the plain one
# Planes 2 and 3 hold ideographs only, also those that this program's tables do not know yet.
IDEOGRAPHS = (0x20000, 0x3FFFD)
# Places of old GBK fonts that GB 18030-2005 and -2022 gave to characters, where the codec does not.
LATER = "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864"
ASSIGNED_LATER = "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7"
ASSIGNED_LATER += "\u9fb8\U0002298f\u9fb9\u9fba\U000241fe\u9fbb"
NAMED = {
    0x00: "空字符",
    0x0B: "从 Word 粘贴的换行",
    0x1B: "终端控制符",
    0xFFFC: "粘贴时丢失的图片",
    0xFFFD: "转换编码时已丢失的字",
}


LOST = "\ufffd"
UNREAD = {"Cc": "是看不见的控制符", "Cs": "是残缺的字", "Cn": "不是任何字"}


def _within(code: int, blocks: Sequence[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in blocks)


def _fold_one(code: int) -> int | str | None:
    letter = chr(code)
    if letter in BREAKS or unicodedata.category(letter) == "Zs":
        return " "
    if unicodedata.category(letter) == "Cf" or _within(code, NO_WIDTH):
        return None
    if 0 <= code - FIRST_RADICAL < len(RADICALS):
        return RADICALS[code - FIRST_RADICAL].strip("　") or letter
    if _within(code, STAND_INS):
        return unicodedata.normalize("NFKC", letter)
    if _within(code, ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))):
        return code - ASCII_WIDTH
    return code


class _Folded(dict[int, int | str | None]):
    """Fills itself with what each letter becomes, as texts bring them."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = folded = _fold_one(code)
        return folded


_FOLDED = _Folded()


def is_ordinary(text: str) -> bool:
    """Nothing in the text is folded, and nothing in it is odd."""
    return ORDINARY.fullmatch(text) is not None and "=" not in text


def fold(text: str) -> str:
    """The text as the eye sees it: marks without width gone, radicals and compatibility letters
    replaced by the characters they look like, full-width letters and digits narrow, `="…"`
    unwrapped, every blank and every end of a line of one kind. Chinese punctuation stays."""
    if ORDINARY.fullmatch(text) and text[:1] != "=":
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text).translate(_FOLDED)
    wrapped = UNWRAPPED.fullmatch(text)
    return wrapped[1].replace('""', '"') if wrapped else text


@cache
def _standard() -> dict[str, str]:
    """Private characters of old GBK fonts (U+E815 and on) → the standard ones of their places."""
    places = (code for code in range(0x50, 0xA1) if code != 0x7F)
    letters = (bytes((0xFE, place)).decode("gb18030") for place in places)
    found = {chr(0xE815 + index): letter.translate(_FOLDED) for index, letter in enumerate(letters)}
    return found | dict(zip(LATER, ASSIGNED_LATER, strict=True))


@cache
def _oddness(letter: str) -> str:
    """Why nobody can read this letter; "" when somebody can."""
    code, category = ord(letter), unicodedata.category(letter)
    if code in NAMED:
        return f"是{NAMED[code]}"
    if category == "Co":
        meant = _standard().get(letter)
        return "是自造字，别的电脑显示不出" + (f"，可能是“{meant}”" if meant else "")
    if category == "Nd" and not letter.isascii():
        return f"不是通用的数字（应写 {unicodedata.digit(letter)}）"
    if letter in "\n\r\t" or IDEOGRAPHS[0] <= code <= IDEOGRAPHS[1]:
        return ""
    return UNREAD.get(category, "")


def odd(text: str) -> str:
    """The first letter that nobody can read, by its place and number, and what to do; "" if none.

    Begins with 第: the caller puts the name of the field before it.
    """
    if ORDINARY.fullmatch(text):
        return ""
    for place, letter in enumerate(text, start=1):
        if why := _oddness(letter):
            return f"第 {place} 个字（{number_of(letter)}）{why}，请删去后重新输入"
    return ""


class _Legible(dict[int, int | str]):
    """What each letter becomes where a program that opens files may stumble over it."""

    def __missing__(self, code: int) -> int | str:
        letter = chr(code)
        found: int | str = code
        if letter in BREAKS and letter != "\t":
            found = " "
        elif unicodedata.category(letter) in UNREAD and _oddness(letter):
            found = LOST
        self[code] = found
        return found


_LEGIBLE = _Legible()


def legible(text: str) -> str:
    """A stored text for a file that leaves: control letters and what is no letter become �.

    The doors refuse them since; rows that were written before stay as they are.
    """
    if ORDINARY.fullmatch(text):
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_LEGIBLE)


def number_of(letter: str) -> str:
    """U+000B: how a letter is named that may not be shown."""
    return f"U+{ord(letter):04X}"
