"""Every door through which a password is set: what it must be like, and who hands it out.

GB/T 22239-2019 8.1.4.1 a) asks for complexity and leaves the figures to the operator: ten
characters of two kinds, not near the name, none of the common ones (AUTH_PASSWORD_VALIDATORS).
"""

import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import audited, record
from accounts.duties import refuse_second_duty, spelled
from accounts.errors import Refusal
from accounts.models import PROGRAM, SignInFailure, User
from accounts.roles import ADMINISTRATORS, Role
from accounts.sign_in import TOO_MANY, Knock, guesses_left, one_at_a_time

# Without 0 O 1 l i: it is read from a slip of paper. Twelve of 31 signs are 59 bits.
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, LENGTH = 3, 4
# Letters printed at once: each costs a hash that is slow on purpose, and a township has no more.
MAX_LETTERS = 60


class StrengthValidator:
    """Ten characters, and two of letters, digits and signs at least."""

    LEAST = 10

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.LEAST:
            raise ValidationError(f"密码至少 {self.LEAST} 位，现有 {len(password)} 位")
        letters = any(sign.isalpha() for sign in password)
        digits = any(sign.isdigit() for sign in password)
        others = any(not sign.isalnum() for sign in password)
        if letters + digits + others < 2:
            raise ValidationError("密码应含字母、数字、符号中的至少两种")


def checked(password: str, user: User, field: str) -> str:
    """The password, if it may be one of this user. Raises Refusal at the input."""
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise Refusal("；".join(error.messages), field) from None
    return password


class Expelled(Exception):  # noqa: N818 - an answer, as Refusal
    """Too many wrong old passwords: whoever sits there is signed out, and told why."""


def set_own_password(*, actor: User, knock: Knock, old: str, new: str) -> None:
    """The user's own new password, never the one that is known to who handed the account out.

    A wrong old one counts as a failed sign-in from this desk (somebody may sit at the open page of
    a colleague); the last one allowed ends every session of the user. Raises Refusal, Expelled.
    """
    with one_at_a_time(actor.username):
        left = guesses_left(actor.username, knock)
        if left <= 0:
            raise Expelled(TOO_MANY)
        right = actor.check_password(old)
        if not right:
            knock.failed(actor.username, SignInFailure.Kind.CHANGE)
            if left == 1:
                end_sessions(actor)
                record(actor=None, action="accounts.lock_sign_in", subject=actor)
    if not right:
        if left == 1:
            raise Expelled(f"原密码输错次数过多，已退出登录。{TOO_MANY}")
        raise Refusal(f"原密码不对，还可以试 {left - 1} 次", "old_password")
    checked(new, actor, "new_password")
    if old == new:
        raise Refusal("新密码与原密码相同，请换一个", "new_password")
    with transaction.atomic():
        # A reset of this moment counts: whoever is being put out must not overwrite it.
        present = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if present.session_stamp != actor.session_stamp:
            raise Expelled("密码刚被安全管理员重置，请用新密码登录")
        _give(actor, new, must_change=False)
        record(actor=actor, action="accounts.change_password", subject=actor)


def reset_password(*, actor: User | None, user: User, reason: str) -> str:
    """A one-time password for somebody who has none any more; returned once and kept nowhere.

    It must be changed at the first sign-in; every session of the user ends, every lock opens.
    `actor` is None for the command. Raises Refusal for the own account.
    """
    with transaction.atomic():
        user = _of_another(actor, user)
        password = one_time()
        _give(user, password, must_change=True)
        _forget_failures(user)
        record(actor=actor, action="accounts.reset_password", subject=user, reason=reason)
    return password


@transaction.atomic
def hand_out(*, actor: User, accounts: Sequence[int]) -> list[tuple[User, str]]:
    """One-time passwords for accounts whose people have never come in, to be handed to each in a
    letter; returned once and kept nowhere. Those of an earlier letter are void.

    Raises Refusal unless all of them still wait.
    """
    rows = User.objects.select_for_update(no_key=True, of=("self",)).never_signed_in()
    users = list(rows.select_related("division__parent").filter(pk__in=accounts).order_by("pk"))
    if not users or len(users) != len(set(accounts)):
        raise Refusal("请勾选要发密码的账号；其中有的已经登录过，请刷新页面")
    if len(users) > MAX_LETTERS:
        raise Refusal(f"一次最多打印 {MAX_LETTERS} 封，现勾选 {len(users)} 封，请分乡镇打印")
    if any(user.pk == actor.pk for user in users):
        raise Refusal("不能给自己发密码，请由另一位安全管理员办理")
    letters = []
    for user in users:
        password = one_time()
        _give(user, password, must_change=True)
        record(actor=actor, action="accounts.hand_out_password", subject=user)
        letters.append((user, password))
    return letters


@transaction.atomic
def unlock(*, actor: User, user: User, reason: str) -> None:
    """Open the name at every desk; the tries stay listed. Raises Refusal for the own account."""
    user = _of_another(actor, user)
    opened = _forget_failures(user)
    if not opened:
        raise Refusal(f"{user.name} 没有被锁定，也没有近期的失败登录")
    record(
        actor=actor,
        action="accounts.unlock",
        subject=user,
        after={"tries": opened},
        reason=reason,
    )


@transaction.atomic
def open_administrator(*, role: Role, username: str, name: str, other_person: str = "") -> str:
    """The first of the three administrators, by command: nobody is there yet who could.

    `other_person`: why somebody of the same name in another duty is not the same. Returns the
    one-time password. Raises Refusal for a name that is taken, for another role, and for somebody
    who has a duty already.
    """
    if role not in ADMINISTRATORS:
        raise Refusal("只能这样建立三员账号；其他账号由系统管理员新建、安全管理员授权")
    if User.objects.filter(username=username).exists():
        raise Refusal("这个用户名已有人使用，请换一个", "username")
    password = one_time()
    user = User(username=username, name=spelled(name), role=role, must_change_password=True)
    if not other_person.strip():
        refuse_second_duty(user, role, "")
    user.set_password(password)
    user.save()
    record(
        actor=None,
        action="accounts.create_user",
        subject=user,
        after=audited(user),
        reason=other_person.strip(),
    )
    return password


def unusable() -> str:
    """What stands in the place of a password that nobody could type."""
    return make_password(None)


def one_time() -> str:
    """Like kx4m-7wpa-9te3: letters and digits, drawn anew until the validators take it."""
    while True:
        parts = ("".join(secrets.choice(SIGNS) for _ in range(LENGTH)) for _ in range(GROUPS))
        password = "-".join(parts)
        if any(sign.isdigit() for sign in password) and any(sign.isalpha() for sign in password):
            return password


def end_sessions(user: User) -> None:
    """Sign the user out everywhere."""
    user.session_stamp += 1
    user.save(update_fields=["session_stamp"])


def _give(user: User, password: str, *, must_change: bool) -> None:
    user.set_password(password)
    user.must_change_password = must_change
    user.session_stamp += 1
    user.save(update_fields=["password", "must_change_password", "session_stamp"])


def _of_another(actor: User | None, user: User) -> User:
    """The row, locked. Whoever could help himself would need no colleague."""
    if actor is not None and user.pk == actor.pk:
        raise Refusal("不能给自己解锁或重置密码，请由另一位安全管理员办理")
    found = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if found.is_program:
        raise Refusal(f"{PROGRAM}没有密码，不能登录；密钥在“接入客户端”中更换")
    return found


def _forget_failures(user: User) -> int:
    return SignInFailure.objects.filter(username=user.username, counts=True).update(counts=False)
