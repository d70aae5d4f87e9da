"""A pack as the tables that a county's document has: who gets what where, each with its article.

Pure: terms in, tables of texts out.  Columns are the levels of institutions (for premiums the
tiers), rows the rules and whom they are for; a table whose rows speak of too many things at once is
given row by row, as it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from policies.saying import amount_said, condition_said, growth_said, percent_said
from policies.terms import (
    FLAGS,
    Benefit,
    Cap,
    Condition,
    Deductible,
    DeductibleChange,
    Layer,
    Scheme,
    Table,
    Terms,
    Vocabulary,
)
from policies.terms.axes import Axis

MOST_ROWS = 12  # of one rule; more are given as they are written
NONE = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands there and where it comes from; ``wide`` over how many columns."""

    text: str
    article: str
    wide: int = 1

    @property
    def place(self) -> str:
        """The class of the cell: in the middle of the columns that it is for, figures to the
        right."""
        if self.wide > 1:
            return "text-center"
        return "num" if self.text.endswith(("元", "%", NONE)) else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the rule, whom it is for, a cell a column."""

    rule: str
    whom: str
    cells: tuple[Cell, ...]

    @property
    def articles(self) -> str:
        return "、".join(dict.fromkeys(each.article for each in self.cells if each.article))

    @property
    def is_mixed(self) -> bool:
        """Whether the cells stand on more than one article, so that each must say its own."""
        return len({each.article for each in self.cells if each.article}) > 1


@dataclass(slots=True)
class Matrix:
    """One table with what its document says beside it."""

    title: str
    columns: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)
    about: str = ""
    article: str = ""


def matrices_of(terms: Terms) -> list[tuple[str, list[Matrix]]]:
    """(part, its tables) in the order in which money is paid in and paid out."""
    parts = [
        ("筹资", list(_premium(terms))),
        ("费用归类", list(_bill(terms))),
        ("不予支付", list(_refusals(terms))),
        ("待遇", [_benefit(each, terms) for each in terms.benefits]),
        ("各层保障", [_layer(each, terms) for each in terms.layers]),
        ("报销材料", list(_papers(terms))),
    ]
    return [(name, tables) for name, tables in parts if tables]


# -- paying in ---------------------------------------------------------------------------------


def _premium(terms: Terms) -> Iterator[Matrix]:
    rules = terms.premium
    if rules is None:
        return
    spread = _Spread(terms.vocabulary, "tier", tuple(terms.vocabulary.get("tier", {})))
    standards = Matrix("筹资标准（每人每年）", spread.columns)
    standards.lines += spread.lines("筹资标准", rules.standards)
    for grant in rules.grants:
        name = f"划入{terms.counters[grant.counter].title}"
        standards.lines += spread.lines(name, grant.amounts)
    yield standards
    payers = terms.vocabulary.get("payer", {})
    given = [
        code
        for code in payers
        if any(code in row.shares for s in rules.subsidies for row in s.rows)
    ]
    subsidies = Matrix(
        "补助（每人每年）", ("补助", "抵个人缴费", *(payers[code] for code in given))
    )
    for subsidy in rules.subsidies:
        for row in subsidy.rows:
            amounts = [row.amount, row.toward_premium, *(row.shares.get(code, 0) for code in given)]
            cells = tuple(Cell(amount_said(fen) if fen else NONE, row.article) for fen in amounts)
            whom = condition_said(row.condition, terms.vocabulary)
            subsidies.lines.append(Line(subsidy.name, whom, cells))
    if subsidies.lines:
        yield subsidies


def _bill(terms: Terms) -> Iterator[Matrix]:
    matrix = Matrix("费用类别", ("先由个人自付",))
    for each in terms.bill.classes.values():
        if each.kind != "covered" or each.shares is None:
            said = "全由个人负担" if each.kind == "self_pay" else "由医疗机构负担"
            matrix.lines.append(Line(each.name, "", (Cell(said, each.article),)))
        elif each.billed:
            matrix.lines.append(Line(each.name, "", (Cell("按票据所列", each.article),)))
        else:
            matrix.lines += _Spread(terms.vocabulary).lines(each.name, each.shares)
    if matrix.lines:
        yield matrix


def _refusals(terms: Terms) -> Iterator[Matrix]:
    matrix = Matrix("不予支付的情形", ("情形",))
    for rule in terms.refusals:
        said = condition_said(rule.condition, terms.vocabulary)
        matrix.lines.append(Line(rule.name, "", (Cell(said, rule.article),)))
    if matrix.lines:
        yield matrix


def _papers(terms: Terms) -> Iterator[Matrix]:
    matrix = Matrix("手工报销须交的材料", ("何时须交",))
    for rule in terms.papers:
        said = condition_said(rule.condition, terms.vocabulary) or "一律"
        name = f"{rule.name}（原件）" if rule.original else rule.name
        matrix.lines.append(Line(name, "", (Cell(said, rule.article),)))
    if matrix.lines:
        yield matrix


# -- paying out --------------------------------------------------------------------------------


def _benefit(benefit: Benefit, terms: Terms) -> Matrix:
    spread, matrix = _by_level(benefit, terms)
    if benefit.scheme is not None:
        matrix.lines += _scheme(benefit.scheme, spread)
    if benefit.flat is not None:
        per = {"visit": "每次", "day": "每天", "baby": "每个婴儿"}[benefit.flat.per]
        matrix.lines += spread.lines(f"定额（{per}）", benefit.flat.amounts)
        matrix.lines += _caps(benefit.flat.caps, spread)
    if benefit.package is not None:
        per = {"visit": "每次", "day": "每床日"}[benefit.package.per]
        matrix.lines += spread.lines(f"定额（{per}）", benefit.package.prices)
        matrix.lines += spread.lines("基金付定额的", benefit.package.ratios)
        matrix.lines += _caps(benefit.package.caps, spread)
    for fee in benefit.fees:
        matrix.lines += spread.lines(fee.name, fee.amounts)
    if benefit.days_limit is not None:
        limit = benefit.days_limit
        whom = condition_said(limit.condition, terms.vocabulary)
        matrix.lines.append(spread.said("年内可付天数", whom, f"{limit.limit} 天", limit.article))
    return matrix


def _layer(layer: Layer, terms: Terms) -> Matrix:
    spread, matrix = _by_level(layer, terms)
    if layer.scheme is not None:
        matrix.lines += _scheme(layer.scheme, spread)
    if layer.flat is not None:
        matrix.lines += spread.lines("定额", layer.flat.amounts)
        matrix.lines += _caps(layer.flat.caps, spread)
    if layer.top_up is not None:
        matrix.lines += spread.lines("各层合计补足到", layer.top_up.ratios)
        matrix.lines += _caps(layer.top_up.caps, spread)
    return matrix


def _by_level(rule: Benefit | Layer, terms: Terms) -> tuple[_Spread, Matrix]:
    """A table with a column for each level of institution that the rule may meet, still empty."""
    spread = _Spread(terms.vocabulary, "level", _levels(rule.condition, terms))
    about = condition_said(rule.condition, terms.vocabulary, without="level")
    return spread, Matrix(rule.name, spread.columns, about=about, article=rule.article)


def _levels(condition: Condition, terms: Terms) -> tuple[str, ...]:
    """The levels of institutions that a rule with this condition may meet."""
    named = [test.values for test in condition.tests() if test.dimension == "level"]
    every = terms.vocabulary.get("level", {})
    allowed = frozenset().union(*named) if named else frozenset(every)
    return tuple(code for code in every if code in allowed)


def _scheme(scheme: Scheme, spread: _Spread) -> Iterator[Line]:
    if scheme.deductible is not None:
        yield from _deductible(scheme.deductible, spread)
    low = 0
    for segment in scheme.ratio.segments:
        bounds = "" if len(scheme.ratio.segments) == 1 else f"（{_between(low, segment.up_to)}）"
        yield from spread.lines(f"报销比例{bounds}", segment.ratios)
        low = segment.up_to or low
    for bonus in scheme.bonuses:
        whom = condition_said(bonus.condition, spread.vocabulary)
        if bonus.points is not None:
            yield from spread.lines(f"{bonus.name}，提高", bonus.points, whom)
        if bonus.growth is not None:
            yield spread.said(bonus.name, whom, growth_said(bonus.growth), bonus.growth.article)
    if scheme.ratio_ceiling is not None:
        yield from spread.lines("比例上限", scheme.ratio_ceiling)
    if scheme.unreferred is not None:
        name = {"points": "未转诊，降低", "factor": "未转诊，乘以", "self_pay": "未转诊，先自付"}
        yield from spread.lines(name[scheme.unreferred.form], scheme.unreferred.values)
    for stream in scheme.streams:
        yield from spread.lines(f"{stream.name}，比例", stream.ratios)
    if scheme.floor is not None:
        for table in (scheme.floor.ratios, scheme.floor.amounts):
            yield from spread.lines("保底", table) if table is not None else ()
    yield from _caps(scheme.caps, spread)


def _deductible(rule: Deductible, spread: _Spread) -> Iterator[Line]:
    yield from spread.lines("起付线", rule.amounts)
    if rule.share is not None:
        most = f"，最高 {amount_said(rule.share.most)}" if rule.share.most is not None else ""
        said = (
            f"费用的 {percent_said(rule.share.ratio)}，最低 {amount_said(rule.share.least)}{most}"
        )
        yield spread.said("起付线按费用", "", said, rule.share.article)
    for change in rule.changes:
        whom = condition_said(change.condition, spread.vocabulary)
        yield spread.said(f"起付线：{change.name}", whom, _change(change), change.article)
    if rule.ceiling is not None:
        yield from spread.lines("年累计起付不超过", rule.ceiling.limits)


def _change(change: DeductibleChange) -> str:
    if change.factor is not None:
        said = f"乘以 {percent_said(change.factor)}"
    elif change.amount is not None:
        said = f"为 {amount_said(change.amount)}"
    else:
        said = f"{'每次' if change.per_visit else ''}减 {amount_said(change.minus or 0)}"
    return said + (f"，不低于 {amount_said(change.least)}" if change.least else "")


def _caps(caps: Iterable[Cap], spread: _Spread) -> Iterator[Line]:
    for cap in caps:
        whom = condition_said(cap.condition, spread.vocabulary)
        yield from spread.lines(cap.name, cap.limits, whom)
        for growth in cap.growths:
            said = growth_said(growth, amount_said)
            yield spread.said(f"{cap.name}：递增", whom, said, growth.article)


def _between(low: int, up_to: int | None) -> str:
    if up_to is None:
        return f"{amount_said(low)}以上"
    return f"{amount_said(low)}至 {amount_said(up_to)}" if low else f"{amount_said(up_to)}以内"


# -- one table of the pack over the columns of a matrix ------------------------------------------


class _Spread:
    """Lays tables out over the codes of one dimension."""

    def __init__(
        self, vocabulary: Vocabulary, across: str = "", codes: tuple[str, ...] = ()
    ) -> None:
        self.vocabulary, self.across, self.codes = vocabulary, across, codes
        names: Mapping[str, str] = vocabulary.get(across, {})
        self.columns = tuple(names[code] for code in codes) or ("标准",)

    def said(self, rule: str, whom: str, text: str, article: str) -> Line:
        return Line(rule, whom, (Cell(text, article, len(self.columns)),))

    def lines(self, rule: str, table: Table, whom: str = "") -> Iterator[Line]:
        """The lines of one table: by whom they are for, or row by row as it is written.

        Somebody may have several statuses or diseases: which of them counts, the order says.
        """
        rest = [axis for axis in table.axes if axis.dimension != self.across]
        asks = {test.dimension for row in table.rows for test in row.condition.tests()}
        found = []
        if table.grid and not asks & set(FLAGS):
            found = list(self._laid_out(rule, table, rest, whom))
        if found and len(found) <= MOST_ROWS:
            yield from found
            return
        for row in table.rows:
            said = condition_said(row.condition, self.vocabulary)
            if not said and len(table.rows) > 1:
                said = "其他"
            said = "，".join(part for part in (whom, said) if part)
            yield self.said(rule, said, _value(table, row.value), row.article)

    def _laid_out(self, rule: str, table: Table, rest: list[Axis], whom: str) -> Iterator[Line]:
        cells = {places: index for index, places in table.cells() if index >= 0}
        used = [{places[at] for places in cells} for at in range(len(table.axes))]
        at = {id(axis): number for number, axis in enumerate(table.axes)}
        across = next((axis for axis in table.axes if axis.dimension == self.across), None)
        for chosen in product(*(sorted(used[at[id(axis)]]) for axis in rest)):
            held = dict(zip((at[id(axis)] for axis in rest), chosen, strict=True))
            indexes = []
            for code in self.codes or ("",):
                place = held if across is None else held | {at[id(across)]: _group(across, code)}
                indexes.append(cells.get(tuple(place.get(n, 0) for n in range(len(table.axes)))))
            if all(index is None for index in indexes):
                continue
            told = [
                self._telling(axis, place, len(used[at[id(axis)]]))
                for axis, place in zip(rest, chosen, strict=True)
            ]
            said = "，".join(part for part in (whom, *told) if part)
            yield Line(rule, said, self._cells(table, indexes))

    def _telling(self, axis: Axis, place: int, used: int) -> str:
        """What tells this row apart; nothing where the benefit leaves no other."""
        if used < 2 or (axis.dimension in FLAGS and not place):
            return ""
        return axis.describe(place, self.vocabulary.get(axis.dimension, {})).removeprefix("有")

    def _cells(self, table: Table, indexes: list[int | None]) -> tuple[Cell, ...]:
        if len(set(indexes)) == 1 and indexes[0] is not None:
            row = table.rows[indexes[0]]
            return (Cell(_value(table, row.value), row.article, len(self.columns)),)
        return tuple(
            Cell(NONE, "")
            if index is None
            else Cell(_value(table, table.rows[index].value), table.rows[index].article)
            for index in indexes
        )


def _group(axis: Axis, code: str) -> int:
    """Where the code stands on a category's axis; -1 where it stands nowhere."""
    return next((at for at, group in enumerate(axis.groups) if code in group), -1)


def _value(table: Table, value: int) -> str:
    if table.unit == "ratio":
        return percent_said(value)
    return amount_said(value) if table.unit == "fen" else str(value)
