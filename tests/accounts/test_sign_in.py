"""陈秀英 signs in, forgets her password, and is locked out."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, SignInFailure

pytestmark = pytest.mark.django_db


def attempt(client: Client, password: str) -> str:
    return client.post("/sign-in", {"username": "clerk_a", "password": password}).content.decode()


def test_right_password_opens_the_home_page(cast: SimpleNamespace, client: Client) -> None:
    response = client.post(
        "/sign-in", {"username": "clerk_a", "password": "chunfeng-2026"}, follow=True
    )
    assert response.status_code == 200
    assert "陈秀英" in response.content.decode()
    line = AuditLine.objects.get(action="accounts.sign_in")
    assert (line.user, line.origin) == (cast.clerk_a, "127.0.0.1")


def test_five_wrong_passwords_lock_the_name_even_for_the_right_one(
    cast: SimpleNamespace, client: Client
) -> None:
    assert "还可以试 4 次" in attempt(client, "wrong")
    for _ in range(4):
        page = attempt(client, "wrong")
    assert "已锁定 15 分钟" in page
    assert "已锁定 15 分钟" in attempt(client, "chunfeng-2026")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    client.post("/sign-in", {"username": "clerk_a", "password": "chunfeng-2026"})
    assert client.get("/").status_code == 200
    assert SignInFailure.objects.filter(kind="sign_in").count() == 5, "they stay listed"


def test_an_inactive_account_cannot_sign_in(cast: SimpleNamespace, client: Client) -> None:
    cast.clerk_a.is_active = False
    cast.clerk_a.save()
    assert "用户名或密码不对" in attempt(client, "chunfeng-2026")


def test_an_older_hash_is_read_and_written_anew(
    cast: SimpleNamespace, client: Client, settings: Any
) -> None:
    """The session that this sign-in begins goes on; one password, hashed with less memory."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    cast.clerk_a.set_password("chunfeng-2026")
    cast.clerk_a.save()
    assert "m=102400,t=2,p=8" in cast.clerk_a.password
    settings.PASSWORD_HASHERS = ["accounts.hashing.PasswordHasher"]
    attempt(client, "chunfeng-2026")
    cast.clerk_a.refresh_from_db()
    assert "argon2id$v=19$m=47104,t=1,p=1" in cast.clerk_a.password
    assert client.get("/").status_code == 200
    assert "还可以试 4 次" in attempt(Client(), "chunfeng-2025")


def test_next_leads_only_to_the_portal_itself(cast: SimpleNamespace, client: Client) -> None:
    response = client.post(
        "/sign-in",
        {"username": "clerk_a", "password": "chunfeng-2026", "next": "https://evil.example/"},
    )
    assert response["Location"] == "/"


def test_a_given_password_must_be_changed_first(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    cast.clerk_a.must_change_password = True
    cast.clerk_a.save()
    client = as_user(cast.clerk_a)
    assert client.get("/")["Location"] == "/password"
    page = client.post(
        "/password",
        {"old_password": "chunfeng-2026", "new_password": "1234567890", "repeated": "1234567890"},
    )
    assert page.status_code == 200
    assert client.get("/")["Location"] == "/password"
    client.post(
        "/password",
        {
            "old_password": "chunfeng-2026",
            "new_password": "qiushou-2026-liang",
            "repeated": "qiushou-2026-liang",
        },
    )
    assert client.get("/").status_code == 200


def test_signing_out_ends_the_session(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.clerk_a)
    client.post("/sign-out")
    assert client.get("/").status_code == 302


def test_pages_forbid_foreign_code_and_caching(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    response = as_user(cast.clerk_a).get("/")
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"


def test_a_page_left_open_too_long_says_so_in_chinese(cast: SimpleNamespace) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.clerk_a)
    answer = strict.post("/password", {"old_password": "x"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()
    assert "CSRF" not in answer.content.decode()


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(
    cast: SimpleNamespace, client: Client
) -> None:
    """Signed out, 陈秀英 sorts the list that is still open: no sign-in inside the table."""
    page = "http://testserver/enrollment/receipts?kind=cash"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    response = client.get("/enrollment/receipts?sort=amount", headers=headers)
    assert (response.status_code, response.content) == (200, b"")
    assert response["HX-Redirect"] == "/sign-in?next=/enrollment/receipts%3Fkind%3Dcash"
    elsewhere = headers | {"HX-Current-URL": "https://elsewhere.example/enrollment/receipts"}
    response = client.get("/enrollment/receipts?sort=amount", headers=elsewhere)
    assert response["HX-Redirect"] == "/sign-in?next=/"
