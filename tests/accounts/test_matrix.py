"""Every route × every role: signed out, wrong role and unknown role never get in."""

from collections.abc import Iterator
from inspect import getclosurevars
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.roles import PERMISSIONS, Role, may

CONVERTERS = {"int": "999999", "str": "none", "slug": "none", "uuid": "0" * 32, "path": "none"}


def routes(resolver: Any = None, prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found += routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            found.append((prefix + str(entry.pattern), entry.callback))
    return found


def filled(route: str) -> str:
    """The route with every parameter standing for a row that is not there."""
    parts = []
    for part in route.split("<"):
        head, bracket, rest = part.partition(">")
        parts.append(CONVERTERS[head.partition(":")[0]] + rest if bracket else part)
    return "/" + "".join(parts)


ROUTES = routes()


@pytest.mark.parametrize("route,view", ROUTES, ids=[route for route, _ in ROUTES])
def test_every_route_says_its_permission(route: str, view: Any) -> None:
    assert hasattr(view, "permission"), f"{route} has neither @require nor @public"
    assert view.permission is None or view.permission in PERMISSIONS


def test_only_these_routes_are_public() -> None:
    # These have doors of their own: tests/gateway/test_door.py, tests/gateway/fhir/test_door.py.
    apart = {route for route, _ in ROUTES if route.startswith(("gateway/api", "fhir/r4/"))}
    public = {route for route, view in ROUTES if view.permission is None} - apart
    # The door of the insured is asked in tests/insured/test_door.py.
    insured = {"me/", "me/code", "me/voucher", "me/page", "me/leave"}
    assert public == {"healthz", "readyz", "sign-in", "sign-out"} | insured


def test_signed_out_visitors_are_sent_to_sign_in(db: None) -> None:
    client = Client()
    for route, view in ROUTES:
        if view.permission is None:
            continue
        for method in ("get", "post"):
            response = getattr(client, method)(filled(route))
            assert response.status_code == 302, (method, route, response.status_code)
            assert response["Location"].startswith("/sign-in?next="), route


def test_every_route_is_behind_the_one_guard() -> None:
    """So that what a route says is what it asks for, and who gets in follows from the permission
    alone."""
    for route, view in ROUTES:
        assert view.permission is None or guard_of(view) == view.permission, route


def guard_of(view: Any) -> str | None:
    """The permission that `require` asks for around this view, whatever else is around it."""
    while view is not None:
        if view.__code__.co_qualname == "require.<locals>.decorate.<locals>.guarded":
            return str(getclosurevars(view).nonlocals["permission"])
        view = getattr(view, "__wrapped__", None)
    return None


def dealt_to(role: Role) -> Iterator[tuple[str, str]]:
    """(route, permission): each permission is asked with each role, and each of its routes with one
    role that has it and with one that has it not; they are dealt out in turn."""
    behind: dict[str, list[str]] = {}
    for route, view in ROUTES:
        if view.permission is not None:
            behind.setdefault(view.permission, []).append(route)
    for permission, found in behind.items():
        alike = [one for one in Role if may(one, permission) == may(role, permission)]
        at = alike.index(role)
        yield from ((route, permission) for route in found[at :: len(alike)] or found[:1])


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_exactly_what_the_table_allows(cast: SimpleNamespace, role: Role) -> None:
    users = (one for one in vars(cast).values() if isinstance(one, User))
    client = Client()
    client.force_login(next(one for one in users if one.role == role))
    for route, permission in dealt_to(role):
        for method in ("get", "post"):
            status = getattr(client, method)(filled(route)).status_code
            if may(role, permission):
                assert status != 403 and status < 500, (method, route, status)
            else:
                assert status == 403, (method, route, status)


@pytest.mark.django_db
def test_an_unknown_role_and_a_disabled_user_get_nowhere(cast: SimpleNamespace) -> None:
    User.objects.filter(pk=cast.cashier.pk).update(role="visitor")
    client = Client()
    client.force_login(cast.cashier)
    first = {view.permission: route for route, view in ROUTES if view.permission is not None}
    for route in first.values():
        assert client.get(filled(route)).status_code == 403, route
    User.objects.filter(pk=cast.auditor.pk).update(is_active=False)
    client.force_login(cast.auditor)
    assert client.get("/").status_code == 302


def test_administrators_touch_no_business() -> None:
    doors = {"gateway.manage_clients"}  # programs are let in as people are
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        allowed = {name for name in PERMISSIONS if may(role, name)} - doors
        assert all(name.startswith("accounts.") for name in allowed), role


def test_the_three_hands_on_money_are_three_roles() -> None:
    for one, other in (
        ("claims.enter", "claims.review"),
        ("claims.review", "claims.approve"),
        ("claims.approve", "claims.pay"),
        ("claims.pay", "funds.post"),
        ("enrollment.remit", "enrollment.confirm_remittance"),
        ("policies.propose", "policies.adopt"),
    ):
        assert not PERMISSIONS[one] & PERMISSIONS[other], (one, other)
