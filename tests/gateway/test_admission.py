"""Whose message it is: 孙全 (security administrator) lets the county hospital's system in."""

import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.passwords import hand_out, reset_password, unlock
from accounts.services import assign_role
from gateway.clients.admission import NotAdmitted
from gateway.clients.models import Client, FailedTry, Pace, Secret
from gateway.clients.services import (
    Issued,
    revoke_secret,
    rotate_secret,
    switch_client,
)
from institutions.models import Institution
from tests.gateway.programs import Program, a_client, knock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]


@pytest.fixture
def issued(cast: SimpleNamespace, hospital: Institution) -> Issued:
    return a_client(cast.secadmin, hospital)


def refused(program: Program, match: str, status: int, **how: Any) -> None:
    with pytest.raises(NotAdmitted, match=match) as caught:
        program.knock(**how)
    assert caught.value.status == status


@pytest.mark.parametrize("signing", ["none", "hmac-sha256", "sm3"])
def test_a_program_with_its_secret_comes_in(
    signing: str, cast: SimpleNamespace, hospital: Institution
) -> None:
    issued = a_client(cast.secadmin, hospital, signing=signing)
    client = Program.of(issued).knock(b'{"infno":"1101"}')
    assert client == issued.client
    assert (client.institution, client.user.institution_code) == (hospital, "H50022500001")
    assert client.user.may("claims.enter_counter")
    assert not FailedTry.objects.exists()


def test_coming_in_costs_two_statements(
    issued: Issued, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    program = Program.of(issued)
    program.knock()
    assert Secret.objects.get().used_on == timezone.localdate()
    with django_assert_num_queries(2):
        assert program.knock().institution.division.code == "500225"


def test_what_is_kept_opens_nothing(issued: Issued) -> None:
    """The digest is sealed in the database, and is no secret even when it is opened."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM gateway_secret")
        (kept,) = cursor.fetchone()
    digest = Secret.objects.get().digest
    assert issued.text not in kept and digest not in kept and len(digest) == 64
    refused(Program(issued.client.access_key, digest), "签名不对", 401)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Api-Signature": "0" * 64}, "签名不对"),
        ({"Api-Signature": "签名"}, "Api-Signature.*最多 300 位"),
        ({"Api-Signature": "f" * 301}, "Api-Signature.*最多 300 位"),
        ({"Api-Signature": ""}, "缺少请求头 Api-Signature（即 _api_signature）"),
        ({"Api-Access-Key": "AKffffffffffffffff"}, "接入标识、密钥或签名不对"),
        ({"Api-Access-Key": ""}, "缺少请求头 Api-Access-Key"),
        ({"Api-Access-Key": "a\0b"}, "Api-Access-Key"),
        ({"Api-Timestamp": "1764460800"}, "13 位毫秒"),
        ({"Api-Timestamp": "17644608000x1"}, "13 位毫秒"),
        ({"Api-Timestamp": "١٧٦٤٤٦٠٨٠٠٠٠٠"}, "Api-Timestamp"),
        ({"Api-Name": "2207"}, "签名不对"),
        ({"Api-Version": "2.0.0"}, "签名不对"),
    ],
)
def test_what_is_not_as_it_was_signed_stays_out(
    changed: dict[str, str], told: str, issued: Issued
) -> None:
    refused(Program.of(issued, headers=changed), told, 401)


def test_another_body_under_the_same_signature_stays_out(issued: Issued) -> None:
    """A message that somebody caught, with a row of his own in it."""
    program = Program.of(issued)
    headers = program.signed(b'{"amount":"10.00"}')
    assert knock(headers, b'{"amount":"10.00"}', "10.20.1.5") == issued.client
    with pytest.raises(NotAdmitted, match="签名不对"):
        knock(headers, b'{"amount":"99.00"}', "10.20.1.5")


@pytest.mark.parametrize("seconds", [-601, 601, -86400])
def test_an_old_or_early_moment_stays_out(seconds: int, issued: Issued) -> None:
    refused(Program.of(issued), "相差超过 10 分钟", 401, at=time.time() + seconds)
    assert Program.of(issued).knock(at=time.time() + (590 if seconds > 0 else -590))


def test_a_secret_of_another_hospital_stays_out(
    cast: SimpleNamespace, issued: Issued, township_hospital: Institution
) -> None:
    other = a_client(cast.secadmin, township_hospital)
    refused(Program(issued.client.access_key, other.text), "签名不对", 401)


def test_two_secrets_hold_while_they_are_rotated(cast: SimpleNamespace, issued: Issued) -> None:
    now = timezone.now()
    new = rotate_secret(
        actor=cast.secadmin, client=issued.client, old_until=now + timedelta(days=7), at=now
    )
    assert new.text != issued.text
    assert Program.of(issued).knock() == Program.of(new).knock() == issued.client
    Secret.objects.filter(pk=issued.secret.pk).update(last_at=timezone.now())
    refused(Program.of(issued), "密钥已作废或过期，请用新密钥", 401)
    third = rotate_secret(actor=cast.secadmin, client=issued.client, old_until=now, at=now)
    fresh = rotate_secret(
        actor=cast.secadmin,
        client=issued.client,
        old_until=timezone.now() + timedelta(days=1),
        at=timezone.now(),
    )
    assert Program.of(third).knock() and Program.of(fresh).knock()
    refused(Program.of(new), "作废或过期", 401)
    with pytest.raises(Refusal, match="90 天之内"):
        rotate_secret(
            actor=cast.secadmin,
            client=issued.client,
            old_until=timezone.now() + timedelta(days=91),
            at=timezone.now(),
        )


def test_a_revoked_secret_and_a_stopped_client_are_out_at_once(
    cast: SimpleNamespace, issued: Issued
) -> None:
    program = Program.of(issued)
    assert program.knock()
    switch_client(actor=cast.secadmin, client=issued.client, is_active=False, reason="服务器失窃")
    refused(program, "已停用", 403)
    assert not User.objects.get(pk=issued.client.user_id).is_active
    switch_client(actor=cast.secadmin, client=issued.client, is_active=True, reason="已找回")
    assert program.knock()
    revoke_secret(actor=cast.secadmin, secret=issued.secret, at=timezone.now(), reason="密钥外传")
    refused(program, "作废或过期", 401)
    with pytest.raises(Refusal, match="已经作废"):
        revoke_secret(actor=cast.secadmin, secret=issued.secret, at=timezone.now(), reason="再来")
    with pytest.raises(IntegrityError), transaction.atomic():
        Secret.objects.filter(pk=issued.secret.pk).update(revoked_at=None, revoked_by=None)
    actions = AuditLine.objects.filter(division_code="500225").order_by("id")
    assert [line.action for line in actions] == [
        "gateway.open_client", "gateway.issue_secret", "gateway.stop_client",
        "gateway.open_client_again", "gateway.revoke_secret",
    ]  # fmt: skip
    told = str([(line.before, line.after) for line in AuditLine.objects.all()])
    assert issued.text not in told and issued.secret.digest not in told


@pytest.mark.parametrize(
    ("allowed", "address", "may"),
    [
        (["10.20.1.5"], "10.20.1.5", True),
        (["10.20.1.5"], "10.20.1.6", False),
        (["10.20.1.0/24", "2001:db8::/32"], "10.20.1.200", True),
        (["10.20.1.0/24", "2001:db8::/32"], "2001:db8::7", True),
        (["10.20.1.0/24"], "::ffff:10.20.1.9", True),
        (["10.20.1.0/24"], "10.20.2.1", False),
        ([], "203.0.113.9", True),
    ],
)
def test_it_comes_from_its_own_addresses_alone(
    allowed: list[str], address: str, may: bool, cast: SimpleNamespace, hospital: Institution
) -> None:
    issued = a_client(cast.secadmin, hospital, addresses=allowed)
    program = Program.of(issued, address=address)
    if may:
        assert program.knock() == issued.client
    else:
        refused(program, f"来源地址 {address} 不在本客户端的名单内", 403)
        assert FailedTry.objects.get().why == "address"


@pytest.mark.parametrize("address", ["10.20.1", "hospital.cn", "10.20.1.5/40", "", "10.0.0.1;"])
def test_addresses_that_are_none(
    address: str, cast: SimpleNamespace, hospital: Institution
) -> None:
    with pytest.raises(Refusal, match="不是地址或网段"):
        a_client(cast.secadmin, hospital, addresses=[address])


def test_a_larger_message_than_agreed_stays_out(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    program = Program.of(a_client(cast.secadmin, hospital, largest=2048))
    assert program.knock(b"x" * 2048)
    refused(program, "报文 2049 字节，本客户端最多 2048 字节", 413, body=b"x" * 2049)


def test_no_more_messages_a_minute_than_agreed(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    """The window slides: at the turn of a minute nobody may send twice the number."""
    issued = a_client(cast.secadmin, hospital, per_minute=3)
    other = a_client(cast.secadmin, hospital, name="自助机", kind="terminal")
    program = Program.of(issued)
    for _ in range(3):
        program.knock()
    for _ in range(3):  # who is turned away is not counted
        refused(program, "每分钟最多 3 笔", 429)
    assert Program.of(other).knock() == other.client
    pace = Pace.objects.get(client=issued.client)
    Pace.objects.filter(pk=pace.pk).update(minute=pace.minute - 2)
    assert program.knock()
    assert Pace.objects.get(pk=pace.pk).before == 0
    # Of a minute before with very many a share still counts, but in its last instant.
    Pace.objects.filter(pk=pace.pk).update(before=10_000, counted=0)
    refused(program, "报文太密", 429)
    # A clock that is behind starts no window anew.
    Pace.objects.filter(pk=pace.pk).update(before=0, counted=3, minute=pace.minute + 1)
    refused(program, "报文太密", 429)


def test_too_many_failed_tries_shut_the_door_for_that_address_alone(
    issued: Issued, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    program = Program.of(issued)
    wrong = Program(issued.client.access_key, "0" * 64)
    for _ in range(FailedTry.ALLOWED):
        refused(wrong, "签名不对", 401)
    refused(wrong, "失败次数过多", 429)
    refused(program, "失败次数过多", 429)  # also with the right one, from here
    assert program.from_("10.20.1.7").knock() == issued.client  # a colleague elsewhere works on
    assert FailedTry.objects.count() == FailedTry.ALLOWED
    FailedTry.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert program.knock() == issued.client


def test_nobody_fills_the_table_of_failed_tries(issued: Issued) -> None:
    FailedTry.objects.bulk_create(
        FailedTry(access_key="?x", origin="10.20.1.5", why="unknown")
        for _ in range(FailedTry.LISTED)
    )
    refused(Program("AK00", "0" * 64), "失败次数过多", 429)
    assert FailedTry.objects.count() == FailedTry.LISTED
    assert Program.of(issued).knock() == issued.client


def test_what_stands_in_the_place_of_an_access_key_is_not_kept(issued: Issued) -> None:
    """A program that puts its secret into the wrong header."""
    refused(Program(issued.text, issued.text), "不对", 401)
    kept = FailedTry.objects.get()
    assert (kept.client, kept.why, kept.access_key[0]) == (None, "unknown", "?")
    assert issued.text[:16] not in kept.access_key


@override_settings(PRODUCTION=True)
def test_a_bare_secret_travels_by_tls_alone(cast: SimpleNamespace, hospital: Institution) -> None:
    issued = a_client(cast.secadmin, hospital, signing="none")
    refused(Program.of(issued), "只能经 HTTPS", 403)


def test_ways_that_are_not_there(cast: SimpleNamespace, hospital: Institution) -> None:
    for terms, told in (
        ({"signing": "rot13"}, "签名方式"),
        ({"cipher": "des"}, "加密方式"),
        ({"per_minute": 0}, "1 至 60000"),
        ({"largest": 5 * 1024 * 1024 + 1}, "1024 至 5242880"),
        ({"name": "  "}, "名称"),
    ):
        with pytest.raises(Refusal, match=told):
            a_client(cast.secadmin, hospital, **terms)
    assert not Client.objects.exists() and not User.objects.filter(is_program=True).exists()


@pytest.mark.parametrize("table", ["gateway_client", "gateway_secret"])
def test_rows_stay(table: str, issued: Issued) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    assert Secret.objects.filter(client=issued.client).exists()


def test_no_page_lets_a_program_in(
    cast: SimpleNamespace, issued: Issued, as_user: Callable[[User], Browser]
) -> None:
    """It has no password, nobody can give it one, and a session of its own ends at once."""
    account = issued.client.user
    for password in (issued.text, issued.client.access_key, account.password, "!"):
        page = Browser().post("/sign-in", {"username": account.username, "password": password})
        assert "用户名或密码不对" in page.content.decode()
    assert as_user(account).get("/").status_code == 302
    with pytest.raises(IntegrityError), transaction.atomic():
        account.set_password("chunfeng-2026")
        account.save()
    account.refresh_from_db()
    for act in (
        lambda: reset_password(actor=cast.secadmin, user=account, reason="他说忘了"),
        lambda: unlock(actor=cast.secadmin, user=account, reason="他说忘了"),
        lambda: assign_role(
            actor=cast.secadmin,
            user=account,
            role="reviewer",
            division=cast.reviewer.division,
            institution_code="",
            is_active=True,
        ),
    ):
        with pytest.raises(Refusal, match="系统接入账号"):
            act()
    with pytest.raises(Refusal, match="请勾选"):
        hand_out(actor=cast.secadmin, accounts=[account.pk])
    listed = as_user(cast.secadmin).get("/accounts/users?role=program").content.decode()
    assert "系统接入账号" in listed and account.username in listed and "陈秀英" not in listed
    assert f"/accounts/users/{account.pk}" not in listed
