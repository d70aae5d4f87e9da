"""What the rooms above know of the payments they asked for, by the orders' keys.

The modules stand in `settings.ROOMS_OF_PAYMENTS`. Each defines those of these that it has an
answer to:

* `obstacles(keys, on)` locks the rows behind its keys, in the order of theirs, and yields an
  `Obstacle` for each that may not be paid on that day;
* `sent(labels, actor, on)` (key → numbers of its vouchers) writes down that the money has gone;
* `gives_up(key)` says whether its payee may be given up once the bank gave the money back;
  `hold_to_give_up(key)` then locks what is behind the key, and `given_up(order, actor, on)` takes
  the business back and keeps the money (funds/payments/keeping.py);
* `is_named_here(key)` says whether an order that has no account gets it on its own page, and not
  with the business that it pays for;
* `place(key)` is the address of the page that the order pays for;
* `payment_problems(areas)` says what does not agree between its rows and the orders.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, QuerySet

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.rooms import answers
from desk.workflow import Workflow

ROOMS = "ROOMS_OF_PAYMENTS"
M = TypeVar("M", bound=Model)
MAX_TOLD = 5  # obstacles that a refusal names; all of them stand on the orders' own pages


@dataclass(frozen=True)
class Obstacle:
    """Why an order may not be paid, in Chinese. `undo`: what is written down although the payment
    is refused, such as that an approval no longer holds."""

    key: str
    words: str
    undo: Callable[[], None] | None = None


def ids_of(keys: Collection[str], prefix: str) -> list[int]:
    """The rows that keys of a room's own kind name: `settlement:12`."""
    return [int(key.removeprefix(prefix)) for key in keys if key.startswith(prefix)]


class OwnRows(Generic[M]):
    """What a room answers whose orders each pay for one row of its own: the key is `prefix` and the
    row's, `rows` how they are read, `event` the step of their workflow that pays them."""

    def __init__(self, prefix: str, rows: QuerySet[M], flow: Workflow[M], event: str) -> None:
        self.prefix, self.rows, self.flow, self.event = prefix, rows, flow, event

    def named(self, keys: Collection[str]) -> QuerySet[M]:
        """Those behind the keys, in the order of theirs."""
        return self.rows.filter(pk__in=ids_of(keys, self.prefix)).order_by("pk")

    def held(self, keys: Collection[str]) -> list[M]:
        """The same, locked in that order. Most payments are of one kind: of the others, which have
        no key here, nothing is asked."""
        if not ids_of(keys, self.prefix):
            return []
        return list(self.named(keys).select_for_update(no_key=True, of=("self",)))

    def sent(self, labels: Mapping[str, str], actor: User, on: date) -> list[M]:
        """The money has gone: the rows, locked by `obstacles`, are paid. Those that were paid
        before, and came back from the bank, stay so."""
        step = self.flow.by_event[self.event]
        waiting = [row for row in self.held(labels) if cast(Any, row).status in step.sources]
        for row in waiting:
            label = labels[f"{self.prefix}{row.pk}"]
            self.flow.take(row, self.event, actor=actor, paid_on=on, voucher_number=label)
        return waiting

    def gives_up(self, key: str) -> bool:
        """Whom it was paid to may be gone."""
        return self.named([key]).filter(status=self.flow.by_event[self.event].target).exists()


def obstacles(keys: Collection[str], on: date) -> list[Obstacle]:
    """Everything that stands against paying these on that day; locks what is behind them."""
    return [one for found in answers(ROOMS, "obstacles", list(keys), on) for one in found]


def refusal_of(found: list[Obstacle], advice: str) -> Refusal:
    """What to tell: the first obstacles, and what to do."""
    told = "；".join(one.words for one in found[:MAX_TOLD])
    more = f"，等 {len(found)} 笔" if len(found) > MAX_TOLD else ""
    return Refusal(f"{told}{more}。{advice}")


def tell_sent(labels: Mapping[str, str], actor: User, on: date) -> None:
    """Let the rooms know that the money of these orders has gone."""
    for _ in answers(ROOMS, "sent", labels, actor, on):
        pass


def place_of(key: str) -> str:
    """The page of what the order pays for; "" where nobody knows."""
    return next((found for found in answers(ROOMS, "place", key) if found), "")


def is_named_here(key: str) -> bool:
    """Whether the account of an order without one is named on the order."""
    return any(answers(ROOMS, "is_named_here", key))


def problems(area: Division) -> Iterator[str]:
    """What the rooms find wrong between their rows and the orders."""
    for found in answers(ROOMS, "payment_problems", area):
        yield from found
