"""What people type into a register's cells, understood. Pure: text in, value or problem out."""

from dataclasses import dataclass
from functools import lru_cache

from lib import typed_text
from lib.typed_text import plain, text_cell

ERROR, WARNING = "error", "warning"

RELATIONSHIPS = {
    "0": "户主 本人 户主本人",
    "1": "配偶 妻 妻子 丈夫 夫 老伴 爱人",
    "2": "子 儿子 儿 独生子 长子 次子 二子 三子 四子 五子 养子 继子",
    "3": "女 女儿 独生女 长女 次女 二女 三女 四女 五女 养女 继女",
    "4": "孙辈 孙 孙子 孙女 外孙 外孙子 外孙女 孙子女 曾孙 曾孙女",
    "5": "父母 父 母 父亲 母亲 岳父 岳母 公公 婆婆 公公婆婆 继父 继母 养父 养母",
    "6": "祖父母 祖父 祖母 爷爷 奶奶 外祖父 外祖母 外公 外婆 曾祖父 曾祖母",
    "7": "兄弟姐妹 兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 哥 兄弟 姐妹",
    "8": "其他 其它 其他亲属 非亲属 儿媳 女婿 侄子 侄女 外甥 外甥女 媳妇 寄养",
}
RESIDENCES = {
    "rural": "农村户籍 农村 农业 农业户口 农业户籍 农村户口 本县农村户籍 本县农村 农",
    "urban": "城镇户籍 城镇 非农业 非农 非农业户口 城镇户口 城镇居民 本县城镇户籍 居民户口 城",
    "outside": "外县籍(持居住证) 外县籍 外县籍持居住证 外县 外地 外地户籍 居住证 持居住证",
}


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {plain(word): code for code, text in words.items() for word in text.split()}


_RELATIONSHIP = _by_word(RELATIONSHIPS) | {code: code for code in RELATIONSHIPS}
_RESIDENCE = _by_word(RESIDENCES)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row and how to mend it. `level`: ERROR stops it, WARNING does not."""

    level: str
    field: str
    message: str


@lru_cache(maxsize=4096)
def relationship(text: str) -> str | None:
    """A digit of GB/T 4761, or None for a word that is not known."""
    return _RELATIONSHIP.get(plain(text_cell(text)))


@lru_cache(maxsize=1024)
def residence(text: str) -> str | None:
    """A key of Person.Residence, "" for an empty cell, None for an unknown word."""
    return _RESIDENCE.get(plain(text)) if text else ""


@lru_cache(maxsize=1024)
def tier(text: str, names: tuple[tuple[str, str], ...]) -> str | None:
    """The key of a tier by its name or number: `names` are (key, name) pairs of the measures."""
    word = plain(text).removeprefix("第").removesuffix("档").removesuffix("级")
    word = {"一": "1", "二": "2", "三": "3", "四": "4", "甲": "1", "乙": "2"}.get(word, word)
    for number, (key, name) in enumerate(names, start=1):
        short = plain(name).removesuffix("档")
        if word in {str(number), plain(key), short} or plain(text) == plain(name):
            return key
    return None


def sex(text: str) -> str | None:
    """ "1" male, "2" female, "" for an empty cell, None otherwise."""
    return {"": "", "男": "1", "女": "2", "1": "1", "2": "2", "男性": "1", "女性": "2"}.get(
        plain(text)
    )


def household_number(text: str) -> str | None:
    """16 digits, "" for an empty cell, None otherwise. A certificate number (18) starts with it."""
    digits = typed_text.number(text)
    if not digits:
        return ""
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return digits[:16] if len(digits) in {16, 18} else None


def receipt_number(text: str) -> int | None:
    """The number on a receipt, also as `LS01-00000012`; None when it is none."""
    digits = plain(text_cell(text)).rpartition("-")[2].removeprefix("no").strip(".:№")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 8 else None
