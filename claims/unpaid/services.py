"""Taking back what was brought in of the old system's unpaid claims."""

from accounts.errors import Refusal
from accounts.models import User
from claims.unpaid.models import KEY, OldClaim
from claims.unpaid.workflow import OLD_CLAIM_FLOW
from desk.changes import all_or_nothing
from funds.payments.services import cancel_order


@all_or_nothing()
def withdraw_old_claim(*, actor: User, claim: OldClaim, reason: str) -> OldClaim:
    """Before it is paid, or entered anew: its order is called off, and the same number may be
    brought in again. Raises Refusal."""
    row = OLD_CLAIM_FLOW.lock(claim.pk)
    reason = OLD_CLAIM_FLOW.check(row, "withdraw_old_claim", actor, reason)
    if row.was_decided:
        cancel_order(actor=actor, key=f"{KEY}{row.pk}", reason=reason)
    elif not OldClaim.objects.to_enter().filter(pk=row.pk).exists():
        raise Refusal(f"{row}已在本系统录入，不用撤回；录错的请撤回或作废那张结算单")
    return OLD_CLAIM_FLOW.take(row, "withdraw_old_claim", actor=actor, reason=reason)
