"""How a name is found by its sound: pinyin and initials. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT

HAN = re.compile("[\u3400-\u9fff]+")
# Characters that sound different as a surname; a dictionary of words reads them wrongly.
SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "覃": "qin",
    "任": "ren",
    "盖": "ge",
    "华": "hua",
    "尹": "yin",
    "尉": "wei",
    "缪": "miao",
    "冼": "xian",
    "乐": "yue",
    "翟": "zhai",
    "牟": "mou",
    "晁": "chao",
    "逄": "pang",
    "黑": "he",
    "盛": "sheng",
    "种": "chong",
    "褚": "chu",
    "洗": "xian",
}


@dataclass(frozen=True)
class Spelling:
    """Lower case, no blanks: `zengxiaomei` and `zxm`."""

    pinyin: str
    initials: str


@lru_cache(maxsize=20_000)
def _sound(character: str) -> str:
    """One character by itself, lower case and plain letters."""
    return _plain("".join(lazy_pinyin(character, style=Style.NORMAL)))


def _plain(sound: str) -> str:
    return "".join(c for c in sound.lower() if c.isascii() and c.isalnum())


def _is_phrase(name: str) -> bool:
    """Whether any part of the name is a word, which may sound different from its characters."""
    length = len(name)
    for start in range(length - 1):
        for end in range(start + 2, length + 1):
            if name[start:end] in PHRASES_DICT:
                return True
    return False


def spell(name: str) -> Spelling:
    """The spelling of a Chinese (or Latin) name, cut to what the columns hold."""
    name = "".join(name.split())
    if HAN.fullmatch(name) and not _is_phrase(name):
        # Nearly always, and far faster: registers spell hundreds of thousands of names.
        sounds = [_sound(character) for character in name]
    else:
        sounds = [_plain(one) for one in lazy_pinyin(name, style=Style.NORMAL)]
    if name and name[0] in SURNAMES:
        sounds[0] = SURNAMES[name[0]]
    return Spelling("".join(sounds)[:120], "".join([s[0] for s in sounds if s])[:20])
