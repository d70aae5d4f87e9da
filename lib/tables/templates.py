"""The empty table of a layout: its header, one example row that is never read, and what each column
wants."""

from lib.tables.child import EXAMPLE, NOTES
from lib.tables.layout import Layout
from lib.tables.writing import Heading, Sheet, workbook_bytes


def template_of(layout: Layout, title: str) -> bytes:
    """A workbook to fill in. Columns that only say whether a row holds are not offered."""
    columns = [column for column in layout.columns if not column.like]
    example = [column.example or None for column in columns]
    example[0] = f"{EXAMPLE}（本行不读）{columns[0].example}"
    notes = [
        (
            column.title,
            "必填" if column.name in layout.required else "",
            column.note or ("日期，如 2026-03-01" if column.day else ""),
            "、".join(column.others),
        )
        for column in columns
    ]
    headings = [Heading(title, "text", width) for title, width in NOTE_COLUMNS]
    return workbook_bytes(
        [
            Sheet(
                title, [Heading(column.title, "code", width=20) for column in columns], [example]
            ),
            Sheet(NOTES, headings, notes),
        ]
    )


NOTE_COLUMNS = (("列", 14), ("要求", 8), ("可填内容", 50), ("也认这些列名", 50))


def said_columns(layout: Layout) -> str:
    """The columns for the page that the file is sent from: 姓名*、身份证号*、住址."""
    return "、".join(
        f"{column.title}*" if column.name in layout.required else column.title
        for column in layout.columns
        if not column.like
    )
