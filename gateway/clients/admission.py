"""The door of the interface: whose message is it, may it come in, and how many may.

Nothing of it reads what the message says; that comes after. Called outside of a transaction, since
a failed try is kept whatever becomes of the message.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.origin import current
from desk.kept import Kept, given
from gateway.clients import ciphers
from gateway.clients.models import Client, FailedTry, Secret
from gateway.clients.signing import SIGNERS, Signed

Why = FailedTry.Why
# Either way, for clocks that nobody set; the national gateway does not say how far they may be off.
CLOCKS_MAY_DIFFER = timedelta(minutes=10)
# As the tables of the interface say (head.csv, gateway); a longer one is nobody's.
HEADERS = {
    "Api-Name": 100,
    "Api-Version": 100,
    "Api-Timestamp": 13,
    "Api-Access-Key": 100,
    "Api-Signature": 300,
}
TOO_MANY = "认证失败次数过多，请 15 分钟后再试，并核对接入标识、密钥和签名方式"
WORDS = {
    Why.UNKNOWN: "接入标识、密钥或签名不对",
    Why.SIGNATURE: "接入标识、密钥或签名不对",
    Why.OVER: "密钥已作废或过期，请用新密钥",
    Why.OFF: "本客户端已停用，请联系县医保局",
    Why.ADDRESS: "来源地址 {address} 不在本客户端的名单内，请联系县医保局登记",
}
STATUS = {
    Why.UNKNOWN: HTTPStatus.UNAUTHORIZED,
    Why.SIGNATURE: HTTPStatus.UNAUTHORIZED,
    Why.OVER: HTTPStatus.UNAUTHORIZED,
    Why.OFF: HTTPStatus.FORBIDDEN,
    Why.ADDRESS: HTTPStatus.FORBIDDEN,
}
# A sliding window of a minute: what the minute before counts for shrinks as this one runs, so that
# no border lets through twice the limit. One row for each client, in the database because it is
# there when the broker is not, and all processes see it; whoever is turned away writes nothing.
# GREATEST: of two that waited for the row, the later one may have begun earlier.
PACE = """
    INSERT INTO gateway_pace AS kept (client_id, minute, counted, before)
    VALUES (%(client)s, floor(extract(epoch FROM clock_timestamp()) / 60), 1, 0)
    ON CONFLICT (client_id) DO UPDATE SET
        minute = GREATEST(kept.minute, EXCLUDED.minute),
        counted = CASE WHEN kept.minute >= EXCLUDED.minute THEN kept.counted + 1 ELSE 1 END,
        before = CASE
            WHEN kept.minute >= EXCLUDED.minute THEN kept.before
            WHEN kept.minute = EXCLUDED.minute - 1 THEN kept.counted
            ELSE 0 END
    WHERE CASE
        WHEN kept.minute >= EXCLUDED.minute
            THEN kept.counted + kept.before * (60 - extract(second FROM clock_timestamp())) / 60
        WHEN kept.minute = EXCLUDED.minute - 1
            THEN kept.counted * (60 - extract(second FROM clock_timestamp())) / 60
        ELSE 0 END < %(limit)s
    RETURNING counted
"""
# Of one client, the newest first: those that hold, and why an older one does so no longer.
SECRETS_READ = 6


class NotAdmitted(Exception):  # noqa: N818 - an answer, as Refusal
    """The message is turned away at the door. `message` is Chinese, `status` the HTTP status."""

    def __init__(self, message: str, status: HTTPStatus) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def authenticate(request: HttpRequest, body: bytes) -> Client:
    """The client whose message this is, with its institution and account read. Raises NotAdmitted.

    Two statements for a right one: the client with its secrets, and the count of its minute.
    """
    return admit(request, body).client


def admit(request: HttpRequest, body: bytes) -> Secret:
    """The secret by which the message proved itself; its `client` is the caller's."""
    told, signature = _told(request, body)
    now, address = timezone.now(), current.get().address
    _check_clock(told.timestamp, now)
    secrets = _secrets(told.access_key, address, now)
    if not secrets:
        raise _failed(None, told.access_key, address, Why.UNKNOWN)
    client = secrets[0].client
    if _tries(secrets[0]) >= FailedTry.ALLOWED:
        raise NotAdmitted(TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)
    if len(body) > client.largest:
        sizes = f"报文 {len(body)} 字节，本客户端最多 {client.largest} 字节，请分次上传"
        raise NotAdmitted(sizes, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    secret = _proved(request, told, signature, secrets, now)
    if problem := _problem(secret, client, address, now):
        raise _failed(client, told.access_key, address, problem)
    assert secret is not None  # else it was a problem
    _keep_pace(client)
    _note_use(secret, now)
    return secret


def opened(secret: Secret, body: bytes) -> bytes:
    """The message itself, where the client encrypts what it sends. Raises NotAdmitted."""
    client = secret.client
    if client.cipher == Client.Cipher.NONE:
        return body
    try:
        return ciphers.opened(client.cipher, body, ciphers.key_of(bytes.fromhex(secret.digest)))
    except ciphers.CannotBeOpenedError:
        told = f'报文体应是 {{"encdata": …}}，用 {client.get_cipher_display()} 加密，请核对'
        raise NotAdmitted(told, HTTPStatus.BAD_REQUEST) from None


def closed(secret: Secret, text: str) -> str:
    """The answer as the client reads it."""
    client = secret.client
    if client.cipher == Client.Cipher.NONE:
        return text
    return ciphers.closed(client.cipher, text, ciphers.key_of(bytes.fromhex(secret.digest)))


def _told(request: HttpRequest, body: bytes) -> tuple[Signed, str]:
    """What the headers say, and the signature."""
    name, version, timestamp, access_key, signature = (
        _header(request, header, longest) for header, longest in HEADERS.items()
    )
    return Signed(name, version, timestamp, access_key, body), signature


def _header(request: HttpRequest, name: str, longest: int) -> str:
    text = request.headers.get(name, "")
    spelled = f"_{name.lower().replace('-', '_')}"
    if not text:
        raise NotAdmitted(f"缺少请求头 {name}（即 {spelled}）", HTTPStatus.UNAUTHORIZED)
    # Header fields are ASCII (RFC 9110, 5.5); what is printable holds no NUL for the database.
    if len(text) > longest or not text.isascii() or not text.isprintable():
        raise NotAdmitted(
            f"请求头 {name}（即 {spelled}）最多 {longest} 位字母、数字和符号",
            HTTPStatus.UNAUTHORIZED,
        )
    return text


def _check_clock(timestamp: str, now: datetime) -> None:
    if len(timestamp) != HEADERS["Api-Timestamp"] or not timestamp.isdecimal():
        raise NotAdmitted("Api-Timestamp 应为 13 位毫秒时间戳", HTTPStatus.UNAUTHORIZED)
    apart = abs(int(timestamp) / 1000 - now.timestamp())
    if apart > CLOCKS_MAY_DIFFER.total_seconds():
        raise NotAdmitted(
            f"Api-Timestamp 与平台时间 {timezone.localtime(now):%Y-%m-%d %H:%M:%S} "
            f"相差超过 {CLOCKS_MAY_DIFFER.seconds // 60} 分钟，请校准时钟后重发",
            HTTPStatus.UNAUTHORIZED,
        )


def _secrets(access_key: str, address: str | None, now: datetime) -> Sequence[Secret]:
    """The client's newest secrets, with the client and how often it failed from here of late."""
    since = now - FailedTry.WITHIN
    if address is None:
        return list(_newest(access_key, since, None))
    return SECRETS(access_key=access_key, since=since, address=address)


def _newest(access_key: Any, since: Any, address: Any) -> QuerySet[Secret]:
    tries = FailedTry.objects.filter(
        client=OuterRef("client"),
        access_key=OuterRef("client__access_key"),
        origin=address,
        at__gt=since,
    )
    counted = tries.order_by().values("client").annotate(number=Count("pk")).values("number")
    rows = Secret.objects.filter(client__access_key=access_key).annotate(tries=Subquery(counted))
    read = ("client__institution__division", "client__user")
    return rows.select_related(*read).order_by("-pk")[:SECRETS_READ]


# Asked with every message.
SECRETS = Kept(lambda: _newest(given("access_key"), given("since"), given("address")))


def _tries(secret: Secret) -> int:
    """As `_secrets` counted them."""
    return getattr(secret, "tries", None) or 0


def _proved(
    request: HttpRequest, told: Signed, signature: str, secrets: Sequence[Secret], now: datetime
) -> Secret | None:
    """The secret that the signature is made with, if it is one of these."""
    client = secrets[0].client
    if client.signing == Client.Signing.NONE and settings.PRODUCTION and not request.is_secure():
        raise NotAdmitted(
            "本客户端不签名、直接传密钥，只能经 HTTPS 访问；刚才的密钥请视为已泄露并更换",
            HTTPStatus.FORBIDDEN,
        )
    signer = SIGNERS[client.signing]
    # A signature of SM2 is made with no secret: then one that holds speaks for the client.
    for secret in sorted(secrets, key=lambda one: not one.holds(now)):
        if not secret.digest:  # of another house's export: anybody could sign with no key
            continue
        key = bytes.fromhex(secret.digest)
        if signer.verify(told, signature, key=key, public_key=client.public_key):
            return secret
    return None


def _problem(
    secret: Secret | None, client: Client, address: str | None, now: datetime
) -> FailedTry.Why | None:
    """Why the message is turned away. Only who has a secret of the client hears more than that the
    signature is wrong."""
    if secret is None:
        return Why.SIGNATURE
    if not secret.holds(now):
        return Why.OVER
    if not client.is_active:
        return Why.OFF
    return None if client.admits(address) else Why.ADDRESS


def _failed(
    client: Client | None, access_key: str, address: str | None, why: FailedTry.Why
) -> NotAdmitted:
    """Lists the try, and says what is told of it."""
    recent = FailedTry.objects.counting(timezone.now()).filter(origin=address)
    if recent.count() >= FailedTry.LISTED:  # nobody fills the table
        return NotAdmitted(TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)
    FailedTry.objects.create(
        client=client,
        access_key=client.access_key if client else _unknown(access_key),
        origin=address,
        why=why,
    )
    return NotAdmitted(WORDS[why].format(address=address or "未知"), STATUS[why])


def _unknown(access_key: str) -> str:
    """Stands for an access key that is no client's."""
    return f"?{salted_hmac('gateway.clients', access_key).hexdigest()[:16]}"


def _keep_pace(client: Client) -> None:
    """Counts the message. Raises NotAdmitted where the client has sent too many within a minute."""
    with connection.cursor() as cursor:
        cursor.execute(PACE, {"client": client.pk, "limit": client.per_minute})
        if cursor.fetchone() is None:
            raise NotAdmitted(
                f"报文太密，本客户端每分钟最多 {client.per_minute} 笔，请稍候重发",
                HTTPStatus.TOO_MANY_REQUESTS,
            )


def _note_use(secret: Secret, now: datetime) -> None:
    """The first message of a day is noted at the secret."""
    day = timezone.localdate(now)
    if secret.used_on is None or secret.used_on < day:
        Secret.objects.filter(pk=secret.pk).update(used_on=day)
