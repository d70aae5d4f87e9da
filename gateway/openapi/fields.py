"""The transactions of the hospital interface as one text in Markdown, for those who have no account
yet: docs/hospital-interface-fields.md. Made of the same tables that messages are checked by."""

from collections.abc import Iterator, Mapping

from gateway.interface.reading import (
    Field,
    Node,
    Spec,
    catalogue_columns,
    dictionaries,
    head,
    spec_of,
    transactions,
)
from gateway.openapi.transactions import ANSWER_HEAD, when
from gateway.transactions import TRANSACTIONS

SHORT = 80  # characters of a dictionary that stand beside the field; a longer one stands below
KINDS = {
    "date": "日期",
    "datetime": "时间",
    "moment": "时间或日期",
    "list": "字符串数组",
    "file": "base64",
}
ASKED = "| 字段 | 含义 | 类型 | 必填 | 取值 |\n|---|---|---|---|---|"
ANSWERED = "| 字段 | 含义 | 类型 | 取值 |\n|---|---|---|---|"
FOREWORD = """\
# 医院接口的字段表

[接入指南](hospital-interface.md)说怎样接；本文逐个交易列出每个字段。\
与门户“接口说明”同出一处，由 `script/manage interface_fields` 写成，不要手改。

* **类型**：`字符 20` 是最长 20 个字符的字符串；`数字字符` 只能是数字组成的字符串；\
`数值 16,2` 共 16 位、其中小数 2 位；\
`日期` 是 `yyyy-MM-dd`，`时间` 是 `yyyy-MM-dd HH:mm:ss`；没有写长度的不限。
* **必填**：写着条件的，条件成立时必填；空着的可以不传。
* **取值**：只能填列出的代码；长的写字典名，各码在文末“字典”，也可以用【1901】查。
* 节点名后面有 `[]` 的写成数组，一行一个对象；`甲.乙` 是写在甲的那一行里的节点乙。
* 应答里表上的每个字段都在：空的数值为 0，其余为 `""`，列表为 `[]`。
"""


def document() -> str:
    """All of it: the heads, each transaction that is served, the long dictionaries."""
    served = [
        spec for infno in transactions() if (spec := spec_of(infno)) and infno in TRANSACTIONS
    ]
    parts = [FOREWORD, *_heads(), *(part for spec in served for part in _transaction(spec))]
    return "\n".join([*parts, *_dictionaries()])


def answered_nodes(spec: Spec) -> str:
    """The output nodes of a transaction in one line, as the guide lists them."""
    named = (
        f"`{node.name}`{_many(node)}" if node.name else _bare(node, asked=False)
        for node in spec.answers.values()
    )
    return "、".join(named) or "—"


def _bare(node: Node, *, asked: bool) -> str:
    """Of fields without a node: where they stand."""
    if asked:
        return "（直接写在 input 里）"
    return "（output 就是数组）" if node.many else "（直接在 output 里）"


def _many(node: Node) -> str:
    return "[]" if node.many else ""


def _heads() -> Iterator[str]:
    yield "## 报文头\n"
    yield "请求，`input` 与这些字段并列：\n"
    yield _rows(head(), asked=True)
    yield "应答，`output` 与这些字段并列：\n"
    lines = (
        f"| `{name}` | {told['description']} | {_answer_kind(told)} |  |"
        for name, told in ANSWER_HEAD.items()
    )
    yield "\n".join([ANSWERED, *lines, ""])


def _answer_kind(told: Mapping[str, object]) -> str:
    if told["type"] == "integer":
        return "整数"
    return f"字符 {told['maxLength']}" if "maxLength" in told else "字符"


def _transaction(spec: Spec) -> Iterator[str]:
    yield f"## {spec.infno} {spec.title}\n"
    for node in spec.asks.values():
        yield from _node(node, "", asked=True)
    if spec.taken:
        yield f"{spec.taken.title}，一行一笔，各列依次是（以制表符分隔）：\n"
        yield _rows(spec.taken, asked=True)
    for node in spec.answers.values():
        yield from _node(node, "", asked=False)
    if not spec.answers:
        yield "输出：没有节点，看 `infcode`。\n"
    if spec.given:
        yield f"{spec.given.title}，一行一笔，各列依次是（以制表符分隔）：\n"
        yield _rows(spec.given, asked=False)
    columns = catalogue_columns().get(spec.infno, ())
    if columns:
        told = "、".join(f"{place} {title}" for place, title in enumerate(columns, start=1))
        yield f"文件各列：{told}。\n"


def _node(node: Node, above: str, *, asked: bool) -> Iterator[str]:
    """The fields of a node, then the nodes in it."""
    name = f"{above}.{node.name}" if above else node.name
    place = f" `{name}`{_many(node)} " if name else _bare(node, asked=asked)
    title = "" if node.title in {"输入", "输出"} else node.title
    duty = {"Y": "，必传", "S": "，必传，可以是空数组", "N": "，可以不传"} if asked and name else {}
    told = f"{'输入' if asked else '输出'}{place}{title}".rstrip()
    yield f"{told}{duty.get(node.duty, '')}：\n"
    yield _rows(node, asked=asked)
    for child in node.children.values():
        yield from _node(child, f"{name}{_many(node)}", asked=asked)


def _rows(node: Node, *, asked: bool) -> str:
    if not node.fields:
        return ""
    lines = [
        f"| `{name}` | {_cell(field.title)} | {_kind(field)} |"
        + (f" {_must(node, field)} |" if asked else "")
        + f" {_values(field)} |"
        for name, field in node.fields.items()
    ]
    return "\n".join([ASKED if asked else ANSWERED, *lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _must(node: Node, field: Field) -> str:
    return "是" if field.name in node.must else when(field, node)


def _kind(field: Field) -> str:
    if field.kind == "number":
        return f"数值 {field.whole + field.decimals},{field.decimals}"
    if field.kind in KINDS:
        return KINDS[field.kind]
    called = "数字字符" if field.kind == "digits" else "字符"
    return f"{called} {field.length}" if field.is_bounded else called


def _values(field: Field) -> str:
    if field.codes is None:
        return ""
    told = _told(field.codes)
    called = f"字典 `{field.dictionary}`"
    short = len(told) <= SHORT
    return f"{called}：{told}" if short else f"[{called}](#字典-{field.dictionary})"


def _told(codes: Mapping[str, str]) -> str:
    return _cell("、".join(f"{code} {title}".strip() for code, title in codes.items()))


def _dictionaries() -> Iterator[str]:
    yield "## 字典\n"
    for name, codes in dictionaries().items():
        if len(_told(codes)) > SHORT:
            yield f"### 字典 {name}\n"
            yield f"{_told(codes)}\n"
