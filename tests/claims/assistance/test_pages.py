"""An application through the pages, as clerk, reviewer and approver see them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from claims.assistance.models import AidApplication, AidCase
from claims.models import Settlement
from enrollment.models import Person
from tests.claims.assistance.conftest import OWN, lists

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _april(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.claims.assistance.conftest import APPLIED

    for place in ("claims.assistance.views.today",):
        monkeypatch.setattr(place, lambda: APPLIED)


def test_a_clerk_takes_an_application_in_and_the_reviewer_makes_it_public(
    cast: SimpleNamespace, wang: Person, as_user: Any, stay_of: Callable[..., Settlement]
) -> None:
    lists(wang)
    stay_of(wang)
    clerk = as_user(cast.clerk_a)
    sent = clerk.post("/claims/aid/new", {"who": wang.resident_id})
    assert sent.status_code == 302 and sent.url == f"/claims/aid/for/{wang.pk}"
    page = clerk.get(sent.url).content.decode()
    assert "1,820.00" in page and "按70%救助" in page
    form = {
        "kind": "inpatient_aid", "facts": "无劳力", "payee": "王建国", "account": OWN.account,
        "bank": "", "document": "",
    }  # fmt: skip
    sent = clerk.post(sent.url, form)
    row = AidApplication.objects.get()
    assert sent.status_code == 302 and sent.url == f"/claims/aid/{row.pk}"
    reviewer = as_user(cast.reviewer)
    assert "审核同意，公示" in reviewer.get(sent.url).content.decode()
    reviewer.post(f"{sent.url}/publish_aid")
    row.refresh_from_db()
    assert row.status == "published"
    assert as_user(cast.hospital_clerk).get(sent.url).status_code in {403, 404}
    assert as_user(cast.clerk_b).get(sent.url).status_code == 404


def test_somebody_of_another_township_is_not_found(
    cast: SimpleNamespace, wang: Person, as_user: Any
) -> None:
    page = as_user(cast.clerk_b).post("/claims/aid/new", {"who": wang.resident_id})
    assert page.status_code == 200 and "辖区内没有查到此人" in page.content.decode()
    assert as_user(cast.clerk_b).get(f"/claims/aid/for/{wang.pk}").status_code == 404


def test_the_county_looks_for_large_sums_and_hands_them_down(
    cast: SimpleNamespace, wang: Person, as_user: Any, stay_of: Callable[..., Settlement]
) -> None:
    lists(wang)
    stay_of(wang, "11800.00")
    reviewer, clerk = as_user(cast.reviewer), as_user(cast.clerk_a)
    assert reviewer.post("/claims/aid/cases/find").status_code == 302
    case = AidCase.objects.get()
    reviewer.post(f"/claims/aid/cases/{case.pk}/hand_down_case")
    assert "已通知本人" in clerk.get(f"/claims/aid/cases/{case.pk}").content.decode()
    assert clerk.post(f"/claims/aid/cases/{case.pk}/close_case").status_code == 403
    clerk.post(f"/claims/aid/cases/{case.pk}/notify_case")
    case.refresh_from_db()
    assert case.status == "notified"
