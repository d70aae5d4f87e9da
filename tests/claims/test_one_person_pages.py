"""Two records of one person on the pages: found, seen side by side, decided by another, undone."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from claims.models import Settlement
from enrollment.models import Enrollment, Person, SamePerson
from tests.claims.conftest import TODAY, line
from tests.claims.test_one_person import CERTIFICATE, PAPERS, child, merge, propose_same
from tests.enrollment.conftest import text_of

__all__ = ["child"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_march")]
AsUser = Callable[[User], Client]


@pytest.fixture
def in_march(settings: Any) -> None:
    settings.TODAY = TODAY


def go(client: Client, name: str, *args: Any, **data: Any) -> Any:
    address = reverse(f"enrollment:{name}", args=args)
    return client.post(address, data, follow=True) if data else client.get(address)


def test_found_by_number_seen_side_by_side_and_decided_by_another(
    as_user: AsUser,
    cast: SimpleNamespace,
    child: SimpleNamespace,
    counter: Callable[..., Settlement],
) -> None:
    claim = counter(child.given_up, line("X01", "120", "10"))
    clerk, officer = as_user(cast.clerk_a), as_user(cast.approver)
    page = go(clerk, "household_detail", child.other.pk)
    assert reverse("enrollment:same_find", args=[child.kept.pk]) in page.content.decode()
    page = go(clerk, "same_find", child.kept.pk, number=CERTIFICATE)
    text = text_of(page)
    assert claim.number in text
    assert "出生医学证明" in text
    assert CERTIFICATE not in text
    page = go(
        clerk, "same_new", child.kept.pk, child.given_up.pk, kept=child.kept.pk,
        evidence="户口簿第 3 页", reason="登记了两次",
    )  # fmt: skip
    row = SamePerson.objects.get()
    assert "审批之前两条登记都不变" in text_of(page)
    assert Enrollment.objects.active().count() == 2
    page = go(officer, "same_people")
    assert "杨小雨" in text_of(page)
    page = officer.post(reverse("enrollment:same_act", args=[row.pk, "approve_same"]), follow=True)
    assert "需要核查处理 2026 年度缴了两次，多缴的 200.00 元待退" in text_of(page)
    text = text_of(go(clerk, "household_detail", child.home.pk))
    assert f"重复登记，已并入{child.kept.certificate_number}" in text


def test_undone_from_the_case(
    as_user: AsUser, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    row = merge(cast, child.kept, child.given_up)
    clerk, officer = as_user(cast.clerk_a), as_user(cast.approver)
    assert "申请撤销合并" in text_of(go(clerk, "same_person", row.pk))
    go(clerk, "same_undo", row.pk, evidence="派出所证明第 3 号", reason="是两个孩子")
    back = SamePerson.objects.get(undoes=row)
    officer.post(reverse("enrollment:same_act", args=[back.pk, "approve_same"]))
    assert Enrollment.objects.active().count() == 2
    assert f"已由撤销合并 {back.pk} 号撤销" in text_of(go(clerk, "same_person", row.pk))


def test_who_sees_one_record_only_learns_nothing_of_the_other(
    as_user: AsUser, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    """Another township's clerk finds no such record, and opens no such case."""
    clerk = as_user(cast.clerk_b)
    row = propose_same(
        actor=cast.clerk_a, kept=child.kept, given_up=child.given_up, on=TODAY, **PAPERS
    )
    assert go(clerk, "same_person", row.pk).status_code == 404
    assert go(clerk, "same_new", child.kept.pk, child.given_up.pk).status_code == 404
    assert "杨小雨" not in text_of(go(clerk, "same_people"))


def test_nobody_is_found_by_a_number_of_nobody(
    as_user: AsUser, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    page = go(as_user(cast.clerk_a), "same_find", child.kept.pk, number="R500999999")
    assert "请由县经办中心申请" in text_of(page)


def test_the_case_costs_the_same_for_every_reader(
    as_user: AsUser, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    row = merge(cast, child.kept, child.given_up)
    for user in (cast.reviewer, cast.supervisor, cast.auditor):
        assert go(as_user(user), "same_person", row.pk).status_code == 200
    assert go(as_user(cast.sysadmin), "same_person", row.pk).status_code == 403
    assert Person.objects.filter(same_as=child.kept).count() == 1
