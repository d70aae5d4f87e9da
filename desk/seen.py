"""What somebody saw who agrees: a page may lie open while another changes what is on it.

A step to which somebody agrees who looked at amounts or at a payee sends back the fingerprint of
what the page showed; the service compares it under its lock with what is there. A page that sends
none (a script, another room) says nothing of what was seen, and is judged by the rest.
"""

import hashlib

from accounts.errors import Refusal
from accounts.permissions import Request

SEEN = "seen"


def fingerprint(*facts: object) -> str:
    """Of what a page shows: no amount and no account stands in it."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def asked_seen(request: Request) -> str | None:
    """What the page said that it showed."""
    return request.POST.get(SEEN)


def refuse_stale(seen: str | None, now: str) -> None:
    """Raises Refusal when the page showed something else than what is there now."""
    if seen is not None and seen != now:
        raise Refusal("您打开这一页之后，金额、费用或收款账户有了变化：请看过现在的内容再办")
