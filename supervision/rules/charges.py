"""A08: charged twice, for more days than there were, or above the price limit."""

from collections import Counter
from collections.abc import Iterator, Sequence

from lib.money import to_yuan, told
from supervision.rules.facts import Certainty, Charge, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A08",
    title="重复收费、超标准收费",
    source="医疗保障基金使用监督管理条例第三十八条(三)：重复收费、超标准收费、分解项目收费",
    needs=frozenset({Need.CHARGES}),
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
                finding="；".join(said)[:300],
            )


def _twice(charges: Sequence[Charge]) -> Iterator[str]:
    dated = Counter(
        (one.name, one.charged_on)
        for one in charges
        if one.charged_on is not None and one.category in ONCE_A_DAY
    )
    for (name, day), times in dated.most_common(1):
        if times > 1:
            yield f"“{name}”在 {day} 收费 {times} 次"


def _too_long(claim: ClaimFacts, charges: Sequence[Charge]) -> Iterator[str]:
    """Days in bed are counted with the first or with the last one, by no norm with both: one more
    than the nights is let pass."""
    billed = sum(one.quantity for one in charges if one.category == "bed")
    most = max(1, (claim.ends - claim.starts).days + 1)
    if claim.bed and billed > most * 100:
        yield f"床位收费 {billed / 100:g} 天，住院只有 {most} 天"


def _too_dear(charges: Sequence[Charge]) -> Iterator[str]:
    dear = [one for one in charges if one.limit is not None and one.amount > one.limit]
    for one in dear[:1]:
        assert one.limit is not None
        above = sum(each.amount - (each.limit or 0) for each in dear)
        yield (f"“{one.name}”等 {len(dear)} 行收费超过限价，共超 {told(to_yuan(above))} 元")
