"""A message checked by the tables: typed values, or every fault with its place and its remedy.

Total: whatever JSON brought (with `parse_float=Decimal`), the answer is a `Checked`, never an
exception. The work is bounded by the number of rows and of faults.

How a message lies: node name → row (an object) or rows (an array), as the tables say; a node inside
another stands in its parent's row under its own name (3101: `data` → `patient_dtos` →
`fsi_encounter_dtos` → …). The values keep this shape, without the fields that are empty ("", null,
blank text, empty array or object).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.interface.reading import Condition, Field, Node, Spec, head
from gateway.interface.values import EMPTY, READ, WrongValueError

ROWS = 2_000  # of one node
ALL_ROWS = 10_000  # of one message, all nodes together
FILE_ROWS = 50_000  # of one uploaded file
FAULTS = 20  # told of one message; what comes behind them is not looked at
UNKNOWN = 20  # unknown fields named
MUST_TOLD = 5  # fields named of a node that was sent empty
_NAME_TOLD = 40  # characters of an unknown name that are told


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `index` counts a node's rows from 0, None when it is no list.

    `message` is whole: it names node, row, field and the remedy.
    """

    node: str
    index: int | None
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`values` are whole only without faults; `unknown`: node.field that no table knows."""

    values: Mapping[str, Any]
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...]


class _EnoughError(Exception):
    """So much is wrong that looking further helps nobody."""


def check(spec: Spec, given: Any) -> Checked:
    """The `input` of a message, by the tables of its transaction."""
    looking = _Looking()
    try:
        values = looking.message(spec, given)
    except _EnoughError:
        values = {}
    return Checked(values, tuple(looking.faults), tuple(looking.unknown))


def check_head(given: Any) -> Checked:
    """The head of a message (without `input`)."""
    looking = _Looking()
    values: dict[str, Any] = {}
    try:
        if isinstance(given, Mapping):
            own = {name: value for name, value in given.items() if name != "input"}
            values = looking.row(head(), None, own)
        else:
            looking.faults.append(Fault("", None, "", "报文应为 JSON 对象 {…}，请改正"))
    except _EnoughError:
        values = {}
    return Checked(values, tuple(looking.faults), tuple(looking.unknown))


def check_lines(spec: Spec, text: str) -> Checked:
    """The tab-separated lines of a file that a transaction takes (3202), "null" for empty.

    Its values are {"": rows}.
    """
    looking = _Looking()
    found: list[dict[str, Any]] = []
    node = spec.taken
    try:
        lines = [line for line in text.splitlines() if line.strip()]
        if node is None or len(lines) > FILE_ROWS:
            what = f"行数过多，最多 {FILE_ROWS} 行，请缩短对账期间后分次上传"
            looking.faults.append(Fault("", None, "", what if node else "本交易不收文件"))
            raise _EnoughError
        for index, line in enumerate(lines):
            cells = ["" if cell == "null" else cell for cell in line.lstrip("\ufeff").split("\t")]
            if len(cells) != len(node.fields):
                what = f"应为 {len(node.fields)} 列，以制表符分隔，现为 {len(cells)} 列，请改正"
                looking.wrong(node, index, None, what)
            else:
                found.append(looking.row(node, index, dict(zip(node.fields, cells, strict=True))))
    except _EnoughError:
        found = []
    return Checked({"": found}, tuple(looking.faults), ())


class _Looking:
    """One look at one message: what was found on the way."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.unknown: list[str] = []
        self.rows = 0

    def wrong(self, node: Node, index: int | None, field: Field | Node | None, what: str) -> None:
        """Keep one fault."""
        name = field.name if field else ""
        self.faults.append(Fault(node.name, index, name, f"{_place(node, index, field)}：{what}"))
        if len(self.faults) >= FAULTS:
            raise _EnoughError

    def stranger(self, node: str, name: str) -> None:
        """Keep the name of a field that no table knows."""
        if len(self.unknown) < UNKNOWN:
            told = str(name)[:_NAME_TOLD].encode("utf-8", "backslashreplace").decode("utf-8")
            told = "".join(letter if letter.isprintable() else "?" for letter in told)
            self.unknown.append(f"{node}.{told}" if node else told)

    def message(self, spec: Spec, given: Any) -> dict[str, Any]:
        """The whole input."""
        if not isinstance(given, Mapping):
            self.faults.append(Fault("", None, "", "input（交易输入）：应为 JSON 对象 {…}，请改正"))
            return {}
        if "" in spec.asks:
            # Fields that the tables print without a node are often sent in `data` all the same.
            only = given.get("data") if set(given) == {"data"} else given
            return {"": self.node(spec.asks[""], only)}
        for name, value in given.items():
            if name in spec.asks:
                continue
            if isinstance(value, (Mapping, list)) and value:
                self._unknown_node(spec, name)
            else:
                self.stranger("", name)
        there = {
            name: node
            for name, node in spec.asks.items()
            if given.get(name) not in EMPTY or (given.get(name) == {} and not node.many)
        }
        # What is missing altogether is told before what is wrong within.
        for name, node in spec.asks.items():
            if name not in there and node.duty == "Y":
                where = f" input 下补传节点 {name}"
                self.wrong(node, None, None, _missing(node, name in given, where))
        return {name: self.node(node, given[name]) for name, node in there.items()}

    def _unknown_node(self, spec: Spec, name: str) -> None:
        known = "、".join(spec.asks)
        told = str(name)[:_NAME_TOLD].encode("utf-8", "backslashreplace").decode("utf-8")
        what = f"{told}：本交易没有这个节点，应为 {known}"
        self.faults.append(Fault(told, None, "", what))
        if len(self.faults) >= FAULTS:
            raise _EnoughError

    def node(self, node: Node, given: Any) -> Any:
        """One node: its row, or the list of its rows."""
        if not node.many:
            if isinstance(given, Mapping):
                return self.row(node, None, given)
            self.wrong(node, None, None, "应为对象 {…}，不是数组或单个值，请改正")
            return {}
        if not isinstance(given, list):
            self.wrong(node, None, None, "应为数组 [{…}]，一行也要放在数组里，请改正")
            return []
        self.rows += len(given)
        if len(given) > ROWS or self.rows > ALL_ROWS:
            self.wrong(node, None, None, f"行数过多，一次最多 {ROWS} 行，请分批上传")
            raise _EnoughError
        found = []
        for index, row in enumerate(given):
            if isinstance(row, Mapping):
                found.append(self.row(node, index, row))
            else:
                self.wrong(node, index, None, "应为对象 {…}，请改正")
        return found

    def row(self, node: Node, index: int | None, given: Mapping[str, Any]) -> dict[str, Any]:
        """One row: the fields that are filled, typed."""
        fields, values = node.fields, {}
        bad: set[str] = set()
        for name, value in given.items():
            if value == "" or value is None or value in ([], {}):
                if name not in fields and name not in node.children:
                    self.stranger(node.name, name)
                continue
            field = fields.get(name)
            if field is None:
                if name not in node.children:
                    self.stranger(node.name, name)
                continue
            if type(value) is str and value.isspace():
                continue
            # Most values of a message are short plain texts: they are taken without a further call.
            plain = field.kind == "text" and type(value) is str and field.codes is None
            if plain and len(value) <= field.length and value.isprintable():
                values[name] = value
                continue
            try:
                values[name] = READ[field.kind](field, value)
            except WrongValueError as fault:
                bad.add(name)
                self.wrong(node, index, field, str(fault))
        for child in node.children.values():
            self._child(node, index, child, given, values)
        if not node.must <= values.keys() or node.conditional:
            self._lacking(node, index, values, bad)
        return values

    def _child(
        self,
        node: Node,
        index: int | None,
        child: Node,
        row: Mapping[str, Any],
        values: dict[str, Any],
    ) -> None:
        """The node inside a row."""
        given = row.get(child.name)
        if given not in EMPTY:
            values[child.name] = self.node(child, given)
        elif child.duty == "Y" or (child.duty == "S" and given != []):
            told = _missing(child, child.name in row, "这一行里补传")
            self.wrong(node, index, child, told)

    def _lacking(
        self, node: Node, index: int | None, values: Mapping[str, Any], bad: set[str]
    ) -> None:
        """The fields that must be filled and are not."""
        for name in node.fields:
            if name in node.must and name not in values and name not in bad:
                self.wrong(node, index, node.fields[name], "未填写，请补填")
        for field in node.conditional:
            if field.condition is None or field.name in values or field.name in bad:
                continue
            other = node.fields[field.condition.other]
            why = _why(field.condition, other, values.get(other.name))
            if why and other.name not in bad:
                self.wrong(node, index, field, f"未填写，{why}，请补填")


def _missing(node: Node, sent: bool, where: str) -> str:
    """Of a node that is not there, or was sent without a row or a field in it."""
    shape = "[{…}]" if node.many else "{…}"
    if not sent:
        return f"未传入，请在{where}，写作 {shape}"
    if node.duty == "S":
        return f"传了空值，请写作 {shape}，没有的写 []"
    what = "传了空节点，一行也没有，请至少补一行" if node.many else "传了空值，请改正"
    must = [name for name in node.fields if name in node.must]
    more = f" 等 {len(must)} 项" if len(must) > MUST_TOLD else ""
    told = f"，必填 {'、'.join(must[:MUST_TOLD])}{more}" if must else ""
    return f"{what}，写作 {shape}{told}"


def _place(node: Node, index: int | None, field: Field | Node | None) -> str:
    """The place by its names and in words: feedetail[3].cnt（费用明细列表第 3 行 数量）."""
    row = f"[{index + 1}]" if index is not None else ""
    names = [name for name in (f"{node.name}{row}", field.name if field else "") if name]
    words = [node.title] if field is None or index is not None else []
    if index is not None:
        words[-1] += f"第 {index + 1} 行"
    words += [field.title] if field else []
    return f"{'.'.join(names)}（{' '.join(words)}）"


def _why(condition: Condition, other: Field, value: Any) -> str:
    """Why the field must be filled now; "" when it need not."""
    named = f"{other.title} {other.name} "
    match condition.values:
        case ("*",):
            return f"填写了{named}时必填" if value else ""
        case ("-",):
            return "" if value else f"与{named}至少填一项"
        case ("<0",):
            return f"{named}为负数时必填" if isinstance(value, Decimal) and value < 0 else ""
        case codes:
            return f"{named}为 {value} 时必填" if value in codes else ""
