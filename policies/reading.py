"""Reads a policy pack's YAML node by node, so that every complaint can name its line.

Values are taken from the written text, never through YAML's own numbers: 22.50 is 2250 fen and
no float is ever made.  A wrong value is recorded as a problem and reading goes on, so an officer
sees all mistakes of a file at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import yaml

from lib.json_lines import iso_date
from lib.letters import fold
from policies.problems import Reader
from policies.terms import Assumption, MonthDay
from policies.unreadable import slips_of, told
from policies.written import GROUPED, decimal, narrow, nearest, no_day, one_of

EVERYWHERE = ("article", "note", "assumption")  # keys that any block may have
KEY_SLIP = re.compile(r"([a-z_][a-z0-9_]*)\s*：(.*)", re.DOTALL)
CODE = re.compile(r"[a-z][a-z0-9_]*")
# Some sixty times the longest shipped pack.
MAX_FILE_CHARACTERS = 1_000_000
# The reader is recursive: brackets in brackets would exhaust the stack before anything is refused.
MAX_NESTING = 60
# Ten times as fast as the one in Python, which stands in where PyYAML was built without it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 12
# With every alias written out; the longest shipped pack has some 5 000.
MAX_NODES = 100_000
# Rows of one table, benefits, layers: rules are compared with one another.
MAX_ITEMS = 500


def open_block(text: str, file: str) -> Block:
    """The outermost mapping of a pack file.  Raises ``PackError`` when it is not YAML at all."""
    reader = Reader(file)
    if len(text) > MAX_FILE_CHARACTERS:
        reader.problem(1, "文件", "文件过大", "一个办法一个文件，不超过一百万字")
        reader.raise_problems()
    node = None
    try:
        _refuse_deep(text, reader)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        stopped = told(error)
        for slip in list(slips_of(text, stopped.line)) or [stopped]:
            reader.problem(slip.line, "文件", f"不是合格的 YAML：{slip}", slip.remedy)
        reader.raise_problems()
    if node is None:
        reader.problem(1, "文件", "文件是空的", "从文档示例的开头写起")
        reader.raise_problems()
    if not isinstance(node, yaml.MappingNode):
        reader.problem(1, "文件", "最外层不是“键: 值”结构", "从文档示例的开头写起")
        reader.raise_problems()
    assert isinstance(node, yaml.MappingNode)
    if _written_out(node, {}) > MAX_NODES:
        wrong = f"引用（*）全部展开后超过 {MAX_NODES} 项"
        reader.problem(1, "文件", wrong, "减少 & 与 * 的层层引用")
        reader.raise_problems()
    return Block(reader, node, "", "")


def _written_out(node: yaml.Node, known: dict[int, int]) -> int:
    """Nodes below with every alias counted where it is used; of a ring, once."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = 1
        pairs = isinstance(node, yaml.MappingNode)
        below = [one for pair in node.value for one in pair] if pairs else node.value
        known[id(node)] = 1 + sum(_written_out(each, known) for each in below)
    return known[id(node)]


def _refuse_deep(text: str, reader: Reader) -> None:
    """Deep brackets would overflow the stack of the reader and take the process with them, long
    lists its memory."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=LOADER)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            line = event.start_mark.line + 1 if event.start_mark else 1
            reader.problem(line, "文件", "括号或缩进套得太深", "检查括号是否成对")
            reader.raise_problems()
        if number > MAX_NODES:
            reader.problem(1, "文件", f"超过 {MAX_NODES} 项", "一个办法一个文件，删去不用的部分")
            reader.raise_problems()


class Block:
    """One mapping of the file.  ``article`` is its own or the nearest one above it."""

    def __init__(self, reader: Reader, node: yaml.MappingNode, where: str, article: str) -> None:
        self.reader = reader
        self.where = where
        self.line = node.start_mark.line + 1
        self._nodes: dict[str, yaml.Node] = {}
        self._read: set[str] = set()
        self._asked: set[str] = set(EVERYWHERE)
        self._lines: dict[str, int] = {}
        for key_node, written in node.value:
            key, value_node = self._slip(key_node, written)
            if key in self._nodes:
                line = key_node.start_mark.line + 1
                reader.problem(line, self._at(key), "同一个键写了两次", "删去其中一个")
            self._nodes[key] = value_node
            self._lines[key] = key_node.start_mark.line + 1
        self._article = self._plain("article") or article

    def _slip(self, key_node: yaml.Node, value: yaml.Node) -> tuple[str, yaml.Node]:
        """Key and value as they were meant; a blank or colon of the wrong width is a problem."""
        key, line = str(key_node.value), key_node.start_mark.line + 1
        column = key_node.start_mark.column + 1
        if found := KEY_SLIP.fullmatch(fold(key)):
            at = column + key.index("：")
            wrong = f"第 {at} 列键后面用了全角冒号“：”"
            self.reader.problem(line, self._at(found[1]), wrong, "改成半角冒号加一个空格")
            meant = yaml.ScalarNode("tag:yaml.org,2002:str", found[2], key_node.start_mark)
            return found[1], meant if found[2] else value
        if isinstance(key_node, yaml.ScalarNode) and key != key.strip():
            wrong = f"第 {column} 列的键前后有全角空格或不间断空格"
            self.reader.problem(line, self._at(key.strip()), wrong, "改成普通空格")
        return key.strip(), value

    # -- where things are -------------------------------------------------------------------

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def line_of(self, key: str) -> int:
        return self._lines.get(key, self.line)

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._nodes

    def has_word(self, key: str, word: str) -> bool:
        """Whether just this word stands under the key."""
        return self._plain(key) == word

    @property
    def keys(self) -> list[str]:
        return list(self._nodes)

    def complain(self, key: str, wrong: str, remedy: str) -> None:
        self.reader.problem(self.line_of(key), self._at(key) if key else self.where, wrong, remedy)

    def done(self) -> None:
        """Complain of every key that nobody asked for: a misspelt rule must not be lost.

        ``assumption`` may stand in any block; it is collected for the pack as a whole.
        """
        if self.has("assumption"):
            assumption = Assumption(self.article, self.text("assumption"))
            if assumption not in self.reader.assumptions:
                self.reader.assumptions.append(assumption)
        for key in self._nodes:
            if key.isdigit() and key not in self._read:
                wrong = f"逗号把数字断开了，“{key}”成了另一项"
                self.complain(key, wrong, "写数字不用千分位逗号，例如 1000")
            elif key not in self._read and key not in ("article", "note"):
                known = sorted(self._asked | self._read)
                meant = nearest(key, known)
                if meant and meant not in self._nodes:  # one slip, told once
                    self.reader.withdraw(self._at(meant), f"缺少“{meant}”")
                self.complain(key, f"不认识的键“{key}”", one_of(key, known, "检查拼写，或删去"))

    @property
    def article(self) -> str:
        """The article that this block stands on; a block without one is a problem."""
        if not self._article:
            self.complain("", "缺少条文依据", "写上 article，例如 article: 第二十三条(一)2")
        return self._article

    # -- plain values -----------------------------------------------------------------------

    def _plain(self, key: str) -> str:
        node = self._nodes.get(key)
        return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""

    def _scalar(self, key: str) -> str | None:
        """The written text, or ``None`` after a problem was recorded."""
        self._read.add(key)
        if key not in self._nodes:
            self.complain(key, f"缺少“{key}”", f"补上 {key}")
            return None
        node = self._nodes[key]
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            self.complain(key, "应当是一个值", "写一个数或一段文字")
            return None
        return str(node.value).strip()

    def text(self, key: str, default: str | None = None) -> str:
        if default is not None and not self.has(key):
            return default
        return self._scalar(key) or ""

    def code(self, key: str) -> str:
        value = self.text(key)
        if value and not CODE.fullmatch(value):
            self.complain(key, f"代码“{value}”不合格", "用小写英文字母、数字和下划线，字母开头")
        return value

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in options:
            known = [option for option in options if option]
            self.complain(key, f"“{value}”不是可选的写法", one_of(value, known))
            return options[0]
        return value or options[0]

    def yes(self, key: str, default: bool) -> bool:
        return self.choice(key, ("yes", "no"), "yes" if default else "no") == "yes"

    def whole(self, key: str, default: int | None = None) -> int:
        """A count or a number of years or days, zero or more."""
        if default is not None and not self.has(key):
            return default
        value = self._figure(key)
        if value is None:
            return 0
        if not re.fullmatch(r"[0-9]{1,9}", value):
            self.complain(key, f"“{value}”不是整数", "写不带单位的整数，例如 2")
            return 0
        return int(value)

    def fen(self, key: str) -> int:
        """Yuan as written, e.g. 30 or 22.50, in fen."""
        value = self._scalar(key)
        return 0 if value is None else self.parse_fen(key, value)

    def ratio(self, key: str) -> int:
        """A percentage as written, e.g. 62.5%, in 1/10000."""
        value = self._scalar(key)
        return 0 if value is None else self.parse_ratio(key, value)

    def _figure(self, key: str) -> str | None:
        """The written value with its digits and signs made narrow."""
        value = self._scalar(key)
        return None if value is None else narrow(value)

    def parse_fen(self, key: str, value: str) -> int:
        value = narrow(value)
        if GROUPED.fullmatch(value):
            plain = value.replace(",", "")
            self.complain(key, f"“{value}”带了千分位逗号", f"写 {plain}")
            return 0
        number = decimal(value)
        if number is None or number < 0 or number * 100 != (number * 100).to_integral_value():
            self.complain(key, f"“{value}”不是金额", "写元，最多两位小数，不写单位，例如 22.50")
            return 0
        if number > 10_000_000:
            self.complain(key, f"金额“{value}”过大", "核对是否多写了零；单笔限额不超过一千万元")
            return 0
        return int(number * 100)

    def parse_ratio(self, key: str, value: str) -> int:
        value = narrow(value)
        number = decimal(value[:-1]) if value.endswith("%") else None
        if number is None or number * 100 != (number * 100).to_integral_value():
            self.complain(key, f"“{value}”不是比例", "写百分数，最多两位小数，例如 62.5%")
            return 0
        if not 0 <= number <= 100:
            self.complain(key, f"比例“{value}”不可能", "比例应当在 0% 到 100% 之间")
            return 0
        return int(number * 100)

    def day(self, key: str) -> date:
        value = self._figure(key)
        found = None if value is None else iso_date(value)
        if value is not None and found is None:
            self.complain(key, *no_day(value))
        return found or date(2000, 1, 1)

    def month_day(self, key: str) -> MonthDay:
        value = self._figure(key)
        day = None if value is None else iso_date(f"2001-{value}")
        if value is not None and day is None:
            self.complain(key, f"“{value}”不是月日", "写成 '10-01' 的样子（不用 02-29）")
        return MonthDay(day.month, day.day) if day else MonthDay(1, 1)

    def values(self, key: str) -> tuple[str, ...]:
        """One value or a list of values."""
        self._read.add(key)
        node = self._nodes.get(key)
        items: list[yaml.Node | None] = [node]
        if isinstance(node, yaml.SequenceNode):
            items = list(node.value)
        scalars = [item for item in items if isinstance(item, yaml.ScalarNode)]
        if not items or len(scalars) < len(items):
            self.complain(key, "应当是一个值或一列值", "写成 a 或 [a, b]")
            return ()
        return tuple(str(item.value).strip() for item in scalars)

    def items(self, key: str) -> list[str | Block]:
        """A list of single values and mappings mixed; none when absent."""
        self._read.add(key)
        node = self._nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.complain(key, "应当是一列", "写成 [a, b]")
            return []
        found: list[str | Block] = []
        for number, item in enumerate(node.value, start=1):
            if isinstance(item, yaml.MappingNode):
                found.append(Block(self.reader, item, f"{self._at(key)}[{number}]", self._article))
            else:
                found.append(str(item.value).strip())
        return found

    def names(self, key: str) -> Mapping[str, str]:
        """A mapping of codes to names."""
        block = self.block(key)
        if block is None:
            return {}
        for code in block.keys:
            if not CODE.fullmatch(code):
                block.complain(code, f"代码“{code}”不合格", "用小写英文字母、数字和下划线")
        return {code: block.text(code) for code in block.keys}

    # -- nested blocks ----------------------------------------------------------------------

    def is_scalar(self, key: str) -> bool:
        return isinstance(self._nodes.get(key), yaml.ScalarNode)

    def block(self, key: str) -> Block | None:
        """The mapping under ``key``; ``None`` when there is none."""
        self._read.add(key)
        node = self._nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.complain(key, "应当是“键: 值”结构", "换行缩进后逐项写")
            return None
        if self.where.count(".") > MAX_DEPTH:  # a name that refers to itself never ends
            self.complain(key, "层次过深", "检查 & 与 * 的引用是否引用了自己")
            return None
        return Block(self.reader, node, self._at(key), self._article)

    def empty(self, key: str) -> Block:
        """Stands in for a missing section whose absence has been recorded already."""
        node = yaml.MappingNode("tag:yaml.org,2002:map", [], _mark(self._nodes))
        return Block(self.reader, node, self._at(key), "-")

    def blocks(self, key: str) -> list[Block]:
        """The mappings listed under ``key``, or the one mapping there; none when absent."""
        self._read.add(key)
        node = self._nodes.get(key)
        if node is None:
            return []
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if len(items) > MAX_ITEMS:
            self.complain(key, f"超过 {MAX_ITEMS} 项，无法逐项检查", "合并相同的项，或拆成几处")
            items = items[:1]
        found = []
        for number, item in enumerate(items, start=1):
            where = f"{self._at(key)}[{number}]"
            if isinstance(item, yaml.MappingNode):
                found.append(Block(self.reader, item, where, self._article))
            else:
                line = item.start_mark.line + 1
                self.reader.problem(line, where, "应当是“键: 值”结构", "写成 {键: 值, …}")
        return found


def _mark(nodes: Mapping[str, yaml.Node]) -> yaml.Mark:
    """The place of the first node, or the top of the file."""
    first = next(iter(nodes.values()), None)
    return first.start_mark if first else yaml.Mark("", 0, 0, 0, "", 0)
