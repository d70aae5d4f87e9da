"""The messages of the printed tables through the real entrance, from bytes to bytes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.transactions import TRANSACTIONS
from tests.gateway import messages
from tests.gateway.conftest import System
from tests.gateway.messages import FIRST_SET, Spoilt, with_the_tables

pytestmark = with_the_tables

ANSWERED = [infno for infno in FIRST_SET if infno in TRANSACTIONS]


def named(spoilt: Spoilt) -> str:
    """How the answer begins: node, row and field."""
    place = spoilt.place
    row = f"[{place.index + 1}]" if place.index is not None else ""
    return ".".join(name for name in (f"{place.node}{row}", place.field) if name) + "（"


def in_groups() -> Iterator[list[str]]:
    """The transactions by their first two digits."""
    for begin in sorted({infno[:2] for infno in ANSWERED}):
        yield [infno for infno in ANSWERED if infno.startswith(begin)]


@pytest.mark.parametrize("group", list(in_groups()), ids=lambda group: group[0][:2])
def test_whatever_is_wrong_is_refused_at_the_entrance(system: System, group: list[str]) -> None:
    for infno in group:
        for spoilt in messages.all_spoilt(infno):
            told = system.send(system.message(infno, spoilt.input))
            assert told["infcode"] == -1, (infno, spoilt.what, spoilt.place)
            assert told["err_msg"].startswith(named(spoilt)), (infno, spoilt.what)
            assert told["output"] == {}
            assert len(told["err_msg"]) <= 200


def test_a_wrong_head_is_refused_at_the_entrance(system: System) -> None:
    good = messages.message("1101")
    for field in messages.head_fields():
        if field.name == "input":
            continue
        length = {"infno": "6", "fixmedins_name": "200"}.get(field.name, field.length)
        for what, value in messages.wrong_values(replace(field, length=length)):
            sent = system.message("1101", good) | {field.name: value}
            if value is None:
                del sent[field.name]
            told = system.send(sent)
            assert (told["infcode"], told["output"]) == (-1, {})
            assert told["err_msg"].startswith(f"{field.name}（"), what
