"""What holds for every kind of paper; what each says and keeps, its room's test_papers.py asks."""

import re
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import PERMISSIONS
from accounts.trail_names import action_name
from desk.papers import KINDS, PaperKind

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static" / "hezuo.css").read_text(encoding="utf-8")
STORIES = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
get_resolver().url_patterns  # noqa: B018 - the rooms' papers are described when routes are read


def _views(resolver: URLResolver) -> list[object]:
    found: list[object] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += _views(entry)
        elif isinstance(entry, URLPattern):
            found.append(entry.callback)
    return found


ROUTED = {view.kind.code for view in _views(get_resolver()) if hasattr(view, "kind")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_a_kind_of_paper_is_whole(kind: PaperKind) -> None:
    assert kind.permission in PERMISSIONS
    room, _, name = kind.code.partition(".")
    assert (ROOT / room).is_dir() and name
    assert re.search(rf"^\.hz-{kind.page} {{ page: (\w+); }}$", CSS, re.M), kind.page
    if not is_paper(kind):
        return
    assert kind.code in ROUTED, f"{kind.code} wants its paper_route among the room's routes"
    asked = f"keeps_what_it_said({kind_name(kind)},"
    if asked not in re.sub(r"\(\s+", "(", STORIES):
        pytest.fail(f"no test of {room} asks {asked} …) of tests/papers.py")


def is_paper(kind: PaperKind) -> bool:
    """Not a page that is printed as it stands (`page_print`)."""
    text = (ROOT / "templates" / kind.template).read_text(encoding="utf-8")
    return text.startswith('{% extends "kinds/paper.html" %}')


def kind_name(kind: PaperKind) -> str:
    """The constant's name in its room: enrollment.book_sheet → BOOK_SHEET."""
    return kind.code.partition(".")[2].upper()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_a_paper_shows_its_facts_and_nothing_else(kind: PaperKind) -> None:
    text = (ROOT / "templates" / kind.template).read_text(encoding="utf-8")
    if not is_paper(kind):
        assert '{% include "components/print.html" %}' in text
        return
    body = text.partition("{% block paper %}")[2]
    assert "facts." in body
    assert not re.search(r"\b(row|user|request)\.", body)


def test_the_trail_names_what_was_printed() -> None:
    assert action_name("desk.print_paper") == "打印单据"
