"""陈秀英 has locked herself out: who sees it, who lets her in, and what every password must be."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, SignInFailure, User
from accounts.tasks import clean_up
from tests.conftest import PACKS
from tests.rooms import ROOMS

pytestmark = pytest.mark.django_db
RIGHT, NEW = "chunfeng-2026", "qiushou-2026-liang"
SignIn = Callable[[User], Client]


def sign_in(client: Client, username: str = "clerk_a", password: str = RIGHT) -> bool:
    form = {"username": username, "password": password}
    return client.post("/sign-in", form).status_code == 302


def lock(username: str = "clerk_a") -> None:
    for _ in range(5):
        assert not sign_in(Client(), username, "wrong")


def test_the_security_administrator_sees_the_lock_and_opens_it(
    cast: SimpleNamespace, as_user: SignIn
) -> None:
    lock()
    client, url = as_user(cast.secadmin), f"/accounts/users/{cast.clerk_a.pk}"
    users = client.get("/accounts/users?state=locked").content.decode()
    assert "锁定" in users and "输错 5 次" in users and "clerk_a" in users
    assert "clerk_b" not in users
    assert "15 分钟内输错 5 次" in client.get(url).content.decode()
    refused = client.post(f"{url}/unlock", {"reason": ""}, follow=True)
    assert "请填写事由" in refused.content.decode()
    assert not sign_in(Client())
    done = client.post(f"{url}/unlock", {"reason": "本人来电，工号核实"}, follow=True)
    assert "陈秀英 已解锁" in done.content.decode()
    assert sign_in(Client())
    line = AuditLine.objects.get(action="accounts.unlock")
    assert (line.user, line.subject_id, line.after, line.reason) == (
        cast.secadmin,
        str(cast.clerk_a.pk),
        {"tries": 5},
        "本人来电，工号核实",
    )


def test_a_one_time_password_is_shown_once_and_must_be_changed(
    cast: SimpleNamespace, as_user: SignIn
) -> None:
    own = Client()
    assert sign_in(own)
    lock()
    url = f"/accounts/users/{cast.clerk_a.pk}"
    page = as_user(cast.secadmin).post(f"{url}/reset", {"reason": "忘记密码，当面核实"})
    found = re.search(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}", page.content.decode())
    assert found and page["Cache-Control"] == "no-store"
    assert own.get("/").status_code == 302, "her open window is signed out"
    assert not sign_in(Client())
    client = Client()
    assert sign_in(client, password=found.group())
    assert client.get("/enrollment/receipts")["Location"] == "/password"
    form = {"old_password": found.group(), "new_password": NEW, "repeated": NEW}
    assert client.post("/password", form)["Location"] == "/"
    assert client.get("/enrollment/receipts").status_code == 200
    kept = AuditLine.objects.get(action="accounts.reset_password")
    assert found.group() not in str(AuditLine.objects.values_list("before", "after", "reason"))
    assert (kept.user, kept.reason) == (cast.secadmin, "忘记密码，当面核实")


def test_nobody_helps_himself(cast: SimpleNamespace, as_user: SignIn) -> None:
    client = as_user(cast.secadmin)
    for act in ("unlock", "reset"):
        url = f"/accounts/users/{cast.secadmin.pk}/{act}"
        page = client.post(url, {"reason": "自己"}, follow=True).content.decode()
        assert "请由另一位安全管理员办理" in page
    assert not AuditLine.objects.filter(action__in=["accounts.unlock", "accounts.reset_password"])


def test_failed_tries_are_listed_with_where_but_not_what_is_no_name(
    cast: SimpleNamespace, as_user: SignIn
) -> None:
    lock()
    assert not sign_in(Client(), "clerk_a")
    assert not sign_in(Client(), "mimi-2026-mima", "clerk_a")  # into the wrong fields
    page = as_user(cast.auditadmin).get("/accounts/failures").content.decode()
    assert page.count("密码不对") == 6 and page.count("锁定中再试") == 1
    assert "陈秀英" in page and "127.0.0.1" in page
    assert "没有这个用户" in page and "mimi" not in page
    assert not SignInFailure.objects.filter(username__contains="mimi").exists()


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("abc", "密码至少 10 位，现有 3 位"),
        ("1", "密码至少 10 位，现有 1 位"),
        ("1234567890", "至少两种"),
        ("chunfengchunfeng", "至少两种"),
        ("password123", "常见"),
        ("clerk_new01", "相似"),
    ],
)
def test_every_door_refuses_a_weak_password(
    cast: SimpleNamespace, as_user: SignIn, password: str, told: str
) -> None:
    form = {"username": "clerk_new0", "name": "唐小雨", "password": password}
    page = as_user(cast.sysadmin).post("/accounts/users/new", form)
    assert told in page.content.decode()
    assert not User.objects.filter(username="clerk_new0").exists()
    if told == "相似":
        User.objects.filter(pk=cast.clerk_a.pk).update(username="clerk_new0")
    form = {"old_password": RIGHT, "new_password": password, "repeated": password}
    cast.clerk_a.refresh_from_db()
    assert told in as_user(cast.clerk_a).post("/password", form).content.decode()
    cast.clerk_a.refresh_from_db()
    assert cast.clerk_a.check_password(RIGHT)


def test_passwords_are_set_in_one_place() -> None:
    """Beside it only the demonstration county does, whose accounts production refuses."""
    root = PACKS.parent.parent
    setting = re.compile(r"\.set_password\(|make_password\(|\.password\s*=")
    found = {
        str(path.relative_to(root))
        for room in (*ROOMS, "launch")
        for path in Path(root / room).rglob("*.py")
        if setting.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"accounts/passwords.py", "accounts/services.py", "demo/foundation.py"}


def test_wrong_old_passwords_have_a_limit_and_end_every_session(
    cast: SimpleNamespace,
) -> None:
    """Somebody sits down at her open page."""
    left_open, elsewhere = Client(), Client()
    assert sign_in(left_open) and sign_in(elsewhere)
    form = {"old_password": "guess", "new_password": NEW, "repeated": NEW}
    assert "还可以试 4 次" in left_open.post("/password", form).content.decode()
    for _ in range(3):
        left_open.post("/password", form)
    assert left_open.post("/password", form)["Location"] == "/sign-in"
    assert "已退出登录" in left_open.get("/sign-in").content.decode()
    assert left_open.get("/").status_code == elsewhere.get("/").status_code == 302
    assert not sign_in(left_open)
    assert SignInFailure.objects.filter(username="clerk_a", kind="change").count() == 5
    cast.clerk_a.refresh_from_db()
    assert cast.clerk_a.check_password(RIGHT)


def test_another_role_or_place_ends_the_sessions(cast: SimpleNamespace, as_user: SignIn) -> None:
    own = Client()
    assert sign_in(own)
    form = {"role": "township_clerk", "division_code": "500225102", "is_active": "on"}
    as_user(cast.secadmin).post(f"/accounts/users/{cast.clerk_a.pk}", form)
    assert own.get("/")["Location"].startswith("/sign-in")


def at(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """It is so many minutes later."""
    later = timezone.now().timestamp() + minutes * 60
    monkeypatch.setattr("accounts.sessions.time.time", lambda: later)


def test_half_an_hour_without_work_ends_a_session_and_work_does_not(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    assert sign_in(client)
    for minutes in (25, 50, 75):
        at(monkeypatch, minutes)
        assert client.get("/").status_code == 200
    at(monkeypatch, 100)
    assert client.post("/still-here").status_code == 204, "typing is work"
    at(monkeypatch, 125)
    assert client.get("/", headers={"X-By-Itself": "yes"}).status_code == 200
    at(monkeypatch, 131)
    assert client.get("/")["Location"] == "/sign-in?next=/", "what asks by itself is not"


def test_ten_hours_end_a_session_in_any_case(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    assert sign_in(client)
    for minutes in range(25, 600, 25):
        at(monkeypatch, minutes)
        assert client.get("/").status_code == 200
    at(monkeypatch, 601)
    assert client.get("/").status_code == 302


def test_old_sessions_and_tries_are_cleared(cast: SimpleNamespace) -> None:
    client = Client()
    assert sign_in(client)
    client.session.set_expiry(-10)
    session = client.session
    session.set_expiry(-10)
    session.save()
    old = SignInFailure.objects.create(username="clerk_a")
    SignInFailure.objects.update(at=timezone.now() - timedelta(days=200))
    young = SignInFailure.objects.create(username="clerk_a")
    assert clean_up() == 1
    assert list(SignInFailure.objects.all()) == [young] and old != young
    assert not session.exists(session.session_key)


def test_the_server_helps_when_no_administrator_gets_in(cast: SimpleNamespace) -> None:
    lock("secadmin")
    output = io.StringIO()
    call_command("reset_password", "secadmin", reason="唯一的安全管理员忘记密码", stdout=output)
    username, password = output.getvalue().split()
    client = Client()
    assert sign_in(client, username, password)
    assert client.get("/")["Location"] == "/password"
    line = AuditLine.objects.get(action="accounts.reset_password")
    assert (line.user, line.user_name, line.reason) == (None, "系统", "唯一的安全管理员忘记密码")
    with pytest.raises(CommandError, match="没有用户名"):
        call_command("reset_password", "nobody", reason="无此人")


def test_a_new_portal_gets_its_three_administrators(db: None) -> None:
    output = io.StringIO()
    call_command("open_administrator", "security_admin", "anquan", "孙全", stdout=output)
    client = Client()
    assert sign_in(client, *output.getvalue().split())
    assert client.get("/")["Location"] == "/password"
    with pytest.raises(CommandError, match="已有人使用"):
        call_command("open_administrator", "audit_admin", "anquan", "李察")
    with pytest.raises(CommandError):
        call_command("open_administrator", "cashier", "chuna", "冯小兰")
