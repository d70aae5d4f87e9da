"""Every letter of Unicode at every door: refused by its number, or kept and taken home.

    python bench/letters.py [--all]

Without a database. Every text input of every form is given letters of every category, all control
letters and what is no letter (with `--all`: every letter of the first plane); what it takes must
come back folded, readable, and out of a workbook as it went in. Then every letter there is goes
through the folding twice, through the reader of csv files and through the writer of workbooks.
"""

from __future__ import annotations

import argparse
import copy
import io
import os
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import openpyxl  # noqa: E402
from django import forms  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from accounts.forms import PlainForm  # noqa: E402
from lib.letters import fold, legible, odd  # noqa: E402
from lib.tables.formats import open_sheets  # noqa: E402
from lib.tables.writing import Heading, Sheet, workbook_bytes  # noqa: E402
from lib.typed_text import amount, day, name, name_problem, number, phone, plain  # noqa: E402

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
READERS = (amount, day, name, name_problem, number, phone, plain, legible)
FEW = 8  # letters of each category
CELLS = 20_000  # letters to a workbook


def some() -> list[str]:
    """All control letters, what is no letter, and a few of every category."""
    by_category: dict[str, list[str]] = defaultdict(list)
    for letter in EVERY:
        by_category[unicodedata.category(letter)].append(letter)
    found = {*by_category["Cc"], *by_category["Cf"], "\ufffe", "\uffff", "\ufdd0", "\ufffd"}
    for letters in by_category.values():
        found.update(letters[:: max(1, len(letters) // FEW)])
    return sorted(found)


def below(kind: type[PlainForm]) -> Iterator[type[PlainForm]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def inputs() -> Iterator[tuple[str, forms.Field]]:
    assert get_resolver().url_patterns  # every room's forms are imported
    for form in sorted(set(below(PlainForm)), key=lambda one: (one.__module__, one.__name__)):
        for title, field in form.base_fields.items():
            hidden = isinstance(field.widget, forms.PasswordInput)
            if isinstance(field, forms.CharField) and not hidden:
                yield f"{form.__module__}.{form.__name__}.{title}", field


def doors(letters: list[str]) -> Counter[str]:
    """Every input × every letter; what was taken leaves in workbooks and is read again."""
    counts: Counter[str] = Counter()
    taken: set[str] = set()
    for where, field in inputs():
        kind = type("Bare", (PlainForm,), {"one": copy.deepcopy(field)})
        counts["inputs"] += 1
        for letter in letters:
            form: PlainForm = kind({"one": f"甲{letter}乙"})
            counts["asked"] += 1
            if not form.is_valid():
                counts["refused"] += 1
                continue
            value = str(form.cleaned_data["one"])
            assert not odd(value), (where, letter)
            assert fold(value) == value, (where, letter)
            taken.add(value)
    counts["taken, different"] = len(taken)
    same(sorted(taken))
    return counts


def same(texts: list[str]) -> None:
    """The texts leave in a workbook, which opens and says the same."""
    for at in range(0, len(texts), CELLS):
        part = texts[at : at + CELLS]
        content = workbook_bytes([Sheet("表", (Heading("甲", "text"),), [(one,) for one in part])])
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).active
        came = [row[0] or "" for row in sheet.iter_rows(min_row=2, values_only=True)]
        for one, found in zip(part, came, strict=True):
            assert legible(one) == found, (ascii(one), ascii(found))


def folding() -> None:
    for letter in EVERY:
        for text in (letter, f"张{letter}三", f"1{letter}2"):
            once = fold(text)
            assert fold(once) == once, ascii(letter)
            assert odd(once) == "" or not once.isascii() or letter < " " or letter == "\x7f", letter
            for read in READERS:
                read(text)


def files() -> None:
    """Every letter in a workbook that leaves, and in a csv that comes."""
    same([f"甲{letter}乙" for letter in EVERY])
    written = [one for one in EVERY if one not in '\r\n"\0' and not "\ud800" <= one <= "\udfff"]
    content = "\n".join(f'1,"甲{one}乙"' for one in written).encode()
    ((_, rows),) = open_sheets(content)
    assert [row[1][1:-1] for row in rows] == written


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--all", action="store_true")
    letters = EVERY[:0xD800] + EVERY[0xE000:0x10000] if asked.parse_args().all else some()
    for title, work in (("doors", lambda: doors(letters)), ("folding", folding), ("files", files)):
        started = time.perf_counter()
        found = work() or {"letters": len(EVERY)}
        said = ", ".join(f"{what} {count:,}" for what, count in found.items())
        print(f"{title}: {said}; {time.perf_counter() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
