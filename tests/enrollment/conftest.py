"""The autumn of 2025 in 龙水镇: a campaign, receipt books and the Chen household."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.collection.books import issue_book
from enrollment.cover.campaigns import open_campaign
from enrollment.cover.enrolling import HouseholdEntry
from enrollment.models import Campaign
from enrollment.people.register import MemberEntry
from funds.services import open_book
from lib.periods import Month
from lib.resident_id import check_character
from policies.models import Pack

OCTOBER = date(2025, 10, 15)


def resident_id(born: str, sequence: int = 1, *, male: bool = True) -> str:
    """A valid number for somebody born on `born` (YYYYMMDD)."""
    body = f"500225{born}{2 * sequence + (1 if male else 0):03d}"
    return body + check_character(body)


def member(position: int, name: str, number: str, relationship: str, **facts: Any) -> MemberEntry:
    facts["statuses"] = frozenset(facts.get("statuses", ()))
    return MemberEntry(
        position=position, name=name, resident_id=number, relationship=relationship, **facts
    )


def the_chens() -> list[MemberEntry]:
    """Grandmother on 五保, father on 低保, mother ordinary, son at school."""
    return [
        member(0, "陈国强", resident_id("19780512"), "0", statuses={"dibao"}),
        member(1, "李桂芳", resident_id("19800103", male=False), "1"),
        member(2, "陈小明", resident_id("20120901"), "2", statuses={"student"}),
        member(3, "张素珍", resident_id("19500220", male=False), "5", statuses={"wubao"}),
    ]


@pytest.fixture
def campaign(pack: Pack, county: Division, cast: SimpleNamespace) -> Campaign:
    """Cover for 2026, collected from 1 October to 30 November 2025."""
    open_book(actor=cast.accountant, area=county, first_month=Month(2025, 1))
    return open_campaign(actor=cast.accountant, area=county, year=2026)


@pytest.fixture
def books(campaign: Campaign, cast: SimpleNamespace) -> SimpleNamespace:
    def issue(clerk: Any, code: str, last: int = 100) -> Any:
        return issue_book(
            actor=cast.accountant,
            clerk=clerk,
            year=2026,
            code=code,
            first_number=1,
            last_number=last,
        )

    return SimpleNamespace(
        a=issue(cast.clerk_a, "LS01"),
        a2=issue(cast.clerk_a2, "LS02"),
        b=issue(cast.clerk_b, "WG01"),
    )


@pytest.fixture
def entry_of(village_a: Division) -> Callable[..., HouseholdEntry]:
    """A new household of `village_a` on the second tier, unless told otherwise."""

    def build(members: list[MemberEntry], **facts: Any) -> HouseholdEntry:
        facts = {"division": village_a, "tier": "tier2", "address": "桥亭村 3 组 12 号"} | facts
        return HouseholdEntry(members=members, **facts)

    return build
