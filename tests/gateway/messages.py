"""Messages made from the printed tables of the interface, for every transaction that is answered.

The tables lie beside the checkout (`shared/reference/interface/`), not in the project; tests that
need them carry `with_the_tables`. They are read here on their own, so that what the product reads
is measured against something else.
"""

import csv
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_PLACE = Path("shared") / "reference" / "interface"
_FOUND = [up / _PLACE for up in Path(__file__).resolve().parents if (up / _PLACE).is_dir()]
with_the_tables = pytest.mark.skipif(
    not _FOUND, reason="the printed tables (shared/reference/interface) do not lie beside it"
)

_FIRST_SET = """
    1101 1201 1301 1302 1303 1304 1305 1306 1306A 1307 1308 1309 1310 1311 1312 1313 1314 1315 1316
    1317 1318 1319 1901 2001 2201 2202 2203 2203A 2204 2205 2206 2207 2208 2301 2302 2303 2304 2305
    2401 2402 2403 2404 2405 2406 2407 2501 2502 2503 2504 2505 2506 2507 2601 3101 3102 3201 3202
    3203 3204 3301 3302 3401 3401A 3402 3403 3505A 4101A 5101 5102 5201 5202 5203 5204 5205 5206
    5301 5302 5303 5304 9001 9002 9101 9102
"""
FIRST_SET = tuple(_FIRST_SET.split())
PRINTED_AS = {"4101A": "4101"}  # its input replaced the other's
# Rows where the tables do not say whether there are one or many, and mean many.
MANY = {
    *((infno, "") for infno in ("1304", "1312", "1316", "1317", "1318", "1319")),
    ("1901", "list"), ("2203A", "diseinfo"), ("2407", "IptPsnSpFlagReg"),
    ("3101", "result"), ("3102", "result"),
}  # fmt: skip
_COLUMNS = (
    *("direction", "node", "name", "title", "type", "length", "dictionary", "required", "note"),
)
OF_NODES = ("list", "map", "")  # types of a field that is a node of its own


@dataclass(frozen=True)
class Printed:
    """One row of the printed tables."""

    infno: str
    direction: str
    node: str
    name: str
    title: str
    type: str
    length: str
    dictionary: str
    required: str
    note: str


@dataclass(frozen=True)
class Place:
    """Where a fault of a message lies. `index`: the row, None where the node is no list."""

    node: str
    index: int | None
    field: str


@dataclass(frozen=True)
class Spoilt:
    """A message with one thing wrong."""

    what: str
    place: Place
    input: dict[str, Any]


def _read(name: str) -> Iterator[dict[str, str]]:
    with (_FOUND[0] / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def printed_fields(infno: str) -> tuple[Printed, ...]:
    """Every printed field of the transaction, both directions and its files."""
    return tuple(
        Printed(infno, *(row[name] for name in _COLUMNS)) for row in _rows("fields.csv", infno)
    )


@cache
def _all(name: str) -> Mapping[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in _read(name):
        found.setdefault(row["infno"], []).append(row)
    return found


def _rows(name: str, infno: str) -> list[dict[str, str]]:
    return _all(name)[PRINTED_AS.get(infno, infno)]


@cache
def nodes(infno: str, direction: str) -> Mapping[str, tuple[str, bool]]:
    """Node → the node it stands in, and whether it has many rows."""
    return {
        row["node"]: (
            row["parent"] if row["node"] else "",
            row["rows"] == "many" or ((infno, row["node"]) in MANY and direction in ("in", "out")),
        )
        for row in _rows("nodes.csv", infno)
        if row["direction"] == direction
    }  # fmt: skip


@cache
def codes(dictionary: str) -> tuple[str, ...]:
    """The values of a dictionary, second tables included."""
    return tuple(
        row["value"] for row in _read("dictionaries.csv") if row["dictionary"] == dictionary
    )


def head_fields() -> list[Printed]:
    """The head of a request."""
    return [
        Printed("", "head", "", *(row[name] for name in _COLUMNS[2:]))
        for row in _read("head.csv")
        if row["part"] == "request"
    ]


def columns(infno: str) -> list[str]:
    """The columns of a catalogue's file."""
    return [row["title"] for row in _all("catalogue_columns.csv")[infno]]


def asked_fields(infno: str) -> list[Printed]:
    """The fields of the input that are no nodes."""
    inside = nodes(infno, "in")
    return [
        field
        for field in printed_fields(infno)
        if field.direction == "in" and not (field.type in OF_NODES and field.name in inside)
    ]


def whole_digits(length: str) -> tuple[int, int]:
    """Digits before and behind the point."""
    total, _, behind = length.partition(",")
    return int(total) - int(behind or 0), int(behind or 0)


def value_of(field: Printed, *, wide: bool = False) -> Any:
    """What may stand in the field; `wide`: as long as it may be."""
    if field.dictionary:
        found = codes(field.dictionary)
        return max(found, key=len) if wide else found[0]
    if field.type == "number":
        whole, behind = whole_digits(field.length)
        text = "9" * (whole if wide else 1) + ("." + "9" * behind if behind else "")
        return Decimal(text)
    if field.type == "date" and "HH" in field.note:
        return "2026-03-17 08:30:00"
    if field.type == "digits":
        return "1" * int(field.length) if wide else "1"
    text = ("测" if wide else "a") * (int(field.length or 10) if wide else 1)
    return {
        "date": "2026-03-17",
        "datetime": "2026-03-17 08:30:00",
        "list": ["R01"],
        "bytes": "aGV6dW8=",
    }.get(field.type, text)


def message(
    infno: str,
    *,
    full: bool = True,
    wide: bool = False,
    rows: int = 1,
    real: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The input of a message that the tables allow.

    `full`: every field, else only those that must be there. `rows` of each list. `real`: values by
    the field's name, or by "node.name", that take the place of made-up ones (psn_no, mdtrt_id …);
    they only fill fields that the message has.
    """
    instead = real or {}
    built: dict[str, dict[str, Any]] = {}
    inside = nodes(infno, "in")
    for field in asked_fields(infno):
        row = built.setdefault(field.node, {})
        if full or field.required == "Y" or _either(field):
            known = instead.get(f"{field.node}.{field.name}", instead.get(field.name))
            row[field.name] = value_of(field, wide=wide) if known is None else known
    top: dict[str, Any] = {}
    # A node stands behind the one it is in, so it is put in from the last to the first.
    for name, (parent, many) in reversed(inside.items()):
        row = built.setdefault(name, {})
        if not full and not _node_needed(infno, name, parent):
            continue
        part: Any = [deepcopy(row) for _ in range(rows)] if many else row
        if name == "":
            top |= row
        elif parent:
            built.setdefault(parent, {})[name] = part
        else:
            top[name] = part
    return top


def _either(field: Printed) -> bool:
    """Of two fields of which one must be there, the one that a minimal message has."""
    return (field.infno, field.name) in {("3101", "trig_scen"), ("3102", "trig_scen")}


def _node_needed(infno: str, name: str, parent: str) -> bool:
    """Whether a minimal message has the node: by its field in the parent where that is printed."""
    for field in printed_fields(infno):
        if field.direction == "in" and field.node == parent and field.name == name:
            return field.required == "Y"
    own = [one for one in printed_fields(infno) if (one.direction, one.node) == ("in", name)]
    return any(field.required == "Y" for field in own)


def place_of(infno: str, field: Printed, row: int) -> Place:
    """Where a fault of the field is told when it is in that row of its list."""
    return Place(field.node, row if nodes(infno, "in")[field.node][1] else None, field.name)


def spoil(infno: str, good: dict[str, Any], field: Printed, row: int, value: Any) -> Spoilt:
    """The message with another value in one field of one row; None takes the field out."""
    way = [field.node] if field.node else []
    inside = nodes(infno, "in")
    while way and inside[way[0]][0]:
        way.insert(0, inside[way[0]][0])
    bad = dict(good)
    part = bad
    # Only the way to the field is copied: a message may have many rows that stay as they are.
    for depth, name in enumerate(way):
        if isinstance(part[name], list):
            at = row if depth == len(way) - 1 else 0
            part[name] = list(part[name])
            part[name][at] = dict(part[name][at])
            part = part[name][at]
        else:
            part[name] = dict(part[name])
            part = part[name]
    if value is None:
        part.pop(field.name, None)
    else:
        part[field.name] = value
    return Spoilt("", place_of(infno, field, row), bad)


def wrong_values(field: Printed) -> Iterator[tuple[str, Any]]:
    """What is wrong for the field, and how."""
    if field.required == "Y":
        yield "missing", None
        yield "empty", ""
    if field.dictionary:
        yield "no code of the dictionary", "~"
        yield "too long", codes(field.dictionary)[0] + "0" * 100
        yield "a number for a code", 1
    elif field.type == "number":
        whole, behind = whole_digits(field.length)
        yield "too large", Decimal("1" + "0" * whole)
        yield "too many decimals", "0." + "0" * behind + "1"
        yield "letters for a number", "abc"
        yield "a float's word for a number", "NaN"
        yield "an object for a number", {"x": 1}
    elif field.type in ("date", "datetime"):
        yield "another form", "2026/03/17"
        yield "no day of the calendar", "2026-02-30" + " 08:30:00" * (field.type == "datetime")
        yield "a number for a day", 20260317
    elif field.type == "list":
        yield "a text for a list", "R01"
    elif field.type == "bytes":
        yield "no base64", "%%%"
        yield "an object for a file", {"x": 1}
    else:
        if field.length:
            longest = int(field.length) + 1
            yield "too long", ("1" if field.type == "digits" else "长") * longest
        yield "a number for a text", 12345
        yield "an object for a text", {"x": 1}
        if field.type == "digits":
            yield "letters for digits", "12a"


def all_spoilt(infno: str, *, real: Mapping[str, Any] | None = None) -> Iterator[Spoilt]:
    """Every message of the transaction with one thing wrong: in the second row of lists."""
    good = message(infno, rows=2, real=real)
    for field in asked_fields(infno):
        for what, value in wrong_values(field):
            made = spoil(infno, good, field, 1, value)
            yield replace(made, what=what)


def wrong_in_answer(infno: str, output: Any) -> list[str]:
    """What an output lacks of the printed tables, or has in another form or length."""
    found: list[str] = []
    outs = nodes(infno, "out")
    by_node: dict[str, list[Printed]] = {}
    for field in printed_fields(infno):
        if field.direction == "out" and not (field.type in OF_NODES and field.name in outs):
            by_node.setdefault(field.node, []).append(field)
    for name, (parent, many) in outs.items():
        if parent:
            continue
        part = output.get(name) if name else output
        found += _wrong_in(infno, name, part, many, by_node)
    return found


def _wrong_in(
    infno: str, name: str, part: Any, many: bool, by_node: Mapping[str, list[Printed]]
) -> list[str]:
    if not isinstance(part, list if many else dict):
        return [f"{name} is {type(part).__name__}"]
    outs = nodes(infno, "out")
    found: list[str] = []
    for row in part if many else [part]:
        for field in by_node.get(name, []):
            if field.name not in row:
                found.append(f"{name}.{field.name} is not there")
            elif wrong := wrong_value(field, row[field.name]):
                found.append(f"{name}.{field.name} {wrong}")
        for child, (parent, of_many) in outs.items():
            if parent == name and name:
                found += _wrong_in(infno, child, row.get(child), of_many, by_node)
    return found


def wrong_value(field: Printed, value: Any) -> str:
    """What is wrong with a value of an answer; "" when nothing is."""
    if field.type in ("number", "integer") or field.name == "hifdm_pay":
        return _wrong_number(field, value)
    if not isinstance(value, str):
        return f"is a {type(value).__name__}"
    if not value:
        return ""
    if field.type in ("date", "datetime"):
        form = "%Y-%m-%d %H:%M:%S" if field.type == "datetime" or "HH" in field.note else "%Y-%m-%d"
        try:
            datetime.strptime(value, form)  # noqa: DTZ007
        except ValueError:
            return f"is no {form}"
        return ""
    if field.dictionary:
        return "" if value in codes(field.dictionary) else f"is no code of {field.dictionary}"
    if field.length and len(value) > int(field.length):
        return f"is longer than {field.length}"
    return ""


def _wrong_number(field: Printed, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return f"is a {type(value).__name__}"
    if not field.length:
        return ""
    whole, behind = whole_digits(field.length)
    if abs(value) >= Decimal(10) ** whole:
        return f"has more than {whole} digits"
    return "" if round(Decimal(value), behind) == value else f"has more than {behind} decimals"
