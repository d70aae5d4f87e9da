"""孙全 lets programs in, and 韩梅 of the county hospital sees what is let in for hers."""

import hashlib
import hmac
import html
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditLine, User
from gateway.clients.admission import NotAdmitted
from gateway.clients.models import Client, FailedTry, Secret
from institutions.models import Institution
from tests.gateway.programs import Program, a_client, knock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
SignIn = Callable[[User], Browser]
SECRET = re.compile(r"\b[0-9a-f]{64}\b")
TERMS = {
    "institution_code": "H50022500001",
    "name": "HIS 门诊",
    "kind": "system",
    "signing": "hmac-sha256",
    "cipher": "none",
    "per_minute": "300",
    "largest": "1048576",
    "addresses": "10.20.1.5\r\n10.20.2.77/24",
}


def shown(page: str) -> str:
    """The secret of a page, of which there is one."""
    (found,) = SECRET.findall(page)
    return found


def test_a_program_is_let_in_and_its_secret_shown_once(
    cast: SimpleNamespace, hospital: Institution, as_user: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    safe = as_user(cast.secadmin)
    page = safe.post("/gateway/clients/new", TERMS).content.decode()
    secret = shown(page)
    client = Client.objects.get()
    assert client.access_key in page and "大足县人民医院" in page and "只显示这一次" in page
    assert client.addresses == ["10.20.1.5", "10.20.2.0/24"] and client.per_minute == 300
    assert client.user.is_program and client.user.name == "大足县人民医院HIS 门诊"
    program = Program(client.access_key, secret)
    assert program.knock() == client
    with pytest.raises(NotAdmitted, match="不在本客户端的名单内"):
        program.from_("10.99.0.1").knock()
    for path in ("clients", f"clients/{client.pk}", f"clients/{client.pk}/change", "failures"):
        seen = safe.get(f"/gateway/{path}").content.decode()
        assert secret not in seen and Secret.objects.get().digest not in seen, path
    trail = as_user(cast.auditadmin).get("/accounts/audit").content.decode()
    assert "登记接入客户端" in trail and "发放接入密钥" in trail
    told = str(list(AuditLine.objects.values())) + caplog.text
    assert secret not in told and Secret.objects.get().digest not in told


def test_what_is_typed_wrongly_stands_beside_its_input(
    cast: SimpleNamespace, hospital: Institution, as_user: SignIn
) -> None:
    safe = as_user(cast.secadmin)
    for changed, told in (
        ({"institution_code": "H50022599999"}, "没有代码为 H50022599999 的机构"),
        ({"addresses": "医院"}, "“医院”不是地址或网段"),
        ({"addresses": "\n".join(f"10.0.0.{n}" for n in range(21))}, "最多 20 个"),
        ({"per_minute": "0"}, "1 至 60000"),
        ({"largest": "9999999"}, "1024 至 5242880"),
        ({"signing": "sm9"}, "signing"),
        ({"signing": "sm2"}, "请粘贴 SM2 公钥"),
        ({"signing": "none", "cipher": "sm4-gcm"}, "与签名一起用"),
        ({"name": ""}, "请填写名称"),
    ):
        page = html.unescape(safe.post("/gateway/clients/new", TERMS | changed).content.decode())
        assert told in page and 'role="alert"' in page, told
    Institution.objects.filter(pk=hospital.pk).update(is_active=False)
    assert "已停业" in safe.post("/gateway/clients/new", TERMS).content.decode()
    assert not Client.objects.exists() and not User.objects.filter(is_program=True).exists()


def test_a_secret_is_rotated_on_the_page(
    cast: SimpleNamespace, hospital: Institution, as_user: SignIn
) -> None:
    issued = a_client(cast.secadmin, hospital)
    safe, path = as_user(cast.secadmin), f"/gateway/clients/{issued.client.pk}"
    until = timezone.localdate() + timedelta(days=3)
    new = shown(safe.post(f"{path}/rotate", {"old_until": str(until)}).content.decode())
    old = Program.of(issued)
    assert old.knock() and Program(old.access_key, new).knock() and new != issued.text
    ends = Secret.objects.get(pk=issued.secret.pk).last_at
    assert ends and timezone.localtime(ends).date() == until + timedelta(days=1)
    late = safe.post(f"{path}/rotate", {"old_until": str(until + timedelta(days=200))})
    assert "90 天之内" in late.content.decode() and Secret.objects.count() == 2
    past = timezone.localdate() - timedelta(days=2)
    assert "90 天之内" in safe.post(f"{path}/rotate", {"old_until": str(past)}).content.decode()
    gone = f"/gateway/clients/secrets/{issued.secret.pk}/revoke"
    assert "请写明" in safe.post(gone, {"reason": ""}, follow=True).content.decode()
    page = safe.post(gone, {"reason": "写进了聊天"}, follow=True).content.decode()
    assert "密钥已作废" in page and "已作废" in page
    with pytest.raises(NotAdmitted, match="作废"):
        old.knock()
    assert Program(old.access_key, new).knock()
    page = safe.post(f"{path}/stop", {"reason": "换系统"}, follow=True).content.decode()
    assert "客户端已停用" in page and "更换密钥" not in page
    with pytest.raises(NotAdmitted, match="已停用"):
        Program(old.access_key, new).knock()
    safe.post(f"{path}/start", {"reason": "换好了"})
    assert Program(old.access_key, new).knock()


def test_other_terms_hold_for_the_next_message(
    cast: SimpleNamespace, hospital: Institution, as_user: SignIn
) -> None:
    issued = a_client(cast.secadmin, hospital)
    safe, path = as_user(cast.secadmin), f"/gateway/clients/{issued.client.pk}"
    given = {name: value for name, value in TERMS.items() if name != "institution_code"}
    safe.post(f"{path}/change", given | {"signing": "sm3", "addresses": "10.20.1.5"})
    with pytest.raises(NotAdmitted, match="签名不对"):
        Program.of(issued).knock()
    assert Program(issued.client.access_key, issued.text, signing="sm3").knock()
    line = AuditLine.objects.get(action="gateway.change_client")
    assert (line.before["signing"], line.after["signing"]) == ("hmac-sha256", "sm3")
    assert "10.20.1.5" in safe.get(f"{path}/change").content.decode()


def test_a_hospital_sees_its_own_programs_without_secrets(
    cast: SimpleNamespace,
    hospital: Institution,
    township_hospital: Institution,
    as_user: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    issued = a_client(cast.secadmin, hospital)
    other = a_client(cast.secadmin, township_hospital, name="卫生院系统")
    FailedTry.objects.create(
        client=issued.client, access_key=issued.client.access_key, origin="10.9.9.9", why="over"
    )
    clerk = as_user(cast.hospital_clerk)
    with django_assert_max_num_queries(12):
        page = clerk.get("/gateway/own").content.decode()
    assert issued.client.access_key in page and "卫生院系统" not in page
    page = clerk.get(f"/gateway/own/{issued.client.pk}").content.decode()
    assert "10.9.9.9" in page and "密钥已作废或过期" in page
    assert "更换密钥" not in page and "作废的原因" not in page and "孙全" not in page
    assert not SECRET.search(page)
    assert clerk.get(f"/gateway/own/{other.client.pk}").status_code == 404
    assert clerk.get("/gateway/clients").status_code == 403
    assert clerk.post(f"/gateway/clients/{issued.client.pk}/rotate").status_code == 403
    menu = clerk.get("/").content.decode()
    assert "本机构接入" in menu and "接入客户端" not in menu


def test_a_client_without_a_secret_is_told_apart(
    cast: SimpleNamespace, hospital: Institution, as_user: SignIn
) -> None:
    issued = a_client(cast.secadmin, hospital)
    safe = as_user(cast.secadmin)
    assert issued.client.access_key in safe.get("/gateway/clients?state=on").content.decode()
    Secret.objects.filter(pk=issued.secret.pk).update(last_at=timezone.now())
    page = safe.get("/gateway/clients?state=bare").content.decode()
    assert issued.client.access_key in page
    assert issued.client.access_key not in safe.get("/gateway/clients?state=on").content.decode()
    assert (
        issued.client.access_key
        in safe.get("/gateway/clients?institution=人民医院").content.decode()
    )


def test_a_failed_try_of_nobody_shows_no_key(
    cast: SimpleNamespace, hospital: Institution, as_user: SignIn
) -> None:
    FailedTry.objects.create(access_key="?0123456789abcdef", origin="10.9.9.9", why="unknown")
    page = as_user(cast.secadmin).get("/gateway/failures").content.decode()
    assert "（没有这个标识）" in page and "0123456789abcdef" not in page


def test_an_exported_county_takes_no_key_along(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    """In another house the digest is empty: nobody gets in, least of all with an empty key."""
    issued = a_client(cast.secadmin, hospital)
    Secret.objects.filter(pk=issued.secret.pk).update(digest="")
    with pytest.raises(NotAdmitted, match="不对"):
        Program.of(issued).knock()
    bare = Program.of(issued).signed(b"{}")
    text = "\n".join([*list(bare.values())[:4], hashlib.sha256(b"{}").hexdigest()])
    bare["Api-Signature"] = hmac.new(b"", text.encode(), "sha256").hexdigest()
    with pytest.raises(NotAdmitted, match="不对"):
        knock(bare, b"{}", "10.20.1.5")
