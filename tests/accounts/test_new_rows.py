"""New rows written by one statement are the rows that Django would have written."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLine, Division
from accounts.new_rows import insert
from institutions.models import Agreement, CatalogueItem, Institution


def drug(area: Division, code: str, **facts: object) -> CatalogueItem:
    return CatalogueItem(
        area=area, catalogue="drug", code=code, name="阿莫西林胶囊", initials="amxljn",
        category="western_drug", payment_class="A", unit="盒", first_day=date(2025, 1, 1), **facts,
    )  # fmt: skip


def kept(row: CatalogueItem) -> dict[str, object]:
    values = CatalogueItem.objects.filter(pk=row.pk).values().get()
    own = {"id", "code", "changed_at"}  # the last the database writes
    return {name: value for name, value in values.items() if name not in own}


def test_as_django_writes_them(county: Division) -> None:
    rows = [drug(county, "X01"), drug(county, "X02", price_limit=Decimal("12.50"))]
    with CaptureQueriesContext(connection) as asked:
        insert(rows)
    assert len(asked) == 1
    assert rows[0].pk < rows[1].pk
    assert not rows[0]._state.adding
    by_hand = [drug(county, "X03"), drug(county, "X04", price_limit=Decimal("12.50"))]
    for row in by_hand:
        row.save()
    assert [kept(row) for row in rows] == [kept(row) for row in by_hand]
    rows[0].name = "阿莫西林"
    rows[0].save()
    assert CatalogueItem.objects.get(code="X01").name == "阿莫西林"


def test_json_and_moments(county: Division) -> None:
    line = AuditLine(action="x.y", subject_type="a.b", after={"名称": "龙水镇", "rows": [1, None]})
    insert([line])
    again = AuditLine.objects.get(pk=line.pk)
    assert again.after == {"名称": "龙水镇", "rows": [1, None]}
    assert again.before is None
    assert again.at is not None


def test_none_is_no_statement(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        insert([])
    assert not asked.captured_queries


def test_a_broken_constraint_writes_nothing(county: Division, hospital: Institution) -> None:
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)}
    twice = [Agreement(institution=hospital, number="DZ-2026-9", **days) for _ in range(2)]
    twice[1].institution_id = 0
    before = Agreement.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(twice)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Agreement.objects.count() == before
