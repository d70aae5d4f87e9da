"""One dictionary of identity words: rosters and departments' lists read a word in the same way."""

import pytest

from enrollment.cover.models import Enrollment
from enrollment.people.identities import code_of, identities, meant, statuses
from enrollment.people.models import LIVE_COVER, PENDING_COVER, IdentityStatus
from enrollment.status_lists.kinds import KINDS

# What villages wrote on rosters and what departments wrote on lists while each had words of its
# own; either side understood some that the other refused.
WORDS = {
    "wubao": "农村五保 五保 五保户 五保对象 特困 特困人员 特困供养 分散供养 民政特困供养人员",
    "dibao": "低保 低保户 低保对象 最低生活保障 城市低保 农村低保 城乡低保 低保重残重病",
    "preferential": "重点优抚 优抚 优抚对象 重点优抚对象 老复员军人",
    "severe_disability": "重度残疾(一、二级) 重度残疾 重残 一级残疾 二级残疾 重度残疾人 重残一级",
    "family_planning": "农村计生奖扶 计生 计生户 计生奖扶 计划生育 奖扶 计划生育奖励扶助对象",
    "low_income_elderly": "低收入老年人 低收入老人 低收入家庭老人",
    "poverty_monitoring": "防止返贫监测对象 防返贫监测对象 返贫监测 监测户 监测对象 脱贫监测户 "
    "脱贫不稳定户 边缘易致贫户 突发严重困难户 返贫致贫人口",
    "student": "在校学生 学生 在校生 大学生 中小学生",
}


@pytest.mark.parametrize("code", WORDS)
def test_a_word_means_the_same_on_a_roster_and_on_a_list(code: str) -> None:
    for word in WORDS[code].split():
        assert statuses(word) == (frozenset({code}), ()), word
        found = meant(word, frozenset({code}))
        assert found is not None and found[0] == code, word


def test_what_the_portal_shows_may_be_typed_back() -> None:
    for code, label in IdentityStatus.Code.choices:
        assert code_of(str(label)) == code, label


def test_a_category_is_told_only_by_its_own_name() -> None:
    """边缘易致贫户 is 7204; a village's 监测户 says the status and leaves the category open."""
    rural = frozenset({"poverty_monitoring"})
    assert meant("边缘易致贫户", rural) == ("poverty_monitoring", "7204")
    assert meant("监测户", rural) == ("poverty_monitoring", "")


def test_a_grade_alone_says_something_only_on_the_list_of_the_disabled() -> None:
    assert meant("一级", frozenset({"severe_disability"})) == ("severe_disability", "7069")
    assert meant("一级", frozenset({"dibao"})) is None
    assert statuses("一级") == (frozenset(), ("一级",))


def test_what_the_measures_do_not_know_is_named_and_gives_no_status() -> None:
    assert statuses("孤儿、低保") == (frozenset({"dibao"}), ("孤儿",))
    assert statuses("普通居民") == (frozenset(), ())
    assert statuses("困难户") == (frozenset(), ("困难户",))


def test_every_code_is_known_and_no_word_means_two_statuses() -> None:
    codes = {one.code for one in identities()} - {""}
    assert codes == set(IdentityStatus.Code.values)
    assert {code for kind in KINDS.values() for code in kind.codes} <= codes
    for one in identities():
        for name in one.names:
            assert code_of(name) == one.code, name


def test_the_register_knows_what_covers_say() -> None:
    """Keys that stand below cover, which the register may not import."""
    assert PENDING_COVER == Enrollment.Status.PENDING
    assert set(LIVE_COVER) == set(Enrollment.Status.values) - {Enrollment.Status.CANCELLED}
