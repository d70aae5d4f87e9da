"""What a recovery begins with that is opened from a finding or from a case."""

from types import SimpleNamespace
from typing import Any

import pytest

from supervision.owing import owed_by_case, owed_by_rule

HOSPITAL = SimpleNamespace(institution_id=7, person_id=3)
FAR_AWAY = SimpleNamespace(institution_id=None, person_id=3)


def alert(rule: str, visit: Any = HOSPITAL) -> Any:
    return SimpleNamespace(rule=rule, settlement=SimpleNamespace(visit=visit))


def case(party: str, cause: str, **whose: Any) -> Any:
    named = {"institution_id": None, "person_id": None, "party_name": "永安药业"}
    return SimpleNamespace(party=party, cause_code=cause, **named | whose)


@pytest.mark.parametrize(
    ("rule", "visit", "owed"),
    [
        ("A08", HOSPITAL, {"reason": "beyond", "debtor": "institution"}),
        ("A06", HOSPITAL, {"reason": "beyond", "debtor": "institution"}),
        ("A06", FAR_AWAY, {"reason": "beyond"}),  # no institution of the county: the form's own
        ("A02", HOSPITAL, {"reason": "twice", "debtor": "household"}),
        ("A21", HOSPITAL, {"reason": "invoice", "debtor": "household"}),
        ("A15", HOSPITAL, {"reason": "liable", "debtor": "household"}),
        ("A01", HOSPITAL, {"reason": "death"}),  # by whoever was paid
        ("A23", HOSPITAL, {"reason": "invented"}),
    ],
)
def test_a_rule_says_why_and_whose_fault_it_is(rule: str, visit: Any, owed: dict[str, str]) -> None:
    assert owed_by_rule(alert(rule, visit)) == owed


@pytest.mark.parametrize(
    ("row", "owed"),
    [
        (
            case("institution", "13", institution_id=7),
            {"reason": "beyond", "debtor": "institution"},
        ),
        (
            case("institution", "24", institution_id=7),
            {"reason": "invented", "debtor": "institution"},
        ),
        (case("person", "28", person_id=3), {"reason": "twice", "debtor": "household"}),
        (case("person", "31", person_id=3), {"reason": "invented", "debtor": "household"}),
        # Somebody else than who the claim is of: by name.
        (
            case("person", "33", person_id=9),
            {"reason": "other", "debtor": "person", "debtor_name": "永安药业"},
        ),
        (
            case("institution", "22", institution_id=8),
            {"reason": "invoice", "debtor": "person", "debtor_name": "永安药业"},
        ),
        (
            case("other", "35"),
            {"reason": "other", "debtor": "person", "debtor_name": "永安药业"},
        ),
    ],
)
def test_a_case_names_its_party(row: Any, owed: dict[str, str]) -> None:
    claim: Any = SimpleNamespace(visit=HOSPITAL)
    assert owed_by_case(row, claim) == owed
