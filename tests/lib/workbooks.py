"""Workbooks written by hand, tag by tag, as programs other than ours and attackers write them."""

import io
import zipfile
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def text(word: str, place: str = "") -> str:
    """A cell with a word in it; without `place` it stands behind the one before."""
    where = f' r="{place}"' if place else ""
    return f'<c{where} t="inlineStr"><is><t>{word}</t></is></c>'


def row(number: int, *words: str) -> str:
    """A row of words from column A on."""
    cells = "".join(text(word, f"{chr(65 + at)}{number}") for at, word in enumerate(words))
    return f'<row r="{number}">{cells}</row>'


def workbook(
    sheets: Mapping[str, str],
    *,
    head: str = "",
    styles: str = "",
    states: Mapping[str, str] | None = None,
    parts: Mapping[str, bytes] | None = None,
) -> bytes:
    """`sheets`: title → what stands inside its worksheet. `head`: before the list of sheets.

    `states`: title → "hidden" or "veryHidden". `parts` are added, or replace those made here.
    """
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{title}" sheetId="{number}" state="{(states or {}).get(title, "visible")}"'
        f' r:id="r{number}"/>'
        for number, title in zip(numbers, sheets, strict=True)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{KIND}.worksheet+xml"/>'
        for n in numbers
    )
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>{types}'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r0"'
        f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{head}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
        f'<Relationship Id="rs" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }
    for number, inside in zip(numbers, sheets.values(), strict=True):
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}">{inside}</worksheet>'
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | dict(parts or {})).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def data(*rows: str) -> str:
    return f"<sheetData>{''.join(rows)}</sheetData>"
