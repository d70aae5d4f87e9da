"""What the measures say of events typed from a paper: the article that the voucher names."""

from collections.abc import Collection

from accounts.errors import Refusal
from funds.events import EVENTS
from funds.law.working import cited, rules_of
from funds.models import Book
from funds.services.posting import EventLine


def by_itself(event: str, law: str) -> str:
    """The summary of a voucher whose maker wrote none."""
    return f"{EVENTS[event].title}（{law}）" if law else ""


def law_of(event: str, book: Book, lines: Collection[EventLine]) -> str:
    """The measures with the articles on this event; "" where they say nothing of it."""
    years = {line.policy_year for line in lines if line.policy_year}
    if event not in ("reserve_used", "overspend_received") or len(years) != 1:
        return ""
    try:
        terms, rules = rules_of(book, years.pop())
    except Refusal:
        return ""
    if event == "reserve_used":
        chosen = {line.purpose for line in lines}
        articles = [one.article for one in rules.reserves if one.code in chosen]
        return cited(terms, *(articles or [one.article for one in rules.reserves[:1]]))
    pools = {"township" if line.township else "county" for line in lines}
    shares = [rules.overspend[pool] for pool in sorted(pools) if pool in rules.overspend]
    return cited(terms, *(one.article for one in shares))
