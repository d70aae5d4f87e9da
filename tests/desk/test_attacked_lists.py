"""What an address line can say to a list and no link of ours does: told, or passed over."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from accounts.models import AuditLine, User
from desk import navigation
from tests.desk.conftest import County
from tests.desk.test_listings import ALL, EXPORTED, ROWS, export_url, over, reader

ODD = (
    "-1",
    "0",
    "9" * 30,
    "9" * 5000,
    "' OR 1=1 --",
    "٣",
    "²",
    "甲" * 300,
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "0001-01-01",
    "9999-12-31",
    "1900-01",
    "9999-12",
    "2026-13",
)
LONG = 200
SORTS = (
    "visit__person__resident_id",
    "-visit__person__resident_id_index",
    "pk",
    "?",
    "--number",
    "password",
    "-division__password",
    "number__startswith",
    "requested_by__password",
)


PAGES: tuple[Any, ...] = (*ODD, "last", ["1", "2"])
# Sorting, turning pages and the form around the table are one piece for all lists: all that can be
# said to it, these are told; of the others the whole page is asked for where something is refused.
TOLD_ALL = {"claims:list", "funds:vouchers", "enrollment:receipts", "accounts:users"}


@pytest.fixture(autouse=True)
def _menu_without_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """They depend on the user and the day, on no address (test_worklist.py), and are asked anew
    for each of some thousand pages."""
    monkeypatch.setattr(navigation, "counts", lambda user, day: {})


def parameters(name: str) -> list[dict[str, Any]]:
    """A value that fills a line is asked for by itself (an answer leads to no longer address);
    else all fields that take it are asked for at once, and so are all that refuse it."""
    filters = ALL[name].filters
    fields: dict[str, forms.Field] = filters.base_fields if filters else {}
    own: list[dict[str, Any]] = []
    for value in ODD:
        if len(value) > LONG:
            own += [{each: value} for each in fields]
            continue
        taken = {each for each, field in fields.items() if takes(field, value)}
        own += [dict.fromkeys(taken, value), dict.fromkeys(set(fields) - taken, value)]
    own = [asked for asked in own if asked]
    both = [{each: ["", "x", "1"]} for each in fields]
    if name in TOLD_ALL:
        turned = [{"page": value} for value in PAGES] + [{"sort": value} for value in SORTS]
    else:
        turned = [{"page": value, "sort": sort} for value, sort in zip(PAGES, SORTS, strict=False)]
        turned = turned[:: len(turned) // 3]
    return own + both + turned + [{"verdict": "x"}]


def odd_together(name: str) -> dict[str, str]:
    """Every field that takes an odd value with the last that it takes, in one address."""
    filters = ALL[name].filters
    short = [value for value in ODD if len(value) <= LONG]
    return {
        each: value
        for each, field in (filters.base_fields.items() if filters else ())
        for value in short
        if takes(field, value)
    }


def shown_of(name: str, asked: dict[str, Any]) -> dict[str, str]:
    """The headers with which htmx gets the table alone; none for the whole page."""
    filters = ALL[name].filters
    fields: dict[str, forms.Field] = filters.base_fields if filters else {}
    given = [(fields[each], value) for each, value in asked.items() if each in fields]
    is_taken = all(isinstance(value, str) and takes(field, value) for field, value in given)
    is_alone = is_taken and name not in TOLD_ALL
    return {"HX-Request": "true", "HX-Target": ALL[name].key} if is_alone else {}


def takes(field: forms.Field, value: str) -> bool:
    try:
        field.clean(value)
    except forms.ValidationError:
        return False
    return True


@pytest.mark.django_db
@over(ALL)
def test_no_address_breaks_it(name: str, dazu: County, as_user: Callable[[User], Client]) -> None:
    ROWS[name](dazu, 1)
    client = as_user(reader(dazu, ALL[name].permission))
    usual = client.get(reverse(name)).context["list"]
    whole: list[tuple[dict[str, Any], dict[str, str]]] = [(odd_together(name), {})]
    for asked, headers in whole + [(one, shown_of(name, one)) for one in parameters(name)]:
        response = client.get(reverse(name), asked, headers=headers)
        if "book" in asked:  # of another area or none: the page is not there
            assert response.status_code in {200, 404}, asked
            continue
        assert response.status_code == 200, asked
        if "sort" in asked:
            table = response.context["list"]
            assert table.sort == "" and question(table) == question(usual), asked


def question(table: Any) -> str:
    """The SQL of its rows, whatever the time: who is locked out depends on it."""
    return re.sub(r"\d\d:\d\d:\d\d\.\d+", "", str(getattr(table.rows, "query", "")))


@pytest.mark.django_db
@over(EXPORTED)
def test_no_address_breaks_its_workbook(
    name: str, dazu: County, as_user: Callable[[User], Client]
) -> None:
    ROWS[name](dazu, 1)
    client = as_user(reader(dazu, ALL[name].export))
    for asked in parameters(name):
        url = f"{export_url(name)}"
        response = client.post(url, {"reason": "核对"}, query_params=asked)
        assert response.status_code in {200, 302, 404}, asked
    left = AuditLine.objects.filter(action="export").count()
    for reason in ("", " ", "　　", "核"):
        assert client.post(export_url(name), {"reason": reason}).status_code == 302
    assert AuditLine.objects.filter(action="export").count() == left
