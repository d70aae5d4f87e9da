"""Kinds of care are words of packs: Python reads what a pack says of them and names none."""

import ast
from pathlib import Path

import pytest

from policies.loader import load_pack
from tests.rooms import rooms_but

ROOT = Path(__file__).resolve().parents[2]
# Accounts are called after care by the chart itself.
ROOMS = rooms_but("policies", "funds")
CODES = {
    code
    for path in sorted((ROOT / "policies" / "packs").glob("*.yaml"))
    for code in load_pack(path).cares
}
# The same letters for something else: the group of all special statuses in the month report, the
# kind of filing (慢特病认定), of which the format has six; an inspection of one subject (专项检查),
# the proof of delivery of a decision (送达回证), a word of the national rule library's tables.
OTHERWISE = {
    ("reports/population.py", "special"),
    ("claims/filings/models.py", "chronic"),
    ("supervision/inspections/models.py", "special"),
    ("supervision/cases/papers.py", "delivery"),
    ("supervision/cases/archiving.py", "delivery"),
    ("supervision/library/rows.py", "inpatient"),
    ("supervision/library/forms.py", "inpatient"),
}


def named_in(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    where = str(path.relative_to(ROOT))
    return [
        f"{where}:{node.lineno} {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and node.value in CODES
        and (where, node.value) not in OTHERWISE
    ]


def test_no_kind_of_care_is_named_in_python():
    found = [
        line
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
        for line in named_in(path)
    ]
    assert found == []
    assert {"inpatient", "delivery"} <= CODES


@pytest.mark.parametrize(
    ("pack", "scheme"),
    [
        ("dazu", "城乡居民合作医疗保险"),
        ("liuyang", "新型农村合作医疗"),
        ("ruian", "新型农村合作医疗"),
        ("resident-2025", "城乡居民基本医疗保险"),
        ("yueyang", "城乡居民基本医疗保险"),  # its title names none
    ],
)
def test_papers_call_the_insurance_what_its_measures_do(pack: str, scheme: str) -> None:
    assert load_pack(ROOT / "policies" / "packs" / f"{pack}.yaml").scheme == scheme
