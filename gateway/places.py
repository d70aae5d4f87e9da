"""What a service refuses, told at the field of the message that it is about."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from accounts.errors import Refusal


@contextmanager
def told_at(node: str, names: Mapping[str, str]) -> Iterator[None]:
    """Around a service: its input `first_day` is the field `names["first_day"]` of the node.

    A service names an input ("first_day",) or, of several rows, ("lines", 3, "first_day").
    """
    try:
        yield
    except Refusal as refusal:
        *before, last = refusal.at or ("",)
        place = [one for one in before if isinstance(one, int)]
        field = names.get(str(last), str(last)) if refusal.at else ""
        at: tuple[str | int, ...] = (node, *place, field) if field else refusal.at
        raise refusal.told_as(refusal.message, at) from None
