"""Messages that were right, spoilt at random: values, shapes, identifiers, bytes."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import simplejson

LONG = "长" * 5_000
# What programs send by mistake, and what people send on purpose.
ODD: tuple[Any, ...] = (
    None, "", " ", 0, 1, -1, 10**30, -(10**30), Decimal("0.001"), Decimal("1E+400"), True, False,
    "0", "-1", "1e5", "NaN", "∞", "１２", "0000", "２０２６-０３-１７", "2026-02-30", "9999-12-31",
    "0001-01-01", "2026-03-17 25:00:00", "1899-12-31 00:00:00", "2999-01-01", "01", "99", "~",
    "'; DROP TABLE claims_visit; --", "%s%s%s", "{0.__class__}", "../../etc/passwd", "\t", "\r\n",
    "\u202e反", "\ufeff", "👩\u200d👩\u200d👧", "\U0002070e", "e\u0301", "\u2028", "\x7f", "\u0085",
    [], {}, [[]], [{}], {"a": {"b": {"c": []}}}, ["R01"] * 500, LONG, "9" * 400, "1" * 19,
    "2203", "2026-03-17T08:30:00+08:00", "<script>alert(1)</script>", "\\u0000", "null",
)  # fmt: skip
NAMES = ("psn_no", "mdtrt_id", "setl_id", "omsgid", "fixmedins_code", "constructor", "__class__",
         "input", "data", "unbekannt", "长" * 70)  # fmt: skip


@dataclass
class Spoiler:
    """`others`: identifiers that belong to somebody else, by the name of the field."""

    chance: Random
    others: dict[str, Sequence[str]]

    def message(self, good: dict[str, Any]) -> dict[str, Any]:
        """A copy with one to four things changed."""
        bad = deepcopy(good)
        ways: list[Callable[[Any], None]] = [
            self.value, self.value, self.value, self.other, self.other, self.take_out, self.double,
            self.wrap, self.more, self.swap,
        ]  # fmt: skip
        if self.chance.random() < 0.3:  # else nearly nothing would be done
            ways = [self.other, self.more]
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            self.chance.choice(ways)(bad)
        return bad

    def spots(self, part: Any) -> list[tuple[Any, Any]]:
        """Every place: the mapping or list, and its key."""
        found: list[tuple[Any, Any]] = []
        inner = part.items() if isinstance(part, dict) else enumerate(part)
        for key, value in inner:
            found.append((part, key))
            if isinstance(value, dict | list):
                found += self.spots(value)
        return found

    def spot(self, part: Any) -> tuple[Any, Any]:
        """Mostly in the input, and now and then in the head."""
        there = part.get("input") if self.chance.random() < 0.9 else part
        spots = self.spots(there) if isinstance(there, dict | list) else []
        return self.chance.choice(spots or self.spots(part))

    def value(self, part: Any) -> None:
        where, key = self.spot(part)
        where[key] = deepcopy(self.chance.choice(ODD))
        if self.chance.random() < 0.1:
            size = self.chance.choice((1, 31, 201, 4_001, 70_000))
            where[key] = "".join(
                chr(self.chance.choice((65, 0x957F, 0x1F600))) for _ in range(size)
            )

    def other(self, part: Any) -> None:
        """Somebody else's identifier where one of that kind stands."""
        spots = [spot for spot in self.spots(part) if spot[1] in self.others]
        if not spots:
            return self.value(part)
        where, key = self.chance.choice(spots)
        where[key] = self.chance.choice(self.others[key])
        return None

    def take_out(self, part: Any) -> None:
        where, key = self.spot(part)
        del where[key]

    def double(self, part: Any) -> None:
        """A row once more, or a hundred times; a field as a list of itself."""
        where, key = self.spot(part)
        times = self.chance.choice((2, 2, 100))
        if isinstance(where, list):
            where += [deepcopy(where[key])] * times
        else:
            where[key] = [deepcopy(where[key])] * times

    def wrap(self, part: Any) -> None:
        where, key = self.spot(part)
        for _ in range(self.chance.choice((1, 1, 14))):
            where[key] = {self.chance.choice(NAMES): where[key]}

    def more(self, part: Any) -> None:
        where, _ = self.spot(part)
        if isinstance(where, dict):
            for _ in range(self.chance.choice((1, 60))):
                name = self.chance.choice(NAMES) + str(self.chance.randrange(3))
                where[name] = deepcopy(self.chance.choice(ODD))

    def swap(self, part: Any) -> None:
        (one, first), (two, second) = self.spot(part), self.spot(part)
        if first in one if isinstance(one, dict) else True:
            value = deepcopy(two[second])
            one[first] = value

    def raw(self, body: bytes) -> bytes:
        """Bytes changed, cut, doubled or put in."""
        chance, bad = self.chance, bytearray(body)
        at = chance.randrange(len(bad))
        match chance.randrange(6):
            case 0:
                bad[at] = chance.randrange(256)
            case 1:
                del bad[at:]
            case 2:
                del bad[at : at + chance.randrange(1, 50)]
            case 3:
                bad[at:at] = chance.randbytes(chance.randrange(1, 20))
            case 4:
                bad[at:at] = chance.choice(
                    (b"NaN", b"-Infinity", b"1e999999999", b'"\\ud800"', b'"\\u0000"', b"[" * 900,
                     b'{"a":' * 900, b"/**/", b",", b"\xef\xbb\xbf", b"0x10", b"'")
                )  # fmt: skip
            case _:
                bad = bad * 2
        return bytes(bad)


def body_of(message: Any) -> bytes:
    return simplejson.dumps(message, use_decimal=True).encode("utf-8", "surrogatepass")
