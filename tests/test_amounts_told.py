"""An amount in a message has its thousands set apart, by the one function that does it."""

import re
from decimal import Decimal
from pathlib import Path

from lib.money import told
from tests.rooms import rooms_but

ROOT = Path(__file__).parents[1]
ROOMS = rooms_but("demo")
BY_HAND = re.compile(r"\{(?!told\()[^{}]+\} ?元")
# Steps of a settlement and of a premium, and what is said of measures, are told as the law writes
# amounts.
OWN = {
    "drawing.py",  # whole yuan along an axis
    "bills.py",  # unit prices have up to six places
    "trace.py", "premiums.py", "dues.py", "forms.py", "money_in.py", "policy.py", "saying.py",
    "numbers.py", "doubts.py", "axes.py", "ceilings.py", "inversions.py", "cliffs.py",
}  # fmt: skip


def test_one_function_says_amounts():
    assert told(Decimal("39950")) == "39,950.00"
    assert told(-1234) == "-1,234.00"
    assert told(Decimal("0.5")) == "0.50"
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    by_hand = [
        str(path)
        for path in files
        if path.name not in OWN and BY_HAND.search(path.read_text("utf-8"))
    ]
    assert by_hand == []
