"""What somebody types into the forms of a page, and whether it is there when it is refused."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import resolve

# A letter that only one computer shows: every service refuses it, and nothing is written.
TYPED = "这是写了很久的话"
UNREADABLE = TYPED + "\ue000"
REFUSED = re.compile(r"hz-fielderror|alert-danger")


class Forms(HTMLParser):
    """The forms of a page that are posted: where to, and what they would bring."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.found = here, list[tuple[str, dict[str, Any], list[str]]]()
        self.inside, self.select = False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "form":
            self.inside = said.get("method") == "post"
            if self.inside:
                self.found.append((said.get("action") or self.here, {}, []))
        if not self.inside:
            return
        _, brings, words = self.found[-1]
        kind = said.get("type") or "text"
        if tag == "textarea" or (tag == "input" and kind in {"text", "search"}):
            brings[name] = UNREADABLE
            words.append(name)
        elif tag == "input" and kind in {"hidden", "radio"} and name != "submission":
            brings.setdefault(name, value)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and value:
            brings.setdefault(self.select, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""


def forms(html: str, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those of the page itself that take words."""
    parser = Forms(address)
    parser.feed(html.partition("<main")[2])
    for action, brings, words in parser.found:
        if words:
            yield action, brings


class Typing:
    """Types into each form of the walk once, whoever is shown it, and notes what was lost."""

    def __init__(self) -> None:
        self.refused, self.seen, self.lost = 0, set[Any](), list[str]()

    def into(self, client: Client, address: str, html: str) -> None:
        for action, brings in forms(html, address):
            match = resolve(action.partition("?")[0])
            kind = match.route, match.kwargs.get("event"), tuple(brings)
            if kind not in self.seen:
                self.seen.add(kind)
                self._send(client, action, brings)

    def _send(self, client: Client, action: str, brings: dict[str, Any]) -> None:
        with transaction.atomic():
            answer = client.post(action, brings, follow=True)
            transaction.set_rollback(True)
        is_page = answer["Content-Type"].startswith("text/html")
        page = answer.content.decode().partition("<main")[2] if is_page else ""
        if REFUSED.search(page):
            self.refused += 1
            if TYPED not in page:
                self.lost.append(f"{action} {sorted(brings)}")
