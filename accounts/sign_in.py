"""Sign-in: guesses are counted by name, by desk and by address, one after the other.

GB/T 22239-2019 8.1.4.1 b) asks for a limit of failed sign-ins and leaves the figures to the
operator. A township office is many clerks behind one address, so an address alone says little: a
browser in which somebody has signed in before carries a signed mark (OWASP calls it a device
cookie), and for this name it is counted by itself. Nobody can lock a colleague out of her own
browser, neither from next to her nor from afar, and all browsers without the mark share the limits
of their address.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import authenticate
from django.core.signing import BadSignature
from django.db import connection, transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import SignInFailure, User
from accounts.origin import current

# Wrong passwords for one name at one desk.
ALLOWED = SignInFailure.ALLOWED
# Six desks' worth: a guesser who changes his address is stopped, six colleagues who err are not.
ALLOWED_EVERYWHERE = SignInFailure.ALLOWED_EVERYWHERE
# Wrong passwords from one address for names that did not get in afterwards, in browsers that have
# no mark: four clerks who have forgotten theirs on a Monday, or a guesser on his fifth name.
ALLOWED_FROM_AN_ADDRESS = 20
# Tries in front of a locked door are listed, but nobody fills the table with them.
LISTED_FROM_AN_ADDRESS = 200
TOO_MANY = "该用户名已锁定 15 分钟，请稍后再试或请安全管理员解锁"
MARK, MARK_SECONDS, MARKED_NAMES = "desk", 180 * 24 * 3600, 12


@dataclass(frozen=True)
class Knock:
    """Where somebody asks to be let in. `device`: the browser's mark, "" if it has none for the
    name."""

    origin: str | None
    device: str

    def failed(self, username: str, kind: SignInFailure.Kind) -> None:
        SignInFailure.objects.create(
            username=username,
            origin=self.origin,
            device=self.device,
            kind=kind,
            counts=kind != SignInFailure.Kind.LOCKED,
        )

    def same_desk(self) -> Q:
        return Q(device=self.device) if self.device else Q(device="", origin=self.origin)


def knock_of(request: HttpRequest, user: User | None) -> Knock:
    device, names = _mark(request)
    known = user is not None and user.pk in names
    return Knock(current.get().address, device if known else "")


def check_sign_in(*, request: HttpRequest, username: str, password: str) -> User:
    """The user behind the name and password. Raises Refusal, also while the name is locked."""
    username = username.strip()
    account = User.objects.filter(username=username).only("pk", "username").first()
    name = account.username if account else _unknown(username)
    knock = knock_of(request, account)
    with one_at_a_time(name):
        left = guesses_left(name, knock)
        user = authenticate(request, username=username, password=password) if left > 0 else None
        if isinstance(user, User) and not user.is_program:
            # Guesses from other desks still count.
            mine = SignInFailure.objects.filter(knock.same_desk(), username=name, counts=True)
            mine.update(counts=False)
            record(actor=user, action="accounts.sign_in", subject=user)
            return user
        _note(name, account, knock, left)
    if left <= 0:
        if _is_address_full(knock):
            raise Refusal("这里输错次数过多，15 分钟内只有以前登录过的浏览器可以登录")
        raise Refusal(f"密码输错次数过多，{TOO_MANY}")
    if left == 1:
        raise Refusal(f"用户名或密码不对，{TOO_MANY}")
    raise Refusal(f"用户名或密码不对，还可以试 {left - 1} 次")


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """A transaction in which nobody else tries this name: guesses sent side by side are counted
    like guesses in a row, and right passwords sent side by side all open the door."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"door {name}"]
            )
        yield


def guesses_left(name: str, knock: Knock) -> int:
    """How many wrong passwords are still allowed, the one being tried among them; 0 is locked."""
    recent = SignInFailure.objects.counting(timezone.now())
    if knock.device:
        return ALLOWED - recent.filter(username=name, device=knock.device).count()
    unmarked = recent.filter(device="")
    counted: dict[str, int] = unmarked.aggregate(
        here=Count("pk", filter=Q(username=name, origin=knock.origin)),
        everywhere=Count("pk", filter=Q(username=name)),
        address=Count("pk", filter=Q(origin=knock.origin)),
    )
    return min(
        ALLOWED - counted["here"],
        ALLOWED_EVERYWHERE - counted["everywhere"],
        ALLOWED_FROM_AN_ADDRESS - counted["address"],
    )


def mark_desk(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """The browser is one in which the user has signed in."""
    device, names = _mark(request)
    kept = [user.pk, *(name for name in names if name != user.pk)][:MARKED_NAMES]
    response.set_signed_cookie(
        MARK,
        f"{device or secrets.token_hex(8)}:{','.join(map(str, kept))}",
        salt=MARK,
        max_age=MARK_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _mark(request: HttpRequest) -> tuple[str, list[int]]:
    """The browser's mark and the users it stands for; "" for none."""
    try:
        text = request.get_signed_cookie(MARK, default="", salt=MARK, max_age=MARK_SECONDS)
    except BadSignature:
        text = ""
    device, _, names = (text or "").partition(":")
    return device, [int(name) for name in names.split(",") if name]


def _note(name: str, account: User | None, knock: Knock, left: int) -> None:
    """List the try; the trail keeps that somebody's account was locked by it."""
    if left <= 0:
        since = timezone.now() - SignInFailure.LOCKED_FOR
        listed = SignInFailure.objects.filter(origin=knock.origin, at__gt=since).count()
        if listed < LISTED_FROM_AN_ADDRESS:
            knock.failed(name, SignInFailure.Kind.LOCKED)
        return
    knock.failed(name, SignInFailure.Kind.SIGN_IN)
    if left == 1 and account is not None:
        record(actor=None, action="accounts.lock_sign_in", subject=account)


def _is_address_full(knock: Knock) -> bool:
    unmarked = SignInFailure.objects.counting(timezone.now()).filter(device="")
    return unmarked.filter(origin=knock.origin).count() >= ALLOWED_FROM_AN_ADDRESS


def _unknown(username: str) -> str:
    """Stands for a name that is no account's: people type passwords into the wrong field."""
    return f"?{salted_hmac('accounts.sign_in', username).hexdigest()[:16]}"
