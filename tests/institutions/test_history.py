"""A catalogue item through time, and what a hospital's own code has meant."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.audit import record
from accounts.models import Division
from institutions.history import versions_of
from institutions.models import CatalogueItem, Institution
from institutions.sent_models import CodeMapping
from tests.claims.conftest import catalogue
from tests.claims.test_statements import statements

__all__ = ["catalogue"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "catalogue")]
JULY = date(2026, 7, 1)


@pytest.fixture
def dearer(cast: SimpleNamespace, county: Division) -> CatalogueItem:
    """X01 from July on: 3.50 more; the row before ends on 30 June."""
    was = CatalogueItem.objects.get(area=county, code="X01")
    CatalogueItem.objects.filter(pk=was.pk).update(
        price_limit=Decimal("10.00"), last_day=date(2026, 6, 30)
    )
    new = CatalogueItem.objects.get(pk=was.pk)
    new.pk, new.first_day, new.last_day = None, JULY, None
    new.price_limit = Decimal("13.50")
    new.save(force_insert=True)
    record(
        actor=cast.supervisor, action="institutions.keep_item", subject=new,
        division_code=county.code, after={"after": was.pk},
    )  # fmt: skip
    return new


def test_all_versions_with_days_price_and_source_the_latest_first(
    dearer: CatalogueItem, county: Division
) -> None:
    new, old = versions_of(county.code, ["X01"])
    assert (new.item, new.change) == (dearer, Decimal("3.50"))
    assert new.source == "“三个目录”表变更" and new.came_at is not None
    assert (old.change, old.came_at, old.item.last_day) == (None, None, date(2026, 6, 30))
    assert old.source.startswith("列入目录")
    assert statements(lambda: versions_of(county.code, ["X01", "S03"])) == 2


def test_the_pages_of_the_item_and_of_the_own_code(
    dearer: CatalogueItem, cast: SimpleNamespace, hospital: Institution, as_user: Any
) -> None:
    facts: dict[str, Any] = {
        "institution": hospital, "own_code": "YP001", "own_name": "阿莫西林", "kind": "101",
        "details": [], "proposed_by": cast.hospital_clerk,
    }  # fmt: skip
    CodeMapping.objects.create(
        code="S03", first_day=date(2026, 1, 1), last_day=date(2026, 6, 30), status="agreed",
        decided_by=cast.supervisor, **facts,
    )  # fmt: skip
    now = CodeMapping.objects.create(
        code="X01", first_day=JULY, status="agreed", decided_by=cast.supervisor, **facts
    )
    for user in (cast.hospital_clerk, cast.supervisor, cast.clerk_a):
        page = as_user(user).get(reverse("institutions:item", args=[dearer.pk]))
        text = page.content.decode()
        assert "13.50" in text and "10.00" in text and "3.50" in text and "2026-06-30" in text
    own = as_user(cast.hospital_clerk).get(reverse("institutions:mapping", args=[now.pk]))
    text = own.content.decode()
    assert "S03" in text and "13.50" in text and "10.00" in text
    assert as_user(cast.other_officer).get(
        reverse("institutions:item", args=[dearer.pk])
    ).status_code == 404  # fmt: skip
