"""Every kind of upload offers a blank table, whose example is never taken for a row."""

import io
from typing import Any

import openpyxl
import pytest

from claims.carried.pages import BED_PAGES, CARRIED_PAGES, OLD_PAGES
from claims.filings.views import CARRIED_PAGES as CARRIED_FILINGS
from claims.unpaid.views import PAGES as OLD_CLAIMS
from desk.import_pages import ImportPages
from enrollment.carried.views import CARRIED_PAGES as CARRIED_TABLES
from enrollment.collection.views.bank import STATEMENT_PAGES
from enrollment.collection.views.tax import TAX_PAGES
from enrollment.cover.students import LAYOUT as CLASS
from enrollment.rosters.views import REGISTER_PAGES
from enrollment.status_lists.views import LIST_PAGES
from funds.budget.services import LAYOUT as BUDGET
from funds.payments.views import RETURN_PAGES
from funds.reconciling.views import STATEMENT_PAGES as ACCOUNT_PAGES
from lib.tables.reading import SpreadsheetError, read
from lib.tables.templates import template_of
from supervision.library.pages import LIBRARY_PAGES

PAGES: list[ImportPages[Any]] = [
    STATEMENT_PAGES, TAX_PAGES, REGISTER_PAGES, LIST_PAGES, RETURN_PAGES, ACCOUNT_PAGES,
    CARRIED_PAGES, OLD_PAGES, BED_PAGES, CARRIED_TABLES, CARRIED_FILINGS, OLD_CLAIMS,
    LIBRARY_PAGES,
]  # fmt: skip
BLANKS = [(title, layout) for pages in PAGES for title, layout in pages.blanks.items()]
BLANKS.append(("预算", BUDGET))
BLANKS.append(("班级名单", CLASS))  # written at once, without pages of an import


def kinds(of: type[Any]) -> set[type[Any]]:
    """Those that nobody derives from."""
    derived = of.__subclasses__()
    return set[type[Any]]().union(*map(kinds, derived)) if derived else {of}


def test_no_upload_is_without_one() -> None:
    assert {type(pages) for pages in PAGES} == kinds(ImportPages)
    assert all(pages.blanks for pages in PAGES)


@pytest.mark.parametrize(("title", "layout"), BLANKS, ids=[title for title, _ in BLANKS])
def test_the_blank_table_is_read_as_empty_and_filled_as_filled(title: str, layout: Any) -> None:
    content = template_of(layout, title)
    with pytest.raises(SpreadsheetError, match="表头下面没有数据"):
        read(content, layout)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[1] == "填写说明"
    assert book.worksheets[0]["A2"].value.startswith("示例")
    book.worksheets[0].append(["甲"] * book.worksheets[0].max_column)
    buffer = io.BytesIO()
    book.save(buffer)
    (row,) = read(buffer.getvalue(), layout).rows
    assert row.line == 3


@pytest.mark.django_db
def test_the_page_names_the_columns_and_gives_the_table(as_user: Any, cast: Any) -> None:
    client = as_user(cast.clerk_a)
    (blank,) = REGISTER_PAGES.offered
    page = client.get("/enrollment/registers/").content.decode()
    assert blank["url"] in page
    assert "身份证号*" in page
    response = client.get(blank["url"])
    assert response.status_code == 200
    assert "%E5%90%8D%E5%86%8C" in response["Content-Disposition"]  # 名册
    assert client.get(blank["url"].replace("/0", "/9")).status_code == 404
