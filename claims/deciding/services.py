"""The county's rules for reviewing: one proposes them, another decides."""

from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.deciding.models import ReviewRule
from claims.deciding.workflow import RULES
from desk.changes import all_or_nothing
from desk.decisions import Asked


@all_or_nothing()
def propose_rules(
    *,
    actor: User,
    area: Division,
    on: date,
    second_above: Decimal | None,
    third_above: Decimal | None,
    batch_up_to: Decimal | None,
    sample_share: int,
    promised_days: int,
    evidence: str,
    reason: str,
) -> ReviewRule:
    """Put rules forward; those in force go on until somebody else has agreed."""
    if not actor.may("claims.propose_rules"):
        raise Refusal("审核规程由基金监管岗提出")
    if third_above is not None and (second_above is None or third_above < second_above):
        raise Refusal("第三人复核的金额应不小于第二人复核的金额", "third_above")
    return RULES.propose(
        Asked(actor, on, evidence, reason, "文号或会议纪要"),
        area=area,
        second_above=second_above,
        third_above=third_above,
        batch_up_to=batch_up_to,
        sample_share=sample_share,
        promised_days=promised_days,
    )
