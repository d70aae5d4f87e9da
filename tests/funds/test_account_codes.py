"""Account codes and lists of events stand in funds alone; other rooms ask it for named sums."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from funds.chart import ROLES, general_code
from funds.events import EVENTS
from tests.rooms import rooms_but

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (*rooms_but("funds"), "bench", "launch", "templates")
CODES = {account.code for chart in ROLES.values() for account in chart}
GENERAL = {general_code(code) for code in CODES}
# 5001-inpatient, or 5001 by itself. The hospital interface numbers its transactions with four
# digits too, so that only codes with a sub-account are told apart there.
DETAILED = re.compile(rf"(?<!\d)({'|'.join(sorted(GENERAL))})-[a-z]")


def names_an_account(text: str, room: str) -> bool:
    return bool(DETAILED.search(text)) or (text in GENERAL and room != "gateway")


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string of a module but its docstrings; of every line of a template."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        for number, line in enumerate(text.splitlines(), 1):
            shown = re.findall(r"(?<=>)\s*([^<>]+?)\s*(?=<)", line)
            quoted = re.findall(r"[\"']([^\"']*)", line)
            yield from ((number, found) for found in (line, *shown, *quoted))
        return
    tree = ast.parse(text)
    spoken = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in spoken
        ):
            yield node.lineno, node.value


def event_lists(root: Path) -> list[str]:
    """file:line of every list outside funds that names three events or more. Whoever causes one
    names it; which of them there are, funds knows (two may be what a page is about)."""
    return [
        f"{path.relative_to(root)}:{node.lineno}"
        for room in ROOMS
        for path in sorted((root / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict)
        and len(events_named(node)) >= 3
    ]


def events_named(node: ast.List | ast.Tuple | ast.Set | ast.Dict) -> set[str]:
    """By themselves or with their words, as the choices of a column have them; an event beside the
    parts that it books is caused, not listed."""
    said = set()
    for part in node.keys if isinstance(node, ast.Dict) else node.elts:
        pair = part.elts if isinstance(part, ast.Tuple) else [part]
        if all(isinstance(one, ast.Constant) for one in pair):
            said |= {one.value for one in pair}
    return said & set(EVENTS)


def found_in(root: Path) -> list[str]:
    """file:line of every account code outside funds; migrations are what they were."""
    return [
        f"{path.relative_to(root)}:{line}"
        for room in ROOMS
        for path in sorted((root / room).rglob("*"))
        if path.suffix in {".py", ".html"} and "migrations" not in path.parts
        for line, text in strings_of(path)
        if names_an_account(text, room)
    ]


def test_no_account_code_outside_funds():
    assert found_in(ROOT) == []


def test_a_planted_code_is_caught(tmp_path):
    """One in a report, one in a template; the number of a transaction of the interface is none."""
    for name, text in {
        "reports/planted.py": 'CASH = "1002"\nWARD = ("5001-inpatient",)\n',
        "templates/reports/planted.html": "{% if code == '4501-recovery' %}\n<th> 1005 </th>",
        "gateway/transactions.py": 'READ_PERSON = "1101"\n',
        "claims/fine.py": '"""Booked on 5001-inpatient."""\nLIMIT = "10025"\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert sorted(set(found_in(tmp_path))) == [
        "reports/planted.py:1",
        "reports/planted.py:2",
        "templates/reports/planted.html:1",
        "templates/reports/planted.html:2",
    ]


def test_no_list_of_events_outside_funds():
    """Migrations neither: the choices of a column would be written out again for every event."""
    assert event_lists(ROOT) == []


def test_a_planted_list_is_caught(tmp_path):
    for name, text in {
        "claims/planted.py": 'PAID = ("claim_paid", "returned_paid", "claim_recovered")\n',
        "claims/migrations/0001_planted.py": (
            'KINDS = [("claim_paid", "支付"), ("borrowed", "借入"), ("repaid", "归还")]\n'
        ),
        "claims/fine.py": 'TWO = ["claim_paid", "returned_paid"]\nSTEPS = ("claim", "paid")\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert event_lists(tmp_path) == ["claims/migrations/0001_planted.py:1", "claims/planted.py:1"]
