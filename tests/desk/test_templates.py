"""How templates are written: every page is one of the seven kinds, one cell a line."""

import re
from pathlib import Path

import pytest

from desk.tones import VERDICTS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLES = TEMPLATES.parent / "static" / "hezuo.css"
# The one figure of a page, and what a sheet of paper must hold; the rest is one of five.
OTHER_SIZES = {"14px", "11px", "11.5px", "2.7rem"}
KINDS = {"desk", "list", "case", "window", "board", "report", "paper"}
MAX_LINE = 160
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*.html")
    if path.parent.name not in {"kinds", "components", "desk"}
)


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def above(path: Path) -> str:
    """The template that a page extends; that of a piece's page (desk/import.html) in its turn."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    found = re.fullmatch(r'\{% extends "([\w/]+\.html)" %\}', first)
    if found and found[1].startswith("desk/"):
        return above(TEMPLATES / found[1])
    return found[1] if found else first


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_is_one_of_the_seven_kinds(path: Path) -> None:
    found = above(path)
    if path.name.startswith("_") or found.endswith("<!doctype html>"):
        return  # a part of a page; a page that stands even when nothing else works
    assert found in {f"kinds/{kind}.html" for kind in KINDS}


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=name)
def test_a_template_is_written_one_cell_a_line(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    long = [(at, len(line)) for at, line in enumerate(lines, 1) if len(line) > MAX_LINE]
    assert not long, long
    two = re.compile(r"</t[hd]>.*<t[hd]\b|\{% (?:col|num) .*\{% (?:col|num) ")
    rows = [at for at, line in enumerate(lines, 1) if two.search(line)]
    assert not rows, rows


def test_no_template_picks_a_colour() -> None:
    """`desk/tones.py` does, for choices and for verdicts; each verdict there is said somewhere."""
    said = set()
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'tone="|hz-status\b|hz-(?:good|bad|wait|idle)\b', text), path
        said |= set(
            re.findall(r'"([^"]+)"\|verdict', text) + re.findall(r'\|verdict:"([^"]+)"', text)
        )
    assert said == set(VERDICTS)


def test_text_has_five_sizes() -> None:
    sizes = set(re.findall(r"font-size: ([^;]+);", STYLES.read_text(encoding="utf-8")))
    assert sizes - OTHER_SIZES == {f"var(--hz-t{at})" for at in range(1, 6)}
