"""The difference as a spreadsheet: back to the department, or to the townships."""

from collections.abc import Iterator, Sequence
from typing import Any

from enrollment.status_lists.models import ListLine, StatusList
from lib.tables.writing import Heading, Sheet, headings, workbook_bytes

COLUMNS = (
    Heading("行", "text", width=9),
    Heading("姓名", "text"),
    *headings("身份证号", "户编号", kind="code"),
    *headings("村组", "原登记", "名单", kind="text"),
    Heading("说明", "text", width=40),
)
# What did not change stands in the register anyway.
SHEETS = [one for one in ListLine.Verdict if one != ListLine.Verdict.SAME]


def difference_workbook(status_list: StatusList) -> tuple[bytes, int]:
    """The workbook, and how many people it names. One sheet for each result."""
    rows: dict[str, list[Sequence[Any]]] = {verdict: [] for verdict in SHEETS}
    lines = status_list.lines.filter(verdict__in=SHEETS).select_related(
        "person__household__division"
    )
    for line in lines.order_by("line", "pk"):
        rows[line.verdict].append(_row(line, status_list))
    sheets = [
        Sheet(str(ListLine.Verdict(verdict).label), COLUMNS, found)
        for verdict, found in rows.items()
    ]
    return workbook_bytes([_summary(status_list), *sheets]), sum(map(len, rows.values()))


def _row(line: ListLine, status_list: StatusList) -> Sequence[Any]:
    person = line.person
    at = status_list.said(line.line) if line.line else ""
    if person is None:
        return (at, line.name, line.number, "", "", line.before, line.after, line.note)
    home = person.household
    return (
        at,
        line.name,
        person.resident_id,
        home.number,
        home.division.name,
        line.before,
        line.after,
        line.note,
    )


def _summary(status_list: StatusList) -> Sheet:
    columns = (Heading("项目", "text", width=22), Heading("内容", width=60))
    return Sheet("汇总", columns, _facts(status_list))


def _facts(status_list: StatusList) -> Iterator[Sequence[Any]]:
    yield "名单", str(status_list)
    yield "文件", status_list.file_name
    yield "文件指纹（SHA-256）", status_list.sha256
    yield "生效日期", f"{status_list.effective_on}"
    yield "状态", status_list.get_status_display()
    yield "名单人数", status_list.listed_count
    yield "系统现有", status_list.holder_count
    for name, label in (
        ("added", "新增"), ("changed", "变更"), ("dropped", "取消"), ("same", "不变"),
        ("unknown", "未登记"), ("held", "暂不处理"),
    ):  # fmt: skip
        yield label, getattr(status_list, f"{name}_count")
    if status_list.released_by:
        yield "骤减放行", f"{status_list.released_by.name}：{status_list.release_reason}"
