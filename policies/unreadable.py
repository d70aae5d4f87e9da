"""What is said of a text that YAML cannot read: in Chinese, where it is and what to type. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

# Blanks that look like the plain one and are none for YAML (web pages, Word, Chinese keyboards).
BLANKS = {"\t": "制表符（Tab）", "\xa0": "不间断空格", "\u3000": "全角空格"}
OTHER_BLANK = "看不见的空格"
INDENT = re.compile(r"\s*")
KEY = r"(?:^\s*(?:- +)*|[{,]\s*)[a-z_][a-z0-9_]*"
SLIPS = (
    (re.compile(KEY + r"\s*(：)"), "键后面用了全角冒号“：”", "改成半角冒号加一个空格"),
    (re.compile(KEY + r"(:)(?=[^\s,}\]])"), "冒号后面少一个空格", "在冒号后面加一个空格"),
    (re.compile(r"\{[^}\"']*(，)\s*[a-z_][a-z0-9_]*\s*[:：]"), "用了全角逗号“，”", "改成半角逗号"),
    (re.compile(r"^[^\"'#]*?([｛｝［］])"), "用了全角括号", "改成半角括号"),
)
# Messages of libyaml and of PyYAML's own reader, by a piece that both use.
SAYINGS = (
    ("cannot start any token", "这里不能用这个字符开头", "整句加引号，或改掉这个字符"),
    ("could not find expected ':'", "这一行或上一行缺冒号", "写成“键: 值”，冒号后空一格"),
    ("mapping values are not allowed", "这里不应再有冒号", "检查上一行的缩进，有冒号的整句加引号"),
    ("or '}'", "花括号没有配对，或两项之间缺逗号", "补上 } 或逗号"),
    ("or ']'", "方括号没有配对，或两项之间缺逗号", "补上 ] 或逗号"),
    ("expected key", "缩进与上面各行不一致", "同一层的各行左边对齐"),
    ("block end", "缩进与上面各行不一致", "同一层的各行左边对齐"),
    ("'-' indicator", "这一列中有一行没有以 - 开头", "同一列各行都以 - 开头，左边对齐"),
    ("undefined alias", "用 * 引用了没有用 & 起过名的部分", "先在前面用 & 起名，核对拼写"),
    ("duplicate anchor", "两处用 & 起了同一个名", "换一个名"),
    ("end of stream", "引号没有配对", "补上后一半引号"),
    ("quoted scalar", "引号没有配对", "补上后一半引号"),
    ("control characters", "含有控制字符", "删去看不见的字符，或重新录入这一行"),
    ("not allowed", "含有控制字符", "删去看不见的字符，或重新录入这一行"),
)  # fmt: skip
# Characters. A line written by hand has a hundred; on a very long one the patterns take for ever.
LONGEST_LINE = 2_000
UNKNOWN = "写法不对", "检查缩进、冒号和引号"


@dataclass(frozen=True, slots=True)
class Slip:
    """One place, counted from 1, what is wrong there and what to type instead."""

    line: int
    column: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"第 {self.column} 列{self.wrong}"


def slips_of(text: str, last: int) -> Iterator[Slip]:
    """What a hand typed that the eye takes for right: blanks and signs of the wrong width.

    ``last``: the line at which the parser stopped, from 1; what follows is not looked at, nor is a
    line beyond ``LONGEST_LINE``.
    """
    for number, line in enumerate(text.splitlines()[:last], start=1):
        written = line.split(" #")[0]
        if len(line) > LONGEST_LINE or written.lstrip().startswith("#"):
            continue
        indent = INDENT.match(written)
        for place, letter in enumerate(indent[0] if indent else ""):
            if letter != " ":
                name = BLANKS.get(letter, OTHER_BLANK)
                yield Slip(number, place + 1, f"用了{name}缩进", "改成普通空格，一层两格")
                break
        for pattern, wrong, remedy in SLIPS:
            if found := pattern.search(written):
                yield Slip(number, found.start(1) + 1, wrong, remedy)
                break


def told(error: yaml.YAMLError) -> Slip:
    """What the parser says, in Chinese, at its place."""
    mark = getattr(error, "problem_mark", None)
    said = str(
        getattr(error, "problem", None) or getattr(error, "reason", None) or "control characters"
    )
    wrong, remedy = next((words for piece, *words in SAYINGS if piece in said), UNKNOWN)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Slip(line, column, wrong, remedy)
