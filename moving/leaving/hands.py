"""Who lets the sealed columns of an export be opened: two people, each with a password, and why.

The security administrator and the audit administrator are two persons in every deployment
(三员分立), neither runs the server, and the trail that both stand in is the auditor's to read. Each
types the password of the portal at the server, counted like any sign-in.
"""

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import ROLE_NAMES, Role
from accounts.sign_in import check_sign_in
from desk.reasons import given_reason
from moving.leaving.tables import county_named

HANDS = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


@dataclass(frozen=True)
class Hand:
    """As somebody typed it."""

    username: str
    password: str


def agreed(role: Role, hand: Hand) -> User:
    """Raises Refusal where it is not the password, or not this role's."""
    user = check_sign_in(request=HttpRequest(), username=hand.username, password=hand.password)
    if user.role != role:
        raise Refusal(f"{user.name}不是{ROLE_NAMES[role]}，请由{ROLE_NAMES[role]}本人输入")
    return user


@transaction.atomic
def note_export(*, users: list[User], folder: str, reason: str) -> None:
    """In the trail, before anything is opened: one line for each hand; one of the portal's own
    where nothing is opened."""
    county = county_named()
    if county is None:
        raise Refusal("库里还没有县，没有可导出的")
    reason = given_reason(reason) if users else reason
    action = "moving.export_opened" if users else "moving.export_county"
    actors: list[User | None] = [*users] or [None]
    for user in actors:
        record(
            actor=user,
            action=action,
            subject=county,
            after={"folder": folder, "hands": [one.username for one in users]},
            reason=reason,
        )
