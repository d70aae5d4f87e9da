"""The numbers of a pack's text, each with its article, and the text with some of them changed.

A value is changed at its own place in the text, so comments, order and assumptions stay as the
county wrote them. Pure: text in, text out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

import yaml

from policies.reading import LOADER
from policies.terms import AMOUNTS, DIMENSION_NAMES
from policies.words import BOUNDS, BY_HAND, COUNTS, KEYS, SECTIONS, UNNAMED, word
from policies.written import narrow

SKIPPED = frozenset({"format", "area", "vocabulary", "base_layer"})
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
RATIO = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?%")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Number:
    """One changeable value of a text.

    ``place`` is its path as the checker writes it (``benefits[2].ratio[1].ratio``), ``kind`` one of
    ratio, money, count, day, month_day, text. ``group``, ``item`` and ``when`` say in words what it
    is and for whom, ``also`` what else uses the same line of the text. ``start`` and ``end`` bound
    it in the text, quotes included.
    """

    place: str
    section: str
    group: str
    item: str
    when: str
    article: str
    kind: str
    text: str
    line: int
    start: int
    end: int
    quote: str
    also: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return "元" if self.kind == "money" else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs between two texts; ``before`` or ``after`` is "" where it is new or
    gone."""

    place: str
    article: str
    group: str
    item: str
    when: str
    before: str
    after: str


@lru_cache(maxsize=16)
def numbers_of(source: str) -> tuple[Number, ...]:
    """Every number, date and title of a text in its order; none when it is not YAML."""
    return _walked(source, every_use=False)


@lru_cache(maxsize=16)
def everything_of(source: str) -> tuple[Number, ...]:
    """Whatever a text says, words and codes too, at each place where it holds: a table that two
    tiers share stands under both. For comparing texts, not for changing them."""
    return _walked(source, every_use=True)


def _walked(source: str, *, every_use: bool) -> tuple[Number, ...]:
    try:
        root = yaml.compose(source, Loader=LOADER)
    except (yaml.YAMLError, RecursionError):
        return ()
    if not isinstance(root, yaml.MappingNode):
        return ()
    walk = _Walk(_vocabulary(root), every_use)
    for key, value in _pairs(root):
        if every_use or key not in SKIPPED:
            walk.node(value, key, _Context(key, SECTIONS.get(key, key), (), "", _article(root)))
    if every_use:
        return tuple(walk.found)
    return tuple(sorted(walk.found, key=lambda number: number.start))


def value_problem(number: Number, value: str) -> str | None:
    """What is wrong with a value for this place, in Chinese; None when it can stand there."""
    if number.kind == "ratio":
        fits = RATIO.fullmatch(value)
        return None if fits else "写百分数，最多两位小数，例如 62.5%"
    if number.kind == "money":
        fits = re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,2})?", value)
        return None if fits else "写金额（元），最多两位小数，例如 22.50"
    if number.kind == "count":
        return None if re.fullmatch(r"[0-9]{1,6}", value) else "写整数，例如 3"
    if number.kind == "text":
        return None if value.strip() and len(value) <= 200 else "写 1 至 200 个字"
    return _date_problem(number.kind, value)


def _date_problem(kind: str, value: str) -> str | None:
    whole = value if kind == "day" else f"2001-{value}"
    try:
        if DAY.fullmatch(whole) and date.fromisoformat(whole):
            return None
    except ValueError:
        pass
    return "写日期，例如 2027-01-01" if kind == "day" else "写月日，例如 10-01（不用 02-29）"


def tidy(number: Number, value: str) -> str:
    """The value as the text wants it: 65 becomes 65% where a percentage stands."""
    if number.kind == "text":
        return value.strip()
    value = value.strip().replace("％", "%").replace(",", "").replace("，", "")
    if number.kind == "ratio" and NUMBER.fullmatch(value):
        return value + "%"
    return value


def replaced(source: str, values: Mapping[str, str]) -> str:
    """The text with ``values`` at their places. Raises ValueError for an unknown place or a value
    that cannot stand there; what is equal in meaning is left as it is written."""
    known = {number.place: number for number in numbers_of(source)}
    unknown = [place for place in values if place not in known]
    if unknown:
        raise ValueError(f"办法中没有这一处：{unknown[0]}")
    text = source
    for place in sorted(values, key=lambda each: -known[each].start):
        number = known[place]
        value = tidy(number, values[place])
        problem = value_problem(number, value)
        if problem is not None:
            raise ValueError(f"{number.item}“{value}”不对：{problem}")
        if not same(number, value):
            text = text[: number.start] + _written(number, value) + text[number.end :]
    return text


def same(number: Number, value: str) -> bool:
    """Whether the value means what is written already (50% and 50.0%, 20 and 20.00)."""
    if number.kind in {"ratio", "money", "count"} and value_problem(number, value) is None:
        return Decimal(value.rstrip("%")) == Decimal(number.text.rstrip("%"))
    return value == number.text


def _written(number: Number, value: str) -> str:
    if number.kind == "text":
        return json.dumps(value, ensure_ascii=False)
    return f"{number.quote}{value}{number.quote}"


def differences(before: Iterable[Number], after: Iterable[Number]) -> list[Difference]:
    """What differs between two texts, place by place, in the order of the later one."""
    old, new = ({number.place: number for number in side} for side in (before, after))
    found = []
    for place in [*new, *(place for place in old if place not in new)]:
        was, now = old.get(place), new.get(place)
        shown = now or was
        assert shown is not None
        if was is not None and now is not None and same(was, now.text):
            continue
        found.append(
            Difference(
                place=place,
                article=shown.article,
                group=shown.group,
                item=shown.item,
                when=shown.when,
                before=was.text if was else "",
                after=now.text if now else "",
            )
        )
    return found


# -- walking the text --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known about a node from those above it."""

    section: str
    group: str
    words: tuple[str, ...]
    when: str
    article: str


class _Walk:
    """Collects the numbers below a node. A part that is used again under an alias is told once,
    with the names of everything else that uses it; or, where `every_use` counts, wherever it is."""

    def __init__(self, vocabulary: Mapping[str, Mapping[str, str]], every_use: bool) -> None:
        self.vocabulary, self.every_use = vocabulary, every_use
        self.found: list[Number] = []
        self._seen: set[int] = set()

    def node(self, node: yaml.Node, place: str, context: _Context) -> None:
        if id(node) in self._seen and not self.every_use:
            self._used_again(node, context.group)
            return
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node, place, context)
        elif isinstance(node, yaml.SequenceNode):
            for at, item in enumerate(node.value, start=1):
                self.node(item, f"{place}[{at}]", context)
        elif isinstance(node, yaml.MappingNode):
            self._mapping(node, place, context)

    def _mapping(self, node: yaml.MappingNode, place: str, context: _Context) -> None:
        texts = {key: value.value for key, value in _pairs(node) if _is_scalar(value)}
        inner = replace(
            context,
            when=self._conditions(node) or context.when,
            article=texts.get("article", context.article),
        )
        name = texts.get("name") or texts.get("title")
        if name and context.words[:1] in ((), ("类别",)):
            # The name of a benefit says for whom it is; repeating its conditions would only tire.
            inner = replace(inner, group=name, words=(), when="")
        elif name:
            inner = replace(inner, words=(*context.words, name))
        for key, value in _pairs(node):
            if self.every_use or key not in UNNAMED:
                words = (*inner.words, word(key, self.vocabulary))
                self.node(value, f"{place}.{key}", replace(inner, words=words))

    def _scalar(self, node: yaml.ScalarNode, place: str, context: _Context) -> None:
        text = narrow(str(node.value).strip())
        kind = _kind(text, place)
        if kind is None and not self.every_use:
            return
        if kind is None:
            dimension = place.rpartition(".")[2].partition("[")[0]
            text = self.vocabulary.get(dimension, {}).get(text, text)
        words = tuple(dict.fromkeys(one for one in context.words if one))
        self.found.append(
            Number(
                place=place,
                section=context.section,
                group=context.group,
                item=" · ".join(words) or KEYS.get(place, context.group),
                when=context.when,
                article=context.article,
                kind=kind or "word",
                text=text,
                line=node.start_mark.line + 1,
                start=node.start_mark.index,
                end=node.end_mark.index,
                quote=node.style if node.style in ("'", '"') else "",
            )
        )

    def _used_again(self, node: yaml.Node, group: str) -> None:
        first, last = node.start_mark.index, node.end_mark.index
        self.found = [
            replace(number, also=(*number.also, group))
            if first <= number.start < last and group not in (*number.also, number.group)
            else number
            for number in self.found
        ]

    def _conditions(self, node: yaml.MappingNode) -> str:
        parts = []
        for key, value in _pairs(node):
            if key in {"when", "unless"}:
                clauses = value.value if isinstance(value, yaml.SequenceNode) else [value]
                told = " 或 ".join(self._clause(clause) for clause in clauses)
                parts.append(f"除外：{told}" if key == "unless" else told)
        return "；".join(part for part in parts if part)

    def _clause(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.MappingNode):
            return ""
        return "，".join(self._test(key, value) for key, value in _pairs(node))

    def _test(self, dimension: str, node: yaml.Node) -> str:
        if dimension == "also":
            return self._clause(node)
        names = self.vocabulary.get(dimension, {})
        if isinstance(node, yaml.MappingNode):
            bounds = {key: value.value for key, value in _pairs(node)}
            if dimension in AMOUNTS:
                said = "、".join(f"{BOUNDS.get(key, key)}{bounds[key]}元" for key in bounds)
                return f"{DIMENSION_NAMES[dimension]}{said}"
            low, high = bounds.get("from"), bounds.get("to")
            span = f"{low or ''}—{high}" if high else f"{low} 起"
            return f"{DIMENSION_NAMES.get(dimension, dimension)} {span}"
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return "、".join(names.get(str(item.value), str(item.value)) for item in items)


def _kind(text: str, place: str) -> str | None:
    if place in BY_HAND:
        return "text"
    if RATIO.fullmatch(text):
        return "ratio"
    if DAY.fullmatch(text):
        return "day"
    if MONTH_DAY.fullmatch(text):
        return "month_day"
    if not NUMBER.fullmatch(text):
        return None
    keys = [part.partition("[")[0] for part in place.split(".")]
    counts = "waiting" in keys or any(key in COUNTS for key in keys[-2:])
    return "count" if counts and "." not in text else "money"


def _pairs(node: yaml.MappingNode) -> list[tuple[str, yaml.Node]]:
    return [(str(key.value), value) for key, value in node.value]


def _is_scalar(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _article(node: yaml.MappingNode) -> str:
    return next((str(value.value) for key, value in _pairs(node) if key == "article"), "")


def _vocabulary(root: yaml.MappingNode) -> dict[str, dict[str, str]]:
    """Code → name by dimension, as the text declares them, with the codes that every pack has."""
    found: dict[str, dict[str, str]] = {dimension: dict(names) for dimension, names in _standard()}
    for key, value in _pairs(root):
        if key == "vocabulary" and isinstance(value, yaml.MappingNode):
            for dimension, codes in _pairs(value):
                if isinstance(codes, yaml.MappingNode):
                    found[dimension] = {code: _name(node) for code, node in _pairs(codes)}
        if key == "age_groups" and isinstance(value, yaml.SequenceNode):
            groups = [dict(_pairs(each)) for each in value.value if hasattr(each, "value")]
            found["age_group"] = {
                str(each["code"].value): str(each["name"].value)
                for each in groups
                if "code" in each and "name" in each
            }
    return found


def _name(node: yaml.Node) -> str:
    """A code's name: what stands there, or the name of a kind of care that says more."""
    if isinstance(node, yaml.MappingNode):
        return next((str(value.value) for key, value in _pairs(node) if key == "name"), "")
    return str(node.value)


def _standard() -> Sequence[tuple[str, Mapping[str, str]]]:
    from policies.loader import REFERRALS, SEXES

    return (("referral", REFERRALS), ("sex", SEXES))
