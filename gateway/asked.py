"""What a transaction is asked and what it answers: the one shape of every function behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.models import User
from gateway.clients.models import Client
from institutions.models import Institution

Row = Mapping[str, Any]
# Node → its row or rows, "" for fields that stand directly in the output (a list of rows there
# makes the output itself that list: 1312, 5204); nodes inside others stand in their parent's row.
# Amounts are Decimal yuan, days and moments are date and datetime; what is left out is written as
# empty by `gateway.interface.answering`, and a field that the tables do not know raises there.
Answer = Mapping[str, Row | Sequence[Row]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One message of a client, checked by the tables of the interface.

    `input`: node → row (a mapping) or rows (a list), as the tables say (`gateway.interface`);
    "" for fields that stand directly in the input. A node inside another stands in its parent's
    row under its own name: `row("data")["patient_dtos"][0]["fsi_encounter_dtos"]`. Values are str,
    Decimal (every number), date, datetime (local, aware), list of str or bytes (files) as the
    field's kind says; a field or node that is empty is not there. All of it has passed the tables:
    duty, lengths, dictionaries.
    `on`, `at`: the day and the moment it arrived (local). `warnings`: what the answer's `warn_msg`
    will tell although the transaction is done.
    """

    client: Client
    institution: Institution
    infno: str
    msgid: str
    head: Mapping[str, str]
    input: Mapping[str, Row | Sequence[Row]]
    on: date
    at: datetime
    warnings: list[str] = field(default_factory=list)
    # What it made or was about: "visit", "settlement". Kept with the message.
    made: dict[str, Any] = field(default_factory=dict)
    # exp_content → what it says, checked: read once, whoever asks (gateway/local.py).
    extras: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Keys of the messages that it corrects (2601).
    corrects: list[int] = field(default_factory=list)

    @property
    def actor(self) -> User:
        """In whose name the services act: the client's own account."""
        return self.client.user

    def row(self, node: str = "data") -> Row:
        """The one row of a node; empty when it was not sent."""
        found = self.input.get(node, {})
        return found if isinstance(found, Mapping) else (found[0] if found else {})

    def rows(self, node: str) -> Sequence[Row]:
        """All rows of a node."""
        found = self.input.get(node, ())
        return (found,) if isinstance(found, Mapping) else found

    def undone(self) -> None:
        """Nothing of it stands: it was refused."""
        self.made.clear()
        self.corrects.clear()

    def warn(self, told: str) -> None:
        """Tell it with the answer (warn_msg), once however often it is found."""
        if told not in self.warnings:
            self.warnings.append(told)


@dataclass(frozen=True)
class Transaction:
    """What does the work of one infno. `writes`: it changes something, so its answer is kept and
    given again to whoever sends the same message once more."""

    do: Callable[[Asked], Answer]
    writes: bool = False
