"""Writes of the security administrator: clients of institutions and their secrets."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from accounts.services import open_program
from desk.changes import all_or_nothing, change, locked
from desk.reasons import given_reason
from gateway.clients.ciphers import CIPHERS
from gateway.clients.models import (
    LARGEST,
    MAX_ADDRESSES,
    MAX_LARGEST,
    MAX_PER_MINUTE,
    MIN_LARGEST,
    PER_MINUTE,
    Client,
    Secret,
)
from gateway.clients.signing import SIGNERS, digest_of, sm2_public_key
from institutions.models import Institution

# 256 bits; spelled in hexadecimal digits so that no sign of it is mistaken on paper.
SECRET_BYTES = 32
ACCESS_KEY_BYTES = 8
# How long an old secret may go on beside its successor. No norm gives a figure.
MAX_OVERLAP = timedelta(days=90)


@dataclass(frozen=True)
class Terms:
    """What may be set of a client: how it signs, from where it calls, how much and how often."""

    name: str
    kind: str
    signing: str = Client.Signing.HMAC
    cipher: str = Client.Cipher.NONE
    public_key: str = ""
    addresses: Sequence[str] = ()
    per_minute: int = PER_MINUTE
    largest: int = LARGEST


@dataclass(frozen=True)
class Issued:
    """A secret in the clear: shown once, kept nowhere."""

    client: Client
    secret: Secret
    text: str


@all_or_nothing()
def open_client(*, actor: User, institution: Institution, terms: Terms, at: datetime) -> Issued:
    """A client of an institution with an account of its own and its first secret."""
    access_key = f"AK{secrets.token_hex(ACCESS_KEY_BYTES)}"
    user = open_program(
        actor=actor,
        username=f"program.{access_key.lower()}",
        name=f"{institution.name}{terms.name}"[:40],
        institution_code=institution.code,
    )
    client = Client(institution=institution, user=user, access_key=access_key, kind=terms.kind)
    _set(client, terms)
    client.save()
    record(actor=actor, action="gateway.open_client", subject=client, after=audited(client))
    return _issue(client, actor, at)


@all_or_nothing()
def change_client(*, actor: User, client: Client, terms: Terms) -> Client:
    """Other addresses, limits or ways of signing; they hold for the next message."""
    action = "gateway.change_client"
    with change(Client.objects.all(), client.pk, actor=actor, action=action) as row:
        _set(row, terms)
    return row


@all_or_nothing()
def switch_client(*, actor: User, client: Client, is_active: bool, reason: str) -> Client:
    """Shut a client out at once with all its secrets, or let it in again."""
    action = "gateway.open_client_again" if is_active else "gateway.stop_client"
    reason = given_reason(reason)
    rows = Client.objects.select_related("institution__division", "user")
    with change(rows, client.pk, actor=actor, action=action, reason=reason) as row:
        if row.is_active == is_active:
            raise Refusal("客户端已是这个状态，请刷新")
        row.is_active = is_active
        row.user.is_active = is_active
        row.user.save(update_fields=["is_active"])
    return row


@all_or_nothing()
def rotate_secret(*, actor: User, client: Client, old_until: datetime, at: datetime) -> Issued:
    """A new secret that holds at once; the one before holds beside it until `old_until`, older
    ones no longer."""
    row = locked(Client.objects.select_related("institution__division"), client.pk)
    if not row.is_active:
        raise Refusal("客户端已停用，请先启用再更换密钥")
    if not at <= old_until <= at + MAX_OVERLAP:
        raise Refusal(f"原密钥的失效时间应在今天至 {MAX_OVERLAP.days} 天之内", "old_until")
    holding = Secret.objects.filter(client=row).holding(at).order_by("-pk")
    for place, secret in enumerate(holding):
        ends = old_until if place == 0 else at
        with change(Secret.objects.all(), secret.pk, actor=actor, action=_LIMIT) as old:
            old.last_at = max(min(old.last_at or ends, ends), old.first_at + _INSTANT)
    return _issue(row, actor, at)


@all_or_nothing()
def revoke_secret(*, actor: User, secret: Secret, at: datetime, reason: str) -> Secret:
    """No message gets in by it from now on: it was lost, or seen by somebody."""
    reason = given_reason(reason)
    rows = Secret.objects.select_related("client__institution__division")
    action = "gateway.revoke_secret"
    with change(rows, secret.pk, actor=actor, action=action, reason=reason) as row:
        if row.revoked_at is not None:
            raise Refusal("这把密钥已经作废，请刷新")
        row.revoked_at, row.revoked_by = at, actor
    return row


_LIMIT = "gateway.limit_secret"
_INSTANT = timedelta(microseconds=1)


def _issue(client: Client, actor: User, at: datetime) -> Issued:
    text = secrets.token_hex(SECRET_BYTES)
    digest = digest_of(text).hex()
    secret = Secret.objects.create(client=client, digest=digest, first_at=at, made_by=actor)
    record(actor=actor, action="gateway.issue_secret", subject=secret, after=audited(secret))
    return Issued(client, secret, text)


def _set(client: Client, terms: Terms) -> None:
    """Checks the terms and writes them into the row. Raises Refusal naming the input."""
    name = readable(terms.name, "名称", "name")
    if not name:
        raise Refusal("请填写名称", "name")
    if terms.signing not in SIGNERS:
        raise Refusal("本门户没有这种签名方式，请重新选择", "signing")
    if terms.cipher not in {Client.Cipher.NONE, *CIPHERS}:
        raise Refusal("本门户没有这种加密方式，请重新选择", "cipher")
    # What is not signed could be changed and sent again until its padding is right.
    if terms.cipher != Client.Cipher.NONE and terms.signing == Client.Signing.NONE:
        raise Refusal("加密报文要与签名一起用，请选择一种签名方式", "signing")
    if not 1 <= terms.per_minute <= MAX_PER_MINUTE:
        raise Refusal(f"每分钟最多报文数应在 1 至 {MAX_PER_MINUTE} 之间", "per_minute")
    if not MIN_LARGEST <= terms.largest <= MAX_LARGEST:
        raise Refusal(f"报文最大字节数应在 {MIN_LARGEST} 至 {MAX_LARGEST} 之间", "largest")
    client.name, client.kind = name[:40], terms.kind
    client.signing, client.cipher = terms.signing, terms.cipher
    client.public_key = _public_key(terms)
    client.addresses = _networks(terms.addresses)
    client.per_minute, client.largest = terms.per_minute, terms.largest


def _public_key(terms: Terms) -> str:
    """The client's, where it signs with a key of its own; "" where it does not."""
    if terms.signing != Client.Signing.SM2:
        return ""
    try:
        return sm2_public_key(terms.public_key)
    except ValueError:
        told = "请粘贴 SM2 公钥：PEM 文件的全文，或 128 位十六进制（04 开头的 130 位）"
        raise Refusal(told, "public_key") from None


def _networks(addresses: Sequence[str]) -> list[str]:
    """In their one spelling, each once."""
    if len(addresses) > MAX_ADDRESSES:
        raise Refusal(f"来源地址最多 {MAX_ADDRESSES} 个，请合并成网段", "addresses")
    found = []
    for one in addresses:
        try:
            network = ip_network(one.strip(), strict=False)
        except ValueError:
            told = f"“{one[:43]}”不是地址或网段，应如 10.1.2.3 或 10.1.2.0/24"
            raise Refusal(told, "addresses") from None
        alone = network.prefixlen == network.max_prefixlen
        found.append(str(network.network_address) if alone else str(network))
    return list(dict.fromkeys(found))
