"""Headers and bodies that a browser in the township would never send."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.error_pages import MAX_BODY
from accounts.models import AuditLine, User

pytestmark = pytest.mark.django_db
RIGHT = {"username": "clerk_a", "password": "chunfeng-2026"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("6.6.6.6, 10.0.0.5", "10.0.0.5"),
        ("unknown", "127.0.0.1"),
        ("10.0.0.5:4711", "127.0.0.1"),
        ("x" * 5000, "127.0.0.1"),
        ("", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_trail_keeps_an_address_or_the_proxys(
    cast: SimpleNamespace, settings: Any, sent: str, kept: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    answer = Client().post("/sign-in", RIGHT, HTTP_X_FORWARDED_FOR=sent)
    assert answer.status_code == 302
    assert AuditLine.objects.get(action="accounts.sign_in").origin == kept


def test_nobody_sends_an_endless_body(client: Client) -> None:
    """Refused by its length alone, also for who is not signed in: nothing of it is read."""
    given = {"CONTENT_LENGTH": str(MAX_BODY + 1)}
    answer = client.post("/sign-in", b"x=1", content_type="text/plain", **given)
    assert answer.status_code == 413
    assert "一次最多提交 32 兆" in answer.content.decode()


def test_a_form_of_ten_thousand_fields_is_told_so(client: Client) -> None:
    answer = client.post("/sign-in", {f"x{at}": "1" for at in range(10_000)})
    assert answer.status_code == 413
    assert "项目太多" in answer.content.decode()


def test_error_pages_are_the_portals_own_and_stand_in_no_frame(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    clerk = as_user(cast.clerk_a)
    for answer, status, words in (
        (clerk.get("/sign-out"), 405, "不能这样打开"),
        (clerk.put("/enrollment/receipts"), 405, "不能这样打开"),
        (clerk.get("/sign-in?next=%00"), 400, "请求有误"),
        (clerk.get("/nowhere"), 404, "没有找到"),
        (clerk.get("/funds/"), 403, "没有权限"),
    ):
        assert (answer.status_code, words in answer.content.decode()) == (status, True)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store"
        assert status != 405 or answer["Allow"]


@pytest.mark.parametrize("path", ["/accounts/audit", "/institutions/catalogue", "/claims/"])
@pytest.mark.parametrize("query", ["action=%00", "text=%00", "page=%00", "%00=1"])
def test_a_nul_is_no_fault(
    cast: SimpleNamespace, as_user: Callable[[User], Client], path: str, query: str
) -> None:
    assert as_user(cast.auditor).get(f"{path}?{query}").status_code in {200, 400}


def test_what_leaves_as_a_file_is_noted_with_what_was_chosen(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    as_user(cast.auditadmin).post(
        "/accounts/audit/export?action=accounts.&user=clerk_a", {"reason": "月度检查"}
    )
    line = AuditLine.objects.get(action="export")
    assert line.after is not None
    assert line.after["criteria"] == {"action": "accounts.", "user": "clerk_a"}
    assert line.reason == "月度检查"
