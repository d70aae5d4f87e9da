"""Somebody tries the door of others: guessing, locking people out, keeping a known password."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, SignInFailure, User
from accounts.roles import Role
from tests.at_once import at_once
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
RIGHT = "chunfeng-2026"


def knock(username: str, password: str, address: str, browser: Client | None = None) -> bool:
    """Whether the door opens, in a browser of its own or in this one."""
    form = {"username": username, "password": password}
    browser = browser or Client()
    return browser.post("/sign-in", form, REMOTE_ADDR=address).status_code == 302


def guess(username: str, times: int, address: str, browser: Client | None = None) -> None:
    for _ in range(times):
        assert not knock(username, "wrong", address, browser)


def test_guessing_from_one_desk_does_not_lock_the_colleague_at_another(
    cast: SimpleNamespace,
) -> None:
    guess("clerk_a", 8, "10.0.0.66")
    assert not knock("clerk_a", RIGHT, "10.0.0.66")
    assert knock("clerk_a", RIGHT, "10.0.0.1")
    assert not knock("clerk_a", RIGHT, "10.0.0.66"), "her signing in opened the guesser's lock"


def test_guesses_from_many_desks_together_lock_the_name_but_not_in_her_own_browser(
    cast: SimpleNamespace,
) -> None:
    own = Client()
    assert knock("clerk_a", RIGHT, "10.0.0.1", own)
    for desk in range(6):
        guess("clerk_a", 5, f"10.0.1.{desk}")
    assert not knock("clerk_a", RIGHT, "10.0.2.1")
    assert not knock("clerk_a", RIGHT, "10.0.0.1"), "her address alone proves nothing"
    assert knock("clerk_a", RIGHT, "10.0.0.1", own)
    assert knock("clerk_a", RIGHT, "10.0.9.9", own), "also when the office gets another address"


def test_a_colleague_behind_the_same_address_cannot_lock_her_out(cast: SimpleNamespace) -> None:
    """One address for a whole township office."""
    own = Client()
    assert knock("clerk_a", RIGHT, "10.0.0.1", own)
    guess("clerk_a", 8, "10.0.0.1")
    assert knock("clerk_a", RIGHT, "10.0.0.1", own)
    guess("clerk_a", 5, "10.0.0.1", own)
    assert not knock("clerk_a", RIGHT, "10.0.0.1", own), "her own browser has its limit, too"


def test_the_mark_of_a_browser_counts_for_its_own_people_only(cast: SimpleNamespace) -> None:
    browser = Client()
    assert knock("clerk_a", RIGHT, "10.0.0.1", browser)
    guess("clerk_b", 5, "10.0.0.1")
    assert not knock("clerk_b", RIGHT, "10.0.0.1", browser)
    browser.cookies["desk"] = browser.cookies["desk"].value.replace(":", f",{cast.clerk_b.pk}:", 1)
    assert not knock("clerk_b", RIGHT, "10.0.0.1", browser), "a forged mark is none"


def test_one_address_tries_twenty_passwords_over_many_names(cast: SimpleNamespace) -> None:
    own = Client()
    assert knock("cashier", RIGHT, "10.0.0.9", own)
    people = ("clerk_a", "clerk_a2", "clerk_b", "reviewer", "approver", "accountant", "auditor")
    for name in people[:6]:
        guess(name, 3, "10.0.0.9")
    guess("nobody_here", 2, "10.0.0.9")
    form = {"username": "auditor", "password": RIGHT}
    page = Client().post("/sign-in", form, REMOTE_ADDR="10.0.0.9")
    assert "只有以前登录过的浏览器可以登录" in page.content.decode()
    assert knock("auditor", RIGHT, "10.0.0.10"), "elsewhere the name is open"
    assert knock("cashier", RIGHT, "10.0.0.9", own), "and so is the browser of one who works there"


def test_an_office_of_thirty_that_mistypes_on_monday_gets_in(cast: SimpleNamespace) -> None:
    """Whoever gets in afterwards does not count: thirty clerks, each with two slips."""
    for at in range(30):
        make_user(f"town_{at:02d}", "谭明芳", Role.TOWNSHIP_CLERK, cast.clerk_a.division)
        guess(f"town_{at:02d}", 2, "10.0.0.1")
        assert knock(f"town_{at:02d}", RIGHT, "10.0.0.1")


def test_a_door_that_is_knocked_at_for_ever_does_not_fill_the_list(cast: SimpleNamespace) -> None:
    SignInFailure.objects.bulk_create(
        SignInFailure(username="x", origin="10.0.0.66", counts=False) for _ in range(195)
    )
    guess("clerk_a", 12, "10.0.0.66")
    assert SignInFailure.objects.filter(origin="10.0.0.66").count() == 200


def test_a_locked_door_that_is_tried_on_opens_after_a_quarter_of_an_hour(
    cast: SimpleNamespace,
) -> None:
    guess("clerk_a", 5, "10.0.0.1")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=14))
    assert not knock("clerk_a", RIGHT, "10.0.0.1")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert knock("clerk_a", RIGHT, "10.0.0.1")


@pytest.mark.django_db(transaction=True)
def test_six_right_passwords_at_once_all_open_the_door(cast: SimpleNamespace) -> None:
    """And a last wrong one before them does not make them wrong."""
    guess("clerk_a", 4, "10.0.0.1")
    assert at_once([lambda: knock("clerk_a", RIGHT, "10.0.0.1")] * 6) == [True] * 6


@pytest.mark.django_db(transaction=True)
def test_twelve_guesses_at_once_are_five_guesses(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr("accounts.sign_in.authenticate", lambda *_, **given: looked.append("x"))
    assert at_once([lambda: knock("clerk_a", "wrong", "10.0.0.1")] * 12) == [False] * 12
    assert len(looked) == 5


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
