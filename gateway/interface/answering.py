"""An answer written by the tables: every field in its place, form and length.

What the tables do not know, and what cannot be what they say, is a fault of the transaction and
raises AnswerError; a text that is too long is cut, for the hospital can do nothing about it.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from gateway.interface.reading import Field, Node, Spec, catalogue_columns, spec_of
from gateway.interface.values import EMPTY, LOCAL

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_FEN = 2
_DAY = len("yyyy-MM-dd")
_NO_VALUE = "null"  # an empty column of a text file
# 2208 spells the field wrongly; who reads it by either name finds the same amount.
_SAME = {"pdn_cash_pay": "psn_cash_pay", "psn_cash_pay": "pdn_cash_pay"}

Written = dict[str, Any] | list[dict[str, Any]]


class AnswerError(Exception):
    """A transaction answers what the tables do not know: to be mended in the code."""


def written(spec: Spec, answer: Mapping[str, Any]) -> Written:
    """The `output` of an answer, ready for JSON (Decimal stays Decimal).

    All fields and nodes of the tables are there: numbers that are missing are 0, other fields "",
    lists []. Fields without a node stand directly in it; where they are many rows (`"": [row, …]`),
    the output is the list of them.
    """
    strangers = answer.keys() - spec.answers.keys()
    if strangers:
        raise AnswerError(f"{spec.infno} answers no node {sorted(strangers)}")
    output: dict[str, Any] = {}
    for name, node in spec.answers.items():
        found = _node(spec, node, answer.get(name))
        if name:
            output[name] = found
        elif node.many:
            rows: list[dict[str, Any]] = found
            return rows
        else:
            output |= found
    return output


def _node(spec: Spec, node: Node, given: Any) -> Any:
    """The row or rows of a node."""
    if isinstance(given, Mapping):
        return [_row(spec, node, given)] if node.many else _row(spec, node, given)
    rows = list(given or ())
    if node.many:
        return [_row(spec, node, row) for row in rows]
    if len(rows) > 1:
        raise AnswerError(f"{spec.infno} {node.name} has one row, not {len(rows)}")
    return _row(spec, node, rows[0] if rows else {})


def _row(spec: Spec, node: Node, given: Mapping[str, Any]) -> dict[str, Any]:
    """One row with every field, the nodes in it behind them."""
    strangers = given.keys() - node.fields.keys() - node.children.keys()
    if strangers:
        raise AnswerError(f"{spec.infno} {node.name} has no field {sorted(strangers)}")
    found: dict[str, Any] = {}
    for name, field in node.fields.items():
        value = given.get(name)
        if value is None and name in _SAME:
            value = given.get(_SAME[name])
        try:
            found[name] = value_of(field, value)
        except AnswerError as fault:
            raise AnswerError(f"{spec.infno} {node.name}.{name} {fault}") from fault
    for name, child in node.children.items():
        found[name] = _node(spec, child, given.get(name))
    return found


def value_of(field: Field, value: Any) -> Any:
    """The value as JSON carries it: a text, or a number with the field's decimals."""
    if field.kind == "number":
        return _number(field, value)
    if value in EMPTY:
        return [] if field.kind == "list" else ""
    text: Any = None
    match field.kind, value:
        case "date", datetime():
            text = _moment(value)[:_DAY]
        case "datetime" | "text" | "digits", datetime():
            text = _moment(value)
        case "datetime", date():
            text = f"{value:%Y-%m-%d} 00:00:00"
        case "date" | "text" | "digits", date():
            text = f"{value:%Y-%m-%d}"
        case "list", list() | tuple():
            return [str(item) for item in value]
        case "file", bytes():
            text = base64.b64encode(value).decode()
        case "file", str():
            text = value
        case "text" | "digits", str() | int() if not isinstance(value, bool):
            text = str(value)[: field.length]
    if text is None:
        raise AnswerError(f"is a {field.kind}, not a {type(value).__name__}")
    return text


def _moment(value: datetime) -> str:
    """The moment by the wall clock."""
    local = value.astimezone(LOCAL) if value.tzinfo else value
    return f"{local:%Y-%m-%d %H:%M:%S}"


def _number(field: Field, value: Any) -> Decimal | int:
    """The number with the field's decimals. An amount must be whole fen; others are rounded."""
    if value is None or value == "":
        value = 0
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise AnswerError(f"is a number, not a {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= Decimal(10) ** field.whole:
        raise AnswerError(f"has {field.whole} digits before the point at most")
    exact = number.quantize(Decimal(1).scaleb(-field.decimals), context=_EXACT)
    if exact != number and field.decimals == _FEN:
        raise AnswerError("is an amount and must be whole fen")
    if field.decimals == 0:
        return int(exact)
    return exact if exact else abs(exact)


def empty_fields(spec: Spec, output: Any) -> list[str]:
    """The fields that must never be empty and are, as node.field: for tests and for the log.

    A number counts as filled: 0 may be meant. A node with no row, or whose row has nothing at all,
    lacks nothing.
    """
    if not isinstance(output, Mapping | list):
        return []
    found: list[str] = []
    for name, node in spec.answers.items():
        part = output if not name or isinstance(output, list) else output.get(name)
        found += _empty_in(node, part)
    return sorted(set(found))


def _empty_in(node: Node, part: Any) -> list[str]:
    rows: Sequence[Any] = part if isinstance(part, list) else [part or {}]
    found = []
    for row in rows:
        if any(row.get(field.name) for field in node.fields.values()):
            found += [f"{node.name}.{name}" for name in node.must if row.get(name) in EMPTY]
        for name, child in node.children.items():
            found += _empty_in(child, row.get(name))
    return found


def file_rows(infno: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """The lines of a tab-separated file, without line ends: columns in the printed order.

    Catalogues (1301–1315) have rows by the column's title, 3202 by the field's name. What is empty
    is "null"; tabs and line ends inside a value become spaces. Raises AnswerError for a column that
    the file has not.
    """
    spec = spec_of(infno)
    if spec is not None and spec.given is not None:
        known = spec.given.fields
        for row in rows:
            _known_only(infno, row, known)
            texts = {
                name: None if row.get(name) in EMPTY else value_of(field, row[name])
                for name, field in known.items()
            }
            yield "\t".join(_cell(texts[name]) for name in known)
        return
    titles = catalogue_columns().get(infno)
    if titles is None:
        raise AnswerError(f"{infno} has no file")
    for row in rows:
        _known_only(infno, row, titles)
        yield "\t".join(_cell(row.get(title)) for title in titles)


def _known_only(infno: str, row: Mapping[str, Any], known: Iterable[str]) -> None:
    strangers = row.keys() - set(known)
    if strangers:
        raise AnswerError(f"the file of {infno} has no column {sorted(strangers)}")


def _cell(value: Any) -> str:
    """One column of a line."""
    if value is None or value == "":
        return _NO_VALUE
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return " ".join(str(value).split()) or _NO_VALUE
