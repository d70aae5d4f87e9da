"""In Chromium, every page of every role, and no route left out: nothing in the way of those who
cannot see, nothing to be scrolled sideways at 1366×768 nor on a screen enlarged to 150 %. And
looking changes nothing: none of them writes or locks. Whoever is refused finds what was typed, in
every form that takes words.
"""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import SignInFailure, User
from accounts.roles import Role
from insured.door import Entered, let_in
from tests.accounts.test_matrix import ROUTES, filled
from tests.desk.conftest import County
from tests.desk.filled import fill_everything
from tests.desk.noted import NAMED, Noted, listening
from tests.desk.pages import pages
from tests.desk.test_worklist import of_role
from tests.desk.typed import Typing
from tests.glass import FAULTS, WIDE, Glass

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# 1366×768, and the same screen at 150 %.
SCREENS = ((1366, 768), (911, 512))


def essence(html: str) -> str:
    """A page without its menu, names and numbers."""
    main = html.partition("<main")[2] or html
    return re.sub(r'value="[^"]*"|[\d.]+|\s+', "", main)


# What differs between two rows of one table, and axe does not judge.
ROW_BY_ROW = re.compile(
    r'(?:value|href|title|action|hx-\w+|d|[xy]\d?|points|width|height|style)="[^"]*"'
    r"|[\d.]+|\s+"
)


def shape(html: str) -> str:
    """What axe judges, without the words: pages built of the same parts are asked once."""
    tags = re.findall(r"<(?!/|option)[^>]*>", html.partition("<main")[2] or html)
    return "".join(sorted({ROW_BY_ROW.sub("", tag) for tag in tags}))


# What answers by GET and is no page: files, parts of pages, other programs' routes, forwarding.
NO_PAGES = re.compile(
    r"/template$|/blank(/<int:at>)?$|/progress$|/status$|^claims/enter/counter/(line|suggest)$"
    r"|^claims/<int:pk>/papers/scans/|^claims/api/|^fhir/|^gateway/openapi.json$|^healthz$|^readyz$|^send-on$|^still-here$"
    r"|^supervision/(inspections|posted|publicity)/photos/|^supervision/(words|cases/evidence)/scans/|^supervision/inspections/site/worker.js$"
)


PUBLIC = ["/sign-in", "/me/", "/me/code", "/me/voucher", "/me/page"]


@pytest.mark.seconds(600)  # 101 s on two quiet cores, 159 on slower ones
@pytest.mark.usefixtures("no_worker", "menu_counts_once")
def test_every_page_is_open_to_all_and_fits_and_writes_nothing(
    glass: Glass, dazu: County, as_user: Callable[[User], Client]
) -> None:
    more = fill_everything(dazu)
    seen: set[str] = set()
    shapes: set[str] = set()
    reached: set[str] = set()
    faults: list[str] = []
    noted, typing = Noted(), Typing()
    users = [of_role(dazu, role) for role in Role]
    for user in (None, *users):  # each signs in when it is his turn: a session ends by itself
        client, behind = (as_user(user), more) if user else (insured(dazu), PUBLIC)
        for route, address, html in read(noted, client, behind):
            reached.add(route)
            # Two roles that read the same, or see one page built of the same parts.
            known = {essence(html), f"{route} {shape(html)}"}
            if user and essence(html) not in seen:
                typing.into(client, address, html)
            if not known & seen:
                name = user.role if user else "nobody"
                told = [*within_another(html), *looked_at(glass, html, shapes)]
                faults += [f"{name} {address} {one}" for one in told]
            seen |= known
    assert not faults, f"{len(faults)} in {len(seen)} pages:\n" + "\n".join(faults[:60])
    assert not typing.lost, f"of {typing.refused} refused:\n" + "\n".join(typing.lost)
    assert typing.refused > 200, typing.refused  # nothing refused would be no proof
    clients = [(user, as_user(user)) for user in users]
    left = [one for one in ROUTES if one[0] not in reached and not NO_PAGES.search(one[0])]
    unseen = [one for one in ROUTES if one[0] not in reached and one[1].permission]
    with listening(noted):
        missed = [route for route, view in left if shows_by_get(route, view, clients)]
        for route, view in unseen:  # what no link leads to answers too
            next(client for user, client in clients if user.may(view.permission)).get(filled(route))
    assert not missed, f"give these a row in {fill_everything.__module__}: {missed}"
    assert set(noted.found) == set(NAMED), noted.found  # nothing heard would be no proof


def within_another(html: str) -> list[str]:
    """Forms that begin inside a form: a browser leaves the inner one out and ends the outer one
    where that one ends, so that the last buttons do nothing."""
    found, is_open = [], False
    for tag in re.findall(r"</?form\b[^>]*>", html):
        if is_open and not tag.startswith("</"):
            found.append(f"a form within a form: {tag[:120]}")
        is_open = not tag.startswith("</")
    return found


def insured(county: County) -> Client:
    """A browser in which somebody of the county was let in to what is their own."""
    answer = HttpResponse()
    asking = SignInFailure.objects.create(username="?", kind=SignInFailure.Kind.ASKED, counts=False)
    let_in(answer, Entered(county.cover(97).person, asking.pk, ""))
    client = Client()
    client.cookies = answer.cookies
    return client


def read(noted: Noted, client: Client, behind: list[str]) -> Iterator[tuple[str, str, str]]:
    """The pages as `pages` finds them, each fetched while it is noted what is asked."""
    walk = pages(client, *behind)
    while True:
        with listening(noted):
            found = next(walk, None)
        if found is None:
            return
        yield found


def shows_by_get(route: str, view: Any, clients: list[tuple[User, Client]]) -> bool:
    """Whether the route answers GET at all (405: it acts by POST alone)."""
    able = (client for user, client in clients if user.may(view.permission or "accounts.home"))
    return next(able).get(filled(route)).status_code != HTTPStatus.METHOD_NOT_ALLOWED


def looked_at(glass: Glass, html: str, shapes: set[str]) -> list[Any]:
    screen, enlarged = SCREENS
    built = shape(html)
    asked = (WIDE,) if built in shapes else (WIDE, FAULTS)
    shapes.add(built)
    found = [one for told in glass.show(html, *screen, *asked) for one in told]
    (grown,) = glass.show("", *enlarged, WIDE)
    return [*found, *(f"at 150 %: {one}" for one in grown)]
