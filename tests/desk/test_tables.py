"""{% table %}: title and cell of a column on one line, and what comes of it."""

import re

import pytest
from django.template import TemplateSyntaxError, engines


def shown(body: str, **context: object) -> str:
    text = engines["django"].from_string(body).render(context)
    return re.sub(r"\s+<", "<", text)  # as a browser shows it


COST = """{% table row in rows look="mt-3" total=sums called="合计" %}按乡镇（{{ unit }}）
  {% col "乡镇" %}{{ row.name }}
  {% num "支出" %}
    {% if row.spent %}{{ row.spent|fen }}
    {% else %}—
    {% endif %}
  {% col "" "text-nowrap" %}{{ row.note }}
{% empty %}没有支出
{% endtable %}"""
HEAD = (
    '<table class="table table-sm hz-table mt-3"><caption>按乡镇（元）</caption><thead><tr>'
    '<th>乡镇</th><th class="num">支出</th><td></td></tr></thead><tbody>'
)
FOOT = (
    '</tbody><tfoot><tr><th>合计</th><td class="num">123,456.78</td>'
    '<td class="text-nowrap">两镇</td></tr></tfoot></table>'
)


def test_a_row_for_each_and_their_sum_at_the_foot() -> None:
    rows = [{"name": "龙水镇 <1>", "spent": 12_345_678}, {"name": "珠溪镇", "note": "未报"}]
    text = shown(COST, rows=rows, unit="元", sums={"spent": 12_345_678, "note": "两镇"})
    assert text == (
        HEAD + "<tr><td>龙水镇 &lt;1&gt;</td>"
        '<td class="num">123,456.78</td><td class="text-nowrap"></td></tr>'
        '<tr><td>珠溪镇</td><td class="num">—</td><td class="text-nowrap">未报</td></tr>' + FOOT
    )


def test_what_is_said_when_there_is_no_row() -> None:
    text = shown(COST, rows=[], unit="元", sums={"spent": 12_345_678, "note": "两镇"})
    assert text == HEAD + '<tr><td colspan="3">没有支出</td></tr>' + FOOT


def test_a_foot_that_is_written_out_titles_from_the_page_and_several_names() -> None:
    text = shown(
        """{% table name, amount in pairs %}
          {% col kind %}{{ forloop.counter }} {{ name }}
          {% num "元" %}{{ amount }}
        {% foot %}
          <tr><th>共</th><td></td></tr>
        {% endtable %}{{ name }}""",
        kind="科目",
        pairs=[("补助", 3), ("利息", 4)],
        name="outside",
    )
    assert text == (
        '<table class="table table-sm hz-table"><thead><tr><th>科目</th><th class="num">元</th>'
        '</tr></thead><tbody><tr><td>1 补助</td><td class="num">3</td></tr>'
        '<tr><td>2 利息</td><td class="num">4</td></tr></tbody>'
        "<tfoot><tr><th>共</th><td></td></tr></tfoot></table>outside"
    )


def test_a_table_that_does_not_end_is_a_fault_of_the_template() -> None:
    with pytest.raises(TemplateSyntaxError, match="table"):
        shown('{% table row in rows %}{% col "乡镇" %}{{ row }}', rows=[])
