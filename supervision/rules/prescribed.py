"""A10: an outpatient prescription beyond what the measures allow."""

from collections.abc import Iterator, Sequence

from claims.prescriptions import Prescribed, beyond_limits
from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A10",
    title="门诊处方超限额、限量",
    source="统筹区办法的处方限额（大足办法第三十一条）；监督管理条例第三十八条(二)：超量开药",
    needs=frozenset({Need.CHARGES, Need.TERMS}),
    moments=BOTH,
    beds=False,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Kinds of medicines, antibiotics, days, amount. A suspicion: the article speaks of one
    prescription and says 一般, and a bill may hold two. Only of those under agreement."""
    for claim in new:
        terms = known.terms.get(claim.settlement)
        if terms is None or not claim.designated:
            continue
        lines = [
            Prescribed(one.name, one.category, one.amount, one.antibiotic, one.days)
            for one in known.charges.get(claim.settlement, ())
        ]
        said = beyond_limits(terms, care=claim.care, level=claim.limits_by, lines=lines)
        if said:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding="；".join(said)[:300],
                amount=claim.fund,
            )
