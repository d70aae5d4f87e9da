"""Putting the county's rules for the interface forward; another decides by the flow alone."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from gateway.rules.models import InterfaceRule
from gateway.rules.workflow import RULES


@all_or_nothing()
def propose_rules(
    *,
    actor: User,
    area: Division,
    on: date,
    mapped_from: date | None,
    traced_from: date | None,
    evidence: str,
    reason: str,
) -> InterfaceRule:
    """Put rules forward; those in force go on until somebody else has agreed. Institutions are told
    of a day before it comes. Raises Refusal naming the input."""
    if not actor.may("gateway.propose_rules"):
        raise Refusal("接口规定由基金监管岗提出")
    return RULES.propose(
        Asked(actor, on, evidence, reason, "文号或会议纪要"),
        area=area,
        mapped_from=mapped_from,
        traced_from=traced_from,
    )
