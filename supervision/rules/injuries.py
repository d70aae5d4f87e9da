"""A15: an injury of which nobody has said who is liable."""

from collections.abc import Iterator, Sequence

from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A15",
    title="外伤无第三方责任声明",
    source="社会保险法第三十条：应由第三人负担、工伤保险支付的不纳入基金支付；大足办法第二十三条(五)",
    needs=frozenset({Need.INJURIES}),
    moments=BOTH,
    certainty=Certainty.CERTAIN,
    beds=True,
)
CLEAR = "nobody"  # the filing says that no third party is liable
WORDS = {
    "": "没有经批准的外伤备案，谁应负责没有声明",
    "open": "外伤备案的责任未定",
    "third": "外伤备案认定由第三方负责",
    "hospital": "外伤备案认定由医疗机构负责",
}


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Stops the payment until an officer has the statement: who pays first asks back in vain."""
    for one in known.injuries:
        if one.liable != CLEAR:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.CERTAIN,
                settlement=one.settlement,
                finding=f"外伤住院（{one.diagnosis}），{WORDS[one.liable]}，请核实后再支付",
            )
