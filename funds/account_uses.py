"""What each bank account of the fund may receive and pay.

《社会保险基金财务制度》(财社〔2017〕144号): the collection account and the treasury take money in
and pass it on to the fiscal account, which pays the expenditure account and what leaves the county,
and only the expenditure account pays people and institutions.
"""

from collections.abc import Collection
from dataclasses import dataclass

from funds.events import EVENTS, Event

RULE = "《社会保险基金财务制度》"


@dataclass(frozen=True, slots=True)
class Use:
    """Events (funds/events.py) by which money comes to an account and by which it leaves."""

    name: str
    receives: Collection[str]
    pays: Collection[str]


USES: dict[str, Use] = {
    "1002": Use(
        "收入户",
        receives=("premium_collected", "sponsor_received", "interest_received", "aid_received",
                  "lower_received", "insurer_returned"),
        pays=("premium_transferred",),
    ),
    "1003": Use(
        "财政专户",
        receives=("premium_transferred", "tax_premium_transferred", "aid_premium_received",
                  "subsidy_received", "interest_received", "prior_recovery", "other_received",
                  "overspend_received", "aid_received", "lower_received", "insurer_returned",
                  "borrowed"),
        pays=("expenditure_funded", "insurer_paid", "sent_up", "sent_down", "repaid"),
    ),
    "1004": Use(
        "支出户",
        receives=("expenditure_funded", "interest_received", "payment_returned", "claim_recovered",
                  "prepayment_back", "prior_recovery_set_off"),
        pays=("claim_paid", "returned_paid", "prior_recovery_returned", "suspense_returned",
              "deposit_returned", "prepayment_out", "premium_refunded", "prior_premium_refunded",
              "insurer_paid", "sent_up", "sent_down"),
    ),
    "1005": Use(
        "国库",
        receives=("tax_premium_collected", "tax_suspended"),
        pays=("tax_premium_transferred",),
    ),
}  # fmt: skip


def options_of(event: Event) -> list[str]:
    """The values of the event's choice whose account may receive or pay it, in their order."""
    choice = event.choice
    if choice is None:
        return []
    pays = event.debit is not choice
    return [
        option
        for option, account in choice.accounts.items()
        if not use_problem(account, event.name, pays=pays)
    ]


def use_problem(account: str, event: str, *, pays: bool) -> str:
    """Why this account may not receive or pay by the event; "" when it may."""
    use = USES.get(account)
    if use is None or event in (use.pays if pays else use.receives):
        return ""
    right = [one.name for one in USES.values() if event in (one.pays if pays else one.receives)]
    what, may = ("支付", use.pays) if pays else ("收取", use.receives)
    instead = f"，应由{'或'.join(right)}{what}" if right else ""
    allowed = "、".join(dict.fromkeys(EVENTS[name].title for name in may))
    return (
        f"{use.name}不能{what}“{EVENTS[event].title}”{instead}；"
        f"{RULE}规定{use.name}只{what}：{allowed}"
    )
