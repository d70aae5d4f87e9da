"""How a name is found by its sound: pinyin and initials. Pure."""

from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

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


def spell(name: str) -> Spelling:
    """The spelling of a Chinese (or Latin) name, cut to what the columns hold."""
    name = "".join(name.split())
    sounds = lazy_pinyin(name, style=Style.NORMAL)
    if name and name[0] in SURNAMES:
        sounds[0] = SURNAMES[name[0]]
    letters = ["".join(c for c in sound.lower() if c.isascii() and c.isalnum()) for sound in sounds]
    return Spelling("".join(letters)[:120], "".join(s[0] for s in letters if s)[:20])
