"""A18: a premium that was aided for somebody on no list, or paid by somebody on one."""

from collections.abc import Iterator, Sequence

from supervision.rules.facts import (
    Certainty,
    ClaimFacts,
    Hit,
    Known,
    Need,
    Rule,
    Standing,
    Window,
)

RULE = Rule(
    code="A18",
    title="资助参保对象与名单不符",
    source="财政部、民政部资助参保规定：资助对象按民政等部门名单免缴；应助未助、不应助而助（审计常见问题）",
    needs=frozenset({Need.STANDINGS}),
    window=Window.YEARS,
)
# Whose premium somebody else pays under every measures of the house (五保、低保).
ALWAYS_AIDED = frozenset({"wubao", "dibao"})


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """A suspicion although lists and premium contradict each other: what is wrong is the premium,
    and the claim of a person who is covered is not held up for it. Once for each person."""
    persons = {claim.settlement: claim.person for claim in new}
    told: set[int] = set()
    for one in sorted(known.standings, key=lambda one: one.settlement):
        said = _wrong(one)
        person = persons.get(one.settlement)
        if said and person is not None and person not in told:
            told.add(person)
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=one.settlement,
                finding=said,
            )


def _wrong(one: Standing) -> str:
    if one.premium_status and one.premium_status not in one.statuses:
        return f"按“{one.premium_name}”资助参保，参保时部门名单中没有本人（非对象享资助）"
    if not one.premium_status and one.statuses & ALWAYS_AIDED:
        return "参保时已在五保、低保名单，个人仍全额缴费（应助未助）"
    return ""
