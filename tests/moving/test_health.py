"""系统管理员钱学礼 sees in one place whether the deployment is well, and what to do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from accounts.models import Division, User
from accounts.roles import Role
from desk.models import RowSealMark
from desk.worklist import notes
from moving.keeping import health
from moving.keeping.models import KeepingNote
from moving.keeping.sets import mark_of, portal_keys
from tests.conftest import make_user

Kind = KeepingNote.Kind


@pytest.fixture
def qian(county: Division) -> User:
    return make_user("xitong", "钱学礼", Role.SYSTEM_ADMIN)


def noted(kind: Kind, ago: timedelta, *, is_good: bool = True, keys: str = "") -> None:
    KeepingNote.objects.create(
        kind=kind,
        name="20261119-020000",
        began_at=timezone.now() - ago,
        seconds="12.3",
        is_good=is_good,
        keys=keys,
    )


def sign(title: str) -> health.Sign:
    return next(one for one in health.signs() if one.title == title)


def test_a_new_deployment_says_that_nothing_was_ever_backed_up(qian: User) -> None:
    for title in ("备份", "恢复核验", "密钥备份"):
        assert sign(title).status.label == "故障" and sign(title).remedy
    assert [one.words for one in notes(qian) if "备份" in one.words]


@pytest.mark.parametrize(
    ("kind", "title", "good", "look", "bad"),
    [
        (Kind.BACKUP, "备份", timedelta(hours=25), timedelta(hours=27), timedelta(days=5)),
        (Kind.CHECK, "恢复核验", timedelta(days=34), timedelta(days=36), timedelta(days=71)),
    ],
)
def test_what_was_done_grows_old(
    qian: User, kind: Kind, title: str, good: timedelta, look: timedelta, bad: timedelta
) -> None:
    for ago, verdict in ((bad, "故障"), (look, "提醒"), (good, "正常")):
        noted(kind, ago)
        assert sign(title).status.label == verdict
    noted(kind, timedelta(hours=1), is_good=False)
    assert sign(title).status.label == "正常"
    if kind == Kind.BACKUP:
        assert "之后失败 1 次" in sign(title).said and sign(title).remedy


def test_a_copy_of_other_keys_is_none_of_ours(qian: User) -> None:
    noted(Kind.KEYS, timedelta(days=1), keys="0" * 16)
    assert sign("密钥备份").status.label == "故障"
    noted(Kind.KEYS, timedelta(days=400), keys=mark_of(portal_keys()))
    assert sign("密钥备份").status.label == "正常"


def test_seals_that_stopped_are_told(qian: User) -> None:
    assert sign("行封存").said == "还没有开始"
    mark = RowSealMark.objects.create(
        table="funds_posting", upto=9, next_transaction=9, noted_at=timezone.now()
    )
    assert sign("行封存").status.label == "正常"
    RowSealMark.objects.filter(pk=mark.pk).update(noted_at=timezone.now() - timedelta(hours=3))
    assert sign("行封存").status.label == "故障" and "3 小时" in sign("行封存").said


def test_a_disk_that_fills_up_is_told(qian: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, verdict in ((50, "正常"), (14, "提醒"), (4, "故障")):
        usage = (100 * 2**30, (100 - free) * 2**30, free * 2**30)
        told = type("Usage", (), dict(zip(("total", "used", "free"), usage, strict=True)))
        monkeypatch.setattr(health.shutil, "disk_usage", lambda folder, told=told: told)
        assert sign("备份所在磁盘").status.label == verdict
        assert f"剩余 {free}.0 GB" in sign("备份所在磁盘").said


def test_a_certificate_that_ends_soon_is_told(
    qian: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BASE_URL = "https://hezuo.example"
    for days, verdict in ((90, "正常"), (20, "提醒"), (3, "故障")):
        ends = timezone.now() + timedelta(days=days, hours=1)
        monkeypatch.setattr(health, "_certificate_ends", lambda host, port, ends=ends: ends)
        assert (
            sign("网站证书").status.label == verdict and f"还有 {days} 天" in sign("网站证书").said
        )

    def away(host: str, port: int) -> datetime:
        raise OSError("refused")

    monkeypatch.setattr(health, "_certificate_ends", away)
    assert sign("网站证书").status.label == "未知"


def test_the_certificate_that_a_server_shows_is_read(served: Callable[[datetime], int]) -> None:
    ends = datetime(2031, 5, 1, tzinfo=UTC)
    assert health._certificate_ends("127.0.0.1", served(ends)) == ends


@pytest.fixture
def served(tmp_path: Any) -> Any:
    import ssl
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    servers: list[HTTPServer] = []

    def serve(ends: datetime) -> int:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hezuo.example")])
        shown = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(ends)
            .sign(key, hashes.SHA256())
        )
        pem = tmp_path / "pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem.write_bytes(shown.public_bytes(Encoding.PEM) + secret)
        server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return int(server.server_port)

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_page_shows_all_of_it_and_the_latest_acts(qian: User, client: Client) -> None:
    noted(Kind.BACKUP, timedelta(hours=2))
    noted(Kind.BACKUP, timedelta(hours=1), is_good=False)
    client.force_login(qian)
    page = client.get("/moving/health").content.decode()
    for words in ("PostgreSQL", "消息队列", "凭证封存", "行封存", "扫描件所在磁盘", "恢复核验"):
        assert words in page
    assert "20261119-020000" in page and "12.3" in page and "之后失败 1 次" in page
