"""Every page that a role can get to: from the menu, along the links."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve, reverse

HREF = re.compile(r'href="(/[^"#]*)"')
# Other views of a page that was seen.
SAME = {"sort", "page", "found"}
# What figures of reports lead to, narrowed in some thirty ways: one page each.
NARROWED = {"reports/claims", "reports/postings", "reports/covers", "reports/account-use"}


@cache  # the menu's links stand on every page, and resolving one asks some hundred routes
def place(address: str) -> tuple[str, tuple[str, ...]] | None:
    """Which page an address is of: its route and what it asks for; None for no page."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query, keep_blank_values=True)
    names = tuple(sorted(name.rpartition("-")[2] for name in asked))
    if SAME & set(names) or parts.path.startswith("/sign-out"):
        return None
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return None
    return route, () if route in NARROWED else names


def pages(client: Client, *more: str) -> Iterator[tuple[str, str, str]]:
    """(route, address, html) of one page of each kind; `more`: addresses that no link leads to."""
    waiting, seen = [reverse("accounts:home"), *more], set()
    while waiting:
        address = waiting.pop(0)
        kind = place(address)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        response = client.get(address)
        if response.status_code in {302, 403, 404, 405}:
            continue
        assert response.status_code == 200, (address, response.status_code)
        if not response["Content-Type"].startswith("text/html"):
            continue
        html = response.content.decode()
        yield kind[0], address, html
        waiting += [unescape(link) for link in HREF.findall(html)]
