"""A27: more of one medicine in a month than anybody takes, from shop to shop."""

from collections.abc import Iterator, Sequence

from supervision.rules.facts import (
    Certainty,
    ClaimFacts,
    Hit,
    Known,
    Need,
    Rule,
    Window,
)

RULE = Rule(
    code="A27",
    title="同月多处、超量购药",
    source="监督管理条例第四十一条(三)、实施细则：超量购药转卖；典型案例（一人一卡多店购药）",
    needs=frozenset({Need.SUPPLIES}),
    window=Window.MONTH,
    beds=False,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Over all institutions together: one medicine at `shops` of them, or more than `packs` units
    of it. One hit for a person and month, on the last purchase, that names what is most."""
    bounds = known.bounds
    told: set[tuple[int, object]] = set()
    for one in sorted(known.supplies, key=lambda one: (-one.shops, -one.quantity, one.name)):
        key = (one.person, one.month)
        if key in told or (one.shops < bounds.shops and one.quantity <= bounds.packs * 100):
            continue
        told.add(key)
        yield Hit(
            rule=RULE.code,
            certainty=Certainty.SUSPECT,
            settlement=one.settlement,
            finding=(
                f"{one.month:%Y-%m} 在 {one.shops} 家机构共购“{one.name}”"
                f" {one.quantity / 100:g} 单位，请核对用药需要"
            ),
        )
