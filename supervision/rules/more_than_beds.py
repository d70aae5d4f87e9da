"""A22: more patients in one night than the hospital has beds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from supervision.rules.facts import (
    BOTH,
    Certainty,
    ClaimFacts,
    Hit,
    Known,
    Need,
    Rule,
    Ward,
    Window,
)

RULE = Rule(
    code="A22",
    title="同日住院人数超过核定床位",
    source="医疗保障基金使用监督管理条例第四十条：虚构医药服务、冒名住院的常见迹象（审计案例）",
    needs=frozenset({Need.WARDS}),
    moments=BOTH,
    window=Window.DAY,
    beds=True,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """The hit stands on each new stay over such a night and names its fullest: the patient is to be
    asked whether it was they who lay there. Beds that nobody told are not guessed."""
    counts = {code: _by_night(ward) for code, ward in known.wards.items()}
    for claim in new:
        if not claim.bed or claim.institution not in counts:
            continue
        there = counts[claim.institution]
        fullest = max(_nights(claim.starts, claim.ends), key=there.__getitem__)
        beds = known.wards[claim.institution].beds
        if there[fullest] > beds:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"{fullest} 当晚{claim.institution_name}有 {there[fullest]} 人住院，"
                    f"核定床位 {beds} 张；请与参保人核实是否住院"
                ),
            )


def _by_night(ward: Ward) -> Counter[date]:
    last = max((ends or starts for starts, ends in ward.stays), default=date.min)
    return Counter(night for starts, ends in ward.stays for night in _nights(starts, ends or last))


def _nights(starts: date, ends: date) -> Iterator[date]:
    """Of a stay of one day that day."""
    for day in range(max(1, (ends - starts).days)):
        yield starts + timedelta(days=day)
