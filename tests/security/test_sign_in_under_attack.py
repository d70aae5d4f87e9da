"""Somebody tries the door of others: guessing, locking people out, keeping a known password."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, SignInFailure, User

pytestmark = pytest.mark.django_db
RIGHT = "chunfeng-2026"


def knock(username: str, password: str, address: str) -> bool:
    """Whether the door opens."""
    form = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post("/sign-in", form).status_code == 302


def guess(username: str, times: int, address: str) -> None:
    for _ in range(times):
        assert not knock(username, "wrong", address)


def test_guessing_from_one_desk_does_not_lock_the_colleague_at_another(
    cast: SimpleNamespace,
) -> None:
    guess("clerk_a", 8, "10.0.0.66")
    assert not knock("clerk_a", RIGHT, "10.0.0.66")
    assert knock("clerk_a", RIGHT, "10.0.0.1")
    assert not knock("clerk_a", RIGHT, "10.0.0.66"), "her signing in opened the guesser's lock"


def test_guesses_from_many_desks_together_lock_the_name_but_not_at_her_own_desk(
    cast: SimpleNamespace,
) -> None:
    assert knock("clerk_a", RIGHT, "10.0.0.1")
    for desk in range(6):
        guess("clerk_a", 5, f"10.0.1.{desk}")
    assert not knock("clerk_a", RIGHT, "10.0.2.1")
    assert knock("clerk_a", RIGHT, "10.0.0.1")


def test_a_locked_door_that_is_tried_on_opens_after_a_quarter_of_an_hour(
    cast: SimpleNamespace,
) -> None:
    guess("clerk_a", 5, "10.0.0.1")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=14))
    assert not knock("clerk_a", RIGHT, "10.0.0.1")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert knock("clerk_a", RIGHT, "10.0.0.1")


def test_the_guess_counts_before_the_password_is_looked_at(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a hundred guesses at once would all see the same four failures."""
    seen: list[int] = []

    def looking(*args: object, **given: object) -> None:
        seen.append(SignInFailure.objects.filter(username="clerk_a").count())

    monkeypatch.setattr("accounts.services.authenticate", looking)
    guess("clerk_a", 3, "10.0.0.1")
    assert seen == [1, 2, 3]


def test_the_trail_keeps_that_an_account_was_locked(cast: SimpleNamespace) -> None:
    guess("clerk_a", 6, "10.0.0.66")
    guess("nobody_here", 6, "10.0.0.66")
    line = AuditLine.objects.get(action="accounts.lock_sign_in")
    assert (line.subject_id, line.origin) == (str(cast.clerk_a.pk), "10.0.0.66")


def test_names_that_are_there_and_names_that_are_not_sound_alike(cast: SimpleNamespace) -> None:
    told = {}
    for name in ("clerk_a", "nobody_here"):
        form = {"username": name, "password": "wrong"}
        answers = [Client().post("/sign-in", form) for _ in range(6)]
        told[name] = [answer.context["form"].non_field_errors() for answer in answers]
    assert told["clerk_a"] == told["nobody_here"]


def test_the_given_password_cannot_be_kept(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """The system administrator who handed the account out knows it."""
    User.objects.filter(pk=cast.clerk_a.pk).update(must_change_password=True)
    cast.clerk_a.refresh_from_db()
    client = as_user(cast.clerk_a)
    form = {"old_password": RIGHT, "new_password": RIGHT, "repeated": RIGHT}
    page = client.post("/password", form)
    assert "新密码与原密码相同" in page.content.decode()
    assert client.get("/")["Location"] == "/password"


def test_a_new_password_ends_the_sessions_elsewhere_and_renews_the_own(
    cast: SimpleNamespace,
) -> None:
    own, stolen = Client(), Client()
    for client in (own, stolen):
        client.post("/sign-in", {"username": "clerk_a", "password": RIGHT})
    before = own.session.session_key
    new = "qiushou-2026-liang"
    own.post("/password", {"old_password": RIGHT, "new_password": new, "repeated": new})
    assert own.get("/").status_code == 200
    assert own.session.session_key != before
    assert stolen.get("/").status_code == 302


def test_signing_in_gives_a_session_of_its_own(cast: SimpleNamespace) -> None:
    """A session key planted beforehand is worth nothing."""
    client = Client()
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    client.post("/sign-in", {"username": "clerk_a", "password": RIGHT})
    assert client.session.session_key != planted


def test_who_is_put_out_or_moved_feels_it_at_the_next_click(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    client = as_user(cast.reviewer)
    assert client.get("/claims/review").status_code == 200
    User.objects.filter(pk=cast.reviewer.pk).update(role="accountant")
    assert client.get("/claims/review").status_code == 403
    User.objects.filter(pk=cast.reviewer.pk).update(is_active=False)
    assert client.get("/funds/")["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https:evil.example", "/\\evil.example", "\\\\evil.example", "javascript:a"],
)
def test_after_signing_in_one_is_still_in_the_portal(cast: SimpleNamespace, target: str) -> None:
    form = {"username": "clerk_a", "password": RIGHT, "next": target}
    assert Client().post("/sign-in", form)["Location"] == "/"


def test_a_form_from_elsewhere_does_nothing(cast: SimpleNamespace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.clerk_a)
    for path in ("/sign-out", "/password", "/enrollment/households/new", "/claims/enter/paper"):
        assert client.post(path, {"_method": "GET"}).status_code == 403, path
        given = {"HTTP_X_HTTP_METHOD_OVERRIDE": "GET"}
        assert client.post(path, {}, **given).status_code == 403, path
    assert client.get("/").status_code == 200
