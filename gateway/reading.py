"""A message as text, read without guessing: amounts stay as written, nothing is said twice."""

import hashlib
from typing import Any

import simplejson

MAX_DEPTH = 12  # 3101, the deepest of the tables, has 6


class UnreadableError(Exception):
    """It is not a message; `args[0]` says why, in Chinese."""


def read(body: bytes) -> dict[str, Any]:
    """The message with its numbers as int and Decimal. Raises UnreadableError."""
    try:
        found = simplejson.loads(
            body.decode("utf-8"),
            use_decimal=True,
            object_pairs_hook=_once,
            parse_constant=_no_number,
        )
        _check_depth(found, MAX_DEPTH)
    except UnicodeDecodeError:
        raise UnreadableError("报文不是 UTF-8 编码，请转换后重发") from None
    except (ValueError, RecursionError, ArithmeticError):
        raise UnreadableError("报文不是正确的 JSON,请核对后重发") from None
    if not isinstance(found, dict):
        raise UnreadableError("报文应为一个 JSON 对象，请核对后重发")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableError(f"字段 {twice[:60]} 在同一节点出现两次，请核对后重发")
    return found


def _no_number(text: str) -> Any:
    raise UnreadableError(f"{text} 不是数值，请核对后重发")


def _check_depth(value: Any, left: int) -> None:
    """Neither deeper than any table, nor with text that no database takes."""
    if left < 0:
        raise UnreadableError("报文嵌套过深，请核对后重发")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_depth(inner, left - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_depth(inner, left - 1)
    elif isinstance(value, str):
        _check_text(value)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise UnreadableError("报文含有空字符，请核对后重发")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UnreadableError("报文含有不完整的字符，请核对后重发") from None


def digest_of(infno: str, asked: Any) -> str:
    """The same for the same question, however its fields are ordered."""
    text = simplejson.dumps([infno, asked], use_decimal=True, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def written(answer: Any) -> str:
    """The answer as JSON: amounts as they are in the books, never through floats."""
    return simplejson.dumps(answer, use_decimal=True, ensure_ascii=False)
