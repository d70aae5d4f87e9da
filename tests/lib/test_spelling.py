"""Names are spelled fast; the fast way says what the dictionary says."""

import pytest
from pypinyin import Style, lazy_pinyin

from lib.spelling import HAN, SURNAMES, spell

NAMES = [
    a + b for a in "王李陈重长单曾" for b in ("小明", "长生", "重阳", "国强", "乐", "行知", "朝阳")
]


@pytest.mark.parametrize("name", [*NAMES, "欧阳春", "买买提·吐尔逊", "John Smith", "𠮷田"])
def test_the_fast_way_reads_like_the_dictionary(name: str) -> None:
    sounds = lazy_pinyin("".join(name.split()), style=Style.NORMAL)
    if name[0] in SURNAMES:
        sounds[0] = SURNAMES[name[0]]
    letters = "".join(c for c in "".join(sounds).lower() if c.isascii() and c.isalnum())
    assert spell(name).pinyin == letters


def test_a_word_in_the_name_is_read_as_a_word() -> None:
    assert spell("李长生").pinyin == "lichangsheng"
    assert spell("李长").initials == "lz"
    assert HAN.fullmatch("李长生")


def test_latin_names_have_one_initial() -> None:
    assert (spell("John Smith").pinyin, spell("John Smith").initials) == ("johnsmith", "j")
