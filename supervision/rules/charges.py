"""A08: charged twice, for more days than there were, or above the price limit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lib.money import half_up, to_yuan, told
from supervision.rules.facts import BOTH, Certainty, Charge, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A08",
    title="重复收费、超标准收费",
    source="医疗保障基金使用监督管理条例第三十八条(三)：重复收费、超标准收费、分解项目收费",
    needs=frozenset({Need.CHARGES}),
    moments=BOTH,
)
# Drugs are given and sugar is measured several times a day; of these once is usual.
ONCE_A_DAY = frozenset({"special_examination", "bed", "surgery"})


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """One hit for a claim, that names the first of each kind. Only an officer with the record can
    say that it is wrong, so that it is a suspicion; above its limit nothing is paid anyway."""
    for claim in new:
        charges = known.charges.get(claim.settlement, ())
        said = [*_twice(charges), *_too_long(claim, charges), *_too_dear(charges)]
        if claim.designated and said:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding="；".join(one.words for one in said)[:300],
                lines=tuple(sorted({place for one in said for place in one.lines})),
                amount=sum(one.amount for one in said),
            )


@dataclass(frozen=True, slots=True)
class Said:
    """One kind of it: in words, which lines, how much (fen)."""

    words: str
    lines: tuple[int, ...]
    amount: int


def _twice(charges: Sequence[Charge]) -> Iterator[Said]:
    dated: dict[tuple[str, date], list[int]] = defaultdict(list)
    for place, one in enumerate(charges):
        if one.charged_on is not None and one.category in ONCE_A_DAY:
            dated[one.name, one.charged_on].append(place)
    # The first of those that come most often.
    for (name, day), places in sorted(dated.items(), key=lambda row: -len(row[1]))[:1]:
        if len(places) > 1:
            more = places[1:]
            again = sum(charges[place].amount for place in more)
            yield Said(f"“{name}”在 {day} 收费 {len(places)} 次", tuple(more), again)


def _too_long(claim: ClaimFacts, charges: Sequence[Charge]) -> Iterator[Said]:
    """Days in bed are counted with the first or with the last one, by no norm with both: one more
    than the nights is let pass."""
    beds = [(place, one) for place, one in enumerate(charges) if one.category == "bed"]
    billed = sum(one.quantity for _, one in beds)
    most = max(1, (claim.ends - claim.starts).days + 1)
    if claim.bed and billed > most * 100:
        paid = sum(one.amount for _, one in beds)
        yield Said(
            f"床位收费 {billed / 100:g} 天，住院只有 {most} 天",
            tuple(place for place, _ in beds),
            half_up(paid * (billed - most * 100), billed),
        )


def _too_dear(charges: Sequence[Charge]) -> Iterator[Said]:
    dear = [
        (place, one.name, one.amount - one.limit)
        for place, one in enumerate(charges)
        if one.limit is not None and one.amount > one.limit
    ]
    if dear:
        above = sum(over for _, _, over in dear)
        yield Said(
            f"“{dear[0][1]}”等 {len(dear)} 行收费超过限价，共超 {told(to_yuan(above))} 元",
            tuple(place for place, _, _ in dear),
            above,
        )
