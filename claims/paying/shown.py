"""What pages and papers say of a claim's payment: the payee, masked, its order and what stands
against it."""

from typing import Any

from accounts.models import User
from claims.clearing.standing import key_of as clearing_key
from claims.clearing.standing import place_of
from claims.models import Settlement
from claims.paying.forms import PayeeForm
from claims.paying.payees import payee_problem
from claims.paying.services import key_of
from claims.workflow import SETTLEMENTS
from funds.payments.services import order_of
from funds.payments.shown import corrected_payee
from lib.bank_numbers import masked_account


def payee_shown(settlement: Settlement) -> str:
    """户主 王建国 农商行 尾号 4567; "" where there is none."""
    if not settlement.payee_name:
        return ""
    relation = settlement.get_payee_relation_display()
    is_person = settlement.payee_relation != Settlement.Relation.INSTITUTION
    parts = (
        f"{settlement.payee_name}（{relation}）" if is_person else settlement.payee_name,
        settlement.payee_bank,
        masked_account(settlement.payee_account),
        settlement.payee_document,
    )
    return " ".join(part for part in parts if part)


def corrected_shown(settlement: Settlement) -> str:
    """Where its money really went, singly or with the institution's month, when that is not the
    payee of the claim any more. The claim says what was agreed to, for ever."""
    if settlement.status != Settlement.Status.PAID:
        return ""
    place = place_of(settlement)
    return corrected_payee(clearing_key(place.clearing) if place else key_of(settlement))


def payment_shown(
    settlement: Settlement, user: User, form: PayeeForm | None = None
) -> dict[str, Any]:
    """For the page of the claim."""
    may_change = (
        settlement.pay_to == Settlement.PayTo.HOUSEHOLD
        and settlement.payable_amount
        and not SETTLEMENTS.problem(settlement, "payee_changed", user)
    )
    return {
        "payee": payee_shown(settlement),
        "corrected": corrected_shown(settlement),
        "order": order_of(key_of(settlement)) if user.may("funds.view_payments") else None,
        "clearing": place_of(settlement),
        "holds": [hold for hold in settlement.holds.all() if hold.lifted_at is None],
        "payee_problem": payee_problem(settlement),
        "payee_form": (form or PayeeForm()) if may_change or form else None,
    }
