"""A table of rows: each column's title and cell on one line. Built in, no {% load %} needed.

What people look for, sort and take home is a `desk.listing.Listing`; this is for the tables that a
page shows beside: a few rows, all of them, as they are.
"""

from typing import NamedTuple

from django import template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    VariableNode,
    token_kwargs,
)
from django.template.context import Context
from django.template.defaulttags import ForNode, WithNode
from django.utils.safestring import SafeString

register = template.Library()

PARTS = ("col", "num", "empty", "foot", "endtable")


class Column(NamedTuple):
    title: FilterExpression
    look: str  # the cell's class
    is_number: bool
    cell: NodeList


class TableNode(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return self.nodelist.render(context)


@register.tag
def table(parser: Parser, token: Token) -> TableNode:
    """A table with a row for each of `rows`:

    {% table row in rows look="hz-narrowtable" total=total called="合计" %}按保障层次（元）
      {% col "层次" %}{{ row.name }}
      {% num "支出" %}{{ row.spent|fen }}
    {% empty %}本月没有发生
    {% endtable %}

    What stands before the first column is the caption. `col` is text, `num` stands to the right; a
    word after the title is the cell's class. `total`: one more row of the same cells at the foot,
    `called` in place of its first; `{% foot %}` is a foot that is written out.
    """
    names, rows, options = _head(parser, token)
    caption, columns, empty, foot = _parts(parser)
    if "total" in options:
        sums = NodeList([_text("<tr><th>"), VariableNode(options["called"]), _text("</th>")])
        sums += NodeList([*_cells(columns[1:]), _text("</tr>")])
        foot = NodeList([WithNode(None, None, sums, {names[0]: options["total"]})])
    look = str(options["look"].var) if "look" in options else ""
    row = NodeList([_text("<tr>"), *_cells(columns), _text("</tr>")])
    none = NodeList([_text(f'<tr><td colspan="{len(columns)}">'), *empty, _text("</td></tr>")])
    nodes = NodeList([_text(f'<table class="table table-sm hz-table{look and " " + look}">')])
    if _says_something(caption):
        nodes += [_text("<caption>"), *caption, _text("</caption>")]
    nodes += [_text("<thead><tr>"), *_titles(columns), _text("</tr></thead><tbody>")]
    nodes += [ForNode(names, rows, False, row, none if empty else None), _text("</tbody>")]
    if foot:
        nodes += [_text("<tfoot>"), *foot, _text("</tfoot>")]
    nodes.append(_text("</table>"))
    for node in nodes.get_nodes_by_type(Node):
        if getattr(node, "token", None) is None:  # where an error's page says it happened
            node.token = token
    return TableNode(nodes)


def _head(
    parser: Parser, token: Token
) -> tuple[list[str], FilterExpression, dict[str, FilterExpression]]:
    """The names of a row, the rows, and what else is said of the table."""
    bits = token.split_contents()
    at = bits.index("in")
    names = " ".join(bits[1:at]).replace(",", " ").split()
    return names, parser.compile_filter(bits[at + 1]), token_kwargs(bits[at + 2 :], parser)


def _parts(parser: Parser) -> tuple[NodeList, list[Column], NodeList, NodeList]:
    """Caption, columns, what is said when there are no rows, and the foot."""
    columns: list[Column] = []
    empty, foot = NodeList(), NodeList()
    caption = _trimmed(parser.parse(PARTS))
    while (part := parser.next_token()).contents != "endtable":
        said = part.split_contents()
        inside = _trimmed(parser.parse(PARTS))
        if said[0] == "empty":
            empty = inside
        elif said[0] == "foot":
            foot = inside
        else:
            look = said[2].strip("\"'") if len(said) > 2 else ""
            title = parser.compile_filter(said[1])
            columns.append(Column(title, look, said[0] == "num", inside))
    return caption, columns, empty, foot


def _titles(columns: list[Column]) -> list[Node]:
    nodes: list[Node] = []
    for one in columns:
        if one.title.var == "":  # a heading without words is none
            nodes.append(_text("<td></td>"))
            continue
        start = '<th class="num">' if one.is_number else "<th>"
        nodes += [_text(start), VariableNode(one.title), _text("</th>")]
    return nodes


def _cells(columns: list[Column]) -> list[Node]:
    nodes: list[Node] = []
    for one in columns:
        kept = "hz-figure" if _is_day(one.cell) else ""
        look = " ".join(filter(None, ("num" if one.is_number else "", one.look, kept)))
        nodes += [_text(f'<td class="{look}">' if look else "<td>"), *one.cell, _text("</td>")]
    return nodes


def _is_day(cell: NodeList) -> bool:
    """A day, a moment or from when to when: none breaks over two lines."""
    said = [one for one in cell if not isinstance(one, TextNode)]
    between = [one.s.strip() for one in cell if isinstance(one, TextNode)]
    days = [one for one in said if isinstance(one, VariableNode) and _tells_day(one)]
    return bool(days) and len(days) == len(said) and all(one in {"", "至"} for one in between)


def _tells_day(node: VariableNode) -> bool:
    filters = node.filter_expression.filters
    return any(function.__name__ in {"day", "minute"} for function, _ in filters)


def _text(text: str) -> TextNode:
    return TextNode(text)


def _trimmed(nodes: NodeList) -> NodeList:
    """Without the white space that only lays out the template."""
    if nodes and isinstance(nodes[0], TextNode):
        nodes[0].s = nodes[0].s.lstrip()
    if nodes and isinstance(nodes[-1], TextNode):
        nodes[-1].s = nodes[-1].s.rstrip()
    return nodes


def _says_something(nodes: NodeList) -> bool:
    return any(not isinstance(node, TextNode) or node.s for node in nodes)
