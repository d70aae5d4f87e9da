"""A14: care on a day on which nobody had paid for the patient's cover."""

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
    code="A14",
    title="断保、待遇等待期内的费用",
    source="社会保险法第二十三条、统筹区办法的享受期：未参保缴费期间的费用不予支付",
    needs=frozenset({Need.STANDINGS}),
    certainty=Certainty.CERTAIN,
    window=Window.DAY,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """The first day decides, also of a stay over the turn of the year. Entry refuses it: imports
    and covers that were cancelled later bring it about. After a death A01 speaks."""
    standings = {one.settlement: one for one in known.standings}
    for claim in new:
        standing = standings.get(claim.settlement)
        dead = claim.death_date is not None and claim.starts > claim.death_date
        if standing is not None and not standing.covered and not dead:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.CERTAIN,
                settlement=claim.settlement,
                finding=f"{claim.starts} 就诊时没有生效的参保（{claim.institution_name}）",
                amount=claim.fund,
            )
