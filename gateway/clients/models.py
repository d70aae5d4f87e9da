"""The programs of an institution that speak the interface: its system, a till, a terminal."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import User
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, later_hand
from desk.tones import TonedChoices
from institutions.models import Institution

# Bytes of a message. The second is what settlements with some hundred lines need (a line of 2301
# with every field is about 1.5 KB); more than the last Django does not take in (settings).
MIN_LARGEST, LARGEST, MAX_LARGEST = 1024, 1024 * 1024, 5 * 1024 * 1024
# Messages a minute. A middle province settles 30 a second in all of its nodes; a hospital's five
# windows come nowhere near ten a second. No norm gives a figure.
PER_MINUTE, MAX_PER_MINUTE = 600, 60_000
MAX_ADDRESSES = 20


def check_network(text: str) -> None:
    """An address or a network: 10.1.2.3, 10.1.2.0/24, 2001:db8::/32."""
    try:
        ip_network(text)
    except ValueError:
        raise ValidationError(f"“{text}”不是地址或网段，应如 10.1.2.3 或 10.1.2.0/24") from None


class Client(models.Model):
    """One program of one institution (接入客户端). It acts through an account of its own, which
    nobody can sign in with.

    How its messages are signed and their bodies encrypted: gateway/clients/signing.py and
    ciphers.py. `addresses`: from where it may call, empty for anywhere.
    """

    class Kind(models.TextChoices):
        SYSTEM = "system", "医院信息系统"
        TILL = "till", "药店收银系统"
        TERMINAL = "terminal", "自助终端"

    class Signing(models.TextChoices):
        NONE = "none", "不签名，直接传密钥（仅 HTTPS）"
        HMAC = "hmac-sha256", "HMAC-SHA256"
        SM3 = "sm3", "HMAC-SM3"
        SM2 = "sm2", "SM2（客户端私钥签名）"

    class Cipher(models.TextChoices):
        NONE = "none", "不加密（由 HTTPS 保护）"
        SM4_GCM = "sm4-gcm", "SM4-GCM"
        SM4_CBC = "sm4-cbc", "SM4-CBC"

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="clients", verbose_name="机构"
    )
    user = models.OneToOneField(User, models.PROTECT, related_name="client")
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    name = models.CharField("名称", max_length=40)
    access_key = models.CharField("接入标识", max_length=40, unique=True)
    signing = models.CharField(
        "签名方式", max_length=12, choices=Signing.choices, default=Signing.HMAC
    )
    public_key = models.TextField("SM2 公钥", blank=True)
    cipher = models.CharField(
        "报文加密", max_length=10, choices=Cipher.choices, default=Cipher.NONE
    )
    addresses = ArrayField(
        models.CharField(max_length=43, validators=[check_network]),
        verbose_name="允许的来源地址",
        blank=True,
        default=list,
        size=MAX_ADDRESSES,
    )
    per_minute = models.PositiveIntegerField(
        "每分钟最多报文数",
        default=PER_MINUTE,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_PER_MINUTE)],
    )
    largest = models.PositiveIntegerField(
        "报文最大字节数",
        default=LARGEST,
        validators=[MinValueValidator(MIN_LARGEST), MaxValueValidator(MAX_LARGEST)],
    )
    is_active = models.BooleanField("启用", default=True)
    made_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = ScopedManager("institution__division__code", "institution__code")

    AUDITED = (
        "institution", "kind", "name", "access_key", "signing", "public_key", "cipher",
        "addresses", "per_minute", "largest", "is_active",
    )  # fmt: skip
    BORNE = ("{}", ("access_key",))

    class Meta:
        ordering = ["institution", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(signing="sm2") | ~Q(public_key=""),
                name="client_that_signs_has_its_key",
            ),
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, largest__gte=MIN_LARGEST),
                name="client_limits_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.name}"

    def admits(self, address: str | None) -> bool:
        """Whether it may call from there."""
        if not self.addresses:
            return True
        if address is None:
            return False
        found = ip_address(address)
        # ::ffff:10.1.2.3 is 10.1.2.3 on a socket that listens for both.
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in ip_network(one) for one in self.addresses)


class Access(TonedChoices):
    """Whether a client gets in."""

    ON = "on", "good", "启用"
    BARE = "bare", "wait", "没有有效密钥"
    OFF = "off", "idle", "停用"


class SecretQuerySet(ScopedQuerySet["Secret"]):
    division_path = "client__institution__division__code"
    institution_path = "client__institution__code"

    def holding(self, now: datetime) -> Self:
        """Those that open the door at this moment."""
        rows = self.filter(revoked_at=None, first_at__lte=now)
        return rows.filter(Q(last_at=None) | Q(last_at__gt=now))


class Secret(models.Model):
    """What a client proves itself by: the portal keeps the SHA-256 of it, sealed.

    The secret itself is shown once. The digest is the key of HMAC signatures, so that whoever read
    the database alone could not sign either. While it is rotated two hold at once.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="secrets")
    digest = SealedField("密钥摘要", context="gateway.secret.digest")  # 64 hex digits
    first_at = models.DateTimeField("启用时间")
    last_at = models.DateTimeField("失效时间", null=True)
    made_by, made_at = first_hand("发放")
    revoked_by, revoked_at = later_hand("作废")
    # So that somebody sees whether an old one is still in use: written once a day.
    used_on = models.DateField("最近使用", null=True)

    objects = SecretQuerySet.as_manager()

    AUDITED = ("client", "first_at", "last_at", "revoked_at")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_at=None) | Q(last_at__gt=models.F("first_at")),
                name="secret_moments_in_order",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="revoked_secret_says_by_whom",
            ),
        ]

    def holds(self, now: datetime) -> bool:
        """Whether it opens the door at this moment."""
        started = self.revoked_at is None and self.first_at <= now
        return started and (self.last_at is None or now < self.last_at)


class Pace(models.Model):
    """How many messages a client has sent in the minute that runs (since the epoch) and in the one
    before it: what the sliding window of its limit is worked out from.

    The table is UNLOGGED: a crash of the database empties it, which costs nobody anything.
    """

    client = models.OneToOneField(Client, models.CASCADE, primary_key=True, related_name="+")
    minute = models.BigIntegerField()
    counted = models.IntegerField()
    before = models.IntegerField()


class FailedTryQuerySet(ScopedQuerySet["FailedTry"]):
    division_path = "client__institution__division__code"
    institution_path = "client__institution__code"

    def counting(self, now: datetime) -> Self:
        """Those that count towards a limit."""
        return self.filter(at__gt=now - FailedTry.WITHIN)


class FailedTry(models.Model):
    """A message that did not prove itself. `access_key` that is no client's is a keyed hash behind
    "?": programs put secrets into the wrong header."""

    # Secrets are too long to be guessed: the limits keep a broken program from working the portal.
    WITHIN: ClassVar[timedelta] = timedelta(minutes=15)
    ALLOWED: ClassVar[int] = 20  # of one access key from one address
    LISTED: ClassVar[int] = 200  # from one address

    class Why(models.TextChoices):
        UNKNOWN = "unknown", "接入标识不存在"
        SIGNATURE = "signature", "签名或密钥不对"
        OVER = "over", "密钥已作废或过期"
        OFF = "off", "客户端已停用"
        ADDRESS = "address", "来源地址不在名单内"

    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="failures")
    access_key = models.CharField("接入标识", max_length=40)
    origin = models.GenericIPAddressField("来源地址", null=True)
    why = models.CharField("原因", max_length=10, choices=Why.choices)
    at = models.DateTimeField("时间", auto_now_add=True)

    objects = FailedTryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["access_key", "origin", "at"], name="failed_try_of_a_key"),
            models.Index(fields=["origin", "at"], name="failed_try_from"),
        ]
