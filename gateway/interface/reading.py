"""The tables of the interface: which transaction asks and answers which fields.

`tables/` holds the facts in our own shape, for the transactions that the portal answers. A field's
kind: text, digits (a text of digits), number, date, datetime, moment (a datetime where a bare day
is taken as its midnight), list (of texts), file (base64). A number's length is `digits,decimals`.
Where two facts of the printed interface contradict each other:

* A code longer than its field: the dictionary wins (`Field.length` is that of the longest code).
  Second tables of the same dictionary belong to it, a code printed twice stands once.
* `infno` has up to 6 characters, `fixmedins_name` up to 200.
* A "date" that is noted with its time is a datetime (9001, 9002 sign_time), a moment where it is
  asked (3101, 3102): old senders leave the time out.
* 4101A asks what is printed under 4101. 2208 answers `psn_cash_pay` beside its misspelling
  `pdn_cash_pay`; 2305 answers `hifdm_pay` as the number it is; 2304 answers `hosp_part_amt` once.
* A table without a node stands directly in the input or output; where it means many rows
  (1304, 1312, 1316–1319, 5204) the output itself is the list of them.
* 3101 and 3102 answer one `result` for every hit, so many. 1901 and 2407 likewise.
* What 9102 answers is not printed: node `fsDownloadOut`, its fields called as those of 9101.
* 1318 and 1319 print a price of whole yuan and a ratio of whole numbers: as elsewhere 16,6 and 5,4.
* A list-typed field that names a node is that node and no field of its own.
* Whether a node must be sent is not printed: yes where it has a field that must, except those
  lists that a case may do without (`nodes.csv`, duty N). Trace codes (3505A) must be sent, as an
  empty list where the drug has none (duty S).
* A duty "by condition" is data where the condition can be said exactly (`conditions.csv`); where
  it speaks of what only the case knows ("if needed", "if known"), it is not asked for. What is
  said of mdtrt_cert_no (2303, 2304, 2401) tells what to fill in, not when. `setl_id` of 3505A is
  not there yet where a county settles nothing before the trace codes are known.
* `cert_type` of 2401 means psn_cert_type and is printed without a dictionary: texts of its length
  pass, and so do the codes that are longer (`|` before the dictionary's name).
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_TABLES = Path(__file__).with_name("tables")
_NO_LENGTH = 100_000  # for texts whose length the tables do not say
_NO_DIGITS = (16, 6)  # the same for numbers

CodeList = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field must be filled: `other` has one of `values`; "*" filled, "-" empty, "<0"."""

    other: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `duty`: Y always (in answers: never empty), C by its condition, N never.

    `codes`: what may stand there and nothing else; `beside`: what may stand there though too long.
    """

    name: str
    title: str
    kind: str
    length: int
    whole: int
    decimals: int
    dictionary: str
    codes: CodeList | None
    beside: CodeList
    duty: str
    condition: Condition | None

    @property
    def is_bounded(self) -> bool:
        """Whether the tables say a text's length."""
        return self.length < _NO_LENGTH


@dataclass(frozen=True, slots=True)
class Node:
    """A group of fields. `name` is "" when they stand directly; `many`: a list of rows.

    `duty` of what is asked: Y must be sent, S likewise but may be empty, N need not.
    """

    name: str
    title: str
    many: bool
    duty: str
    fields: Mapping[str, Field]
    children: Mapping[str, "Node"]
    must: frozenset[str]
    conditional: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """What a transaction is asked and answers. `taken`, `given`: the rows of its text files."""

    infno: str
    title: str
    asks: Mapping[str, Node]
    answers: Mapping[str, Node]
    taken: Node | None
    given: Node | None


def _table(name: str) -> Iterator[dict[str, str]]:
    with (_TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def dictionaries() -> Mapping[str, CodeList]:
    """Every dictionary that a field uses: its codes and their titles, in the printed order."""
    found: dict[str, dict[str, str]] = {}
    for row in _table("dictionaries"):
        found.setdefault(row["dictionary"], {})[row["value"]] = row["title"]
    return MappingProxyType(found)


@cache
def dictionaries_of() -> Mapping[str, tuple[str, ...]]:
    """Field → the dictionaries that it has in one transaction or another, where they are called
    otherwise than the field (medins_lv: hosp_lv)."""
    found: dict[str, set[str]] = {}
    for row in _table("fields"):
        dictionary = row["dictionary"].lstrip("|")
        if dictionary and dictionary != row["name"]:
            found.setdefault(row["name"], set()).add(dictionary)
    return MappingProxyType({name: tuple(sorted(names)) for name, names in found.items()})


@cache
def transactions() -> Mapping[str, str]:
    """The numbers and titles of the transactions that the portal answers."""
    return MappingProxyType({row["infno"]: row["title"] for row in _table("transactions")})


@cache
def catalogue_columns() -> Mapping[str, tuple[str, ...]]:
    """The titles of the columns of each catalogue's file, in order."""
    found: dict[str, list[str]] = {}
    for row in _table("catalogue_columns"):
        found.setdefault(row["infno"], []).append(row["title"])
    return MappingProxyType({infno: tuple(titles) for infno, titles in found.items()})


def _field(row: Mapping[str, str], condition: Condition | None) -> Field:
    loose, dictionary = row["dictionary"].startswith("|"), row["dictionary"].lstrip("|")
    known = dictionaries()[dictionary] if dictionary else None
    codes = None if loose else known
    number = row["kind"] == "number"
    digits = [int(part) for part in row["length"].split(",")] if number and row["length"] else []
    total, decimals = [*digits, 0][:2] if digits else (sum(_NO_DIGITS), _NO_DIGITS[1])
    length = int(row["length"]) if row["length"] and not number else _NO_LENGTH
    return Field(
        name=row["name"],
        title=row["title"],
        kind=row["kind"],
        length=max([length, *(len(code) for code in codes)]) if codes else length,
        whole=total - decimals,
        decimals=decimals,
        dictionary="" if loose else dictionary,
        codes=codes,
        beside=known if loose and known else MappingProxyType({}),
        duty=row["duty"],
        condition=condition,
    )


@cache
def _rows() -> tuple[dict[tuple[str, str], list[dict[str, str]]], dict[tuple[str, str, str], str]]:
    """The rows of nodes and fields by transaction, and the conditions by field."""
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for name in ("nodes", "fields"):
        for row in _table(name):
            rows.setdefault((name, row["infno"]), []).append(row)
    conditions = {
        (row["infno"], row["node"], row["name"]): f"{row['other']} {row['values']}"
        for row in _table("conditions")
    }
    return rows, conditions


def _node(infno: str, row: Mapping[str, str]) -> Node:
    """The node of a row of nodes.csv with its fields and the nodes in it."""
    rows, conditions = _rows()
    name, direction = row["node"], row["direction"]
    fields = {}
    for line in rows["fields", infno]:
        if (line["direction"], line["node"]) == (direction, name):
            known = conditions.get((infno, name, line["name"])) if direction == "in" else None
            other, *values = known.split(" ") if known else [""]
            condition = Condition(other, tuple(values)) if known else None
            fields[line["name"]] = _field(line, condition)
    inside = [
        line
        for line in rows["nodes", infno]
        if name and (line["direction"], line["parent"]) == (direction, name)
    ]
    return Node(
        name=name,
        title=row["title"],
        many=row["rows"] == "many",
        duty=row["duty"],
        fields=MappingProxyType(fields),
        children=MappingProxyType({line["node"]: _node(infno, line) for line in inside}),
        must=frozenset(field.name for field in fields.values() if field.duty == "Y"),
        conditional=tuple(field for field in fields.values() if field.condition),
    )


@cache
def spec_of(infno: str) -> Spec | None:
    """What the transaction is asked and answers; None when the portal does not answer it."""
    if infno not in transactions():
        return None
    nodes: dict[str, dict[str, Node]] = {"in": {}, "out": {}, "in_file": {}, "out_file": {}}
    for row in _rows()[0]["nodes", infno]:
        if not row["parent"]:
            nodes[row["direction"]][row["node"]] = _node(infno, row)
    return Spec(
        infno=infno,
        title=transactions()[infno],
        asks=MappingProxyType(nodes["in"]),
        answers=MappingProxyType(nodes["out"]),
        taken=nodes["in_file"].get(""),
        given=nodes["out_file"].get(""),
    )


@cache
def head() -> Node:
    """The head of a request: every field beside `input`."""
    fields = {row["name"]: _field(row, None) for row in _rows()[0]["fields", ""]}
    return Node(
        name="",
        title="报文头",
        many=False,
        duty="Y",
        fields=MappingProxyType(fields),
        children=MappingProxyType({}),
        must=frozenset(field.name for field in fields.values() if field.duty == "Y"),
        conditional=(),
    )
