"""What people type into a register's cells, understood. Pure: text in, value or problem out."""

from dataclasses import dataclass
from functools import lru_cache

from lib import typed_text
from lib.typed_text import plain, text_cell

ERROR, WARNING, NOTE = "error", "warning", "note"

# GB/T 4761-2008 by its first digit, in the words of registers. A daughter-in-law is 38, a
# son-in-law 28: the standard counts them among daughters and sons.
RELATIONSHIPS = {
    "0": "户主 本人 户主本人",
    "1": "配偶 妻 妻子 丈夫 夫 老伴 爱人",
    "2": "子 儿子 儿 独生子 长子 次子 二子 三子 四子 五子 六子 七子 大儿子 二儿子 三儿子 小儿子"
    " 幼子 养子 继子 养子或继子 女婿 婿 长女婿 次女婿 入赘女婿 上门女婿 其他儿子",
    "3": "女 女儿 独生女 长女 次女 二女 三女 四女 五女 六女 七女 大女儿 二女儿 三女儿 小女儿 幼女"
    " 养女 继女 养女或继女 儿媳 儿媳妇 儿妇 长媳 次媳 其他女儿",
    "4": "孙辈 孙 孙子 孙女 外孙 外孙子 外孙女 孙子女 外孙子女 长孙 次孙 孙儿 孙媳 孙媳妇 外孙媳妇"
    " 孙女婿 外孙女婿 曾孙 曾孙子 曾孙女 外曾孙 外曾孙子 外曾孙女 重孙 重孙子 重孙女 玄孙",
    "5": "父母 父 母 父亲 母亲 岳父 岳母 岳父母 公公 婆婆 公公婆婆 公婆 家公 家婆 丈人 丈母 丈母娘"
    " 继父 继母 养父 养母 继父或养父 继母或养母 公爹",
    "6": "祖父母 祖父 祖母 爷爷 奶奶 外祖父 外祖母 外祖父母 外公 外婆 姥爷 姥姥 曾祖父 曾祖母"
    " 配偶的祖父母 配偶祖父母 太爷爷 太奶奶",
    "7": "兄弟姐妹 兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 哥 兄长 兄弟 姐妹 嫂 嫂子 嫂嫂 弟媳 弟媳妇 弟妹"
    " 弟妇 姐夫 妹夫",
    "8": "其他 其它 其他亲属 非亲属 其他非亲属 寄养 寄居 伯父 伯母 叔父 叔叔 叔母 婶母 婶婶 婶"
    " 伯 叔 舅父 舅舅 舅母 舅妈 姨父 姨夫 姨母 姨妈 姑父 姑夫 姑母 姑妈 姑姑 堂兄 堂弟 堂姐 堂妹"
    " 堂兄弟 堂姐妹 堂兄弟姐妹 表兄 表弟 表姐 表妹 表兄弟 表姐妹 表兄弟姐妹 侄 侄子 侄儿 侄女"
    " 侄媳 侄媳妇 侄女婿 侄孙 侄孙女 外甥 外甥女 外甥子 甥 甥女 亲家 保姆 徒弟",
}
RESIDENCES = {
    "rural": "农村户籍 农村 农业 农业户口 农业户籍 农村户口 本县农村户籍 本县农村 农",
    "urban": "城镇户籍 城镇 非农业 非农 非农业户口 城镇户口 城镇居民 本县城镇户籍 居民户口 城",
    "outside": "外县籍(持居住证) 外县籍 外县籍持居住证 外县 外地 外地户籍 居住证 持居住证",
}


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {plain(word): code for code, text in words.items() for word in text.split()}


# Also by the standard's own numbers of two digits: 38 is a daughter-in-law. 10 to 12 are spouses,
# 80 to 99 all the others.
_RELATIONSHIP = (
    _by_word(RELATIONSHIPS)
    | {code: code for code in RELATIONSHIPS}
    | {f"{number}": min(f"{number}"[0], "8") for number in range(10, 100)}
)
_RESIDENCE = _by_word(RESIDENCES)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row and how to mend it. `level`: ERROR stops it, WARNING does not.

    A NOTE is said of a row that is right: of those nobody has to look at.
    """

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
