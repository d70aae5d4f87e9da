"""A hospital's day as one batch: the same rows as one by one, to the fen and to the word."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import models, transaction

from accounts.models import AuditLine, Division
from claims.models import (
    BillLine,
    Settlement,
    SettlementFund,
    SettlementStep,
    UsageEntry,
    Visit,
)
from claims.services.settling import SERIALS
from claims.visits import services
from claims.visits.services.together import Day
from claims.why.models import Determination
from claims.why.recomputing import recompute
from enrollment.models import Enrollment, Person
from tests.claims.conftest import TODAY, Register
from tests.claims.test_statements import statements
from tests.claims.visits.conftest import Ward, charged, in_bed, yuan

# Numbers are drawn once and for all, and a clock goes on.
APART = {"id", "number", "settlement", "drawn_first", "at"}
TABLES: list[type[models.Model]] = [
    Settlement, SettlementFund, SettlementStep, UsageEntry, Determination, BillLine, Visit,
    Enrollment,
]  # fmt: skip


class _UndoneError(Exception):
    pass


def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything that a settlement writes, told by the visit where ids differ."""
    visit = dict(Settlement.objects.values_list("pk", "visit"))
    found: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        names = [one for one in table._meta.concrete_fields if one.name not in APART]
        kept = [
            {one.name: getattr(row, one.attname) for one in names
             if not isinstance(one, models.DateTimeField)}
            | {"of": visit.get(getattr(row, "settlement_id", 0))}
            for row in table._default_manager.order_by("pk")
        ]  # fmt: skip
        found[table.__name__] = sorted(kept, key=repr)
    told = AuditLine.objects.filter(action__in=["claims.entered", "claims.visit_settled"])
    found["trail"] = [
        {"action": one.action, "before": one.before, "division": one.division_code}
        | {"user": one.user_id, "role": one.role}
        | {"after": {k: v for k, v in (one.after or {}).items() if k != "number"}}
        for one in told.order_by("pk")
    ]
    return found


def undone(act: Callable[[], object]) -> dict[str, list[dict[str, Any]]]:
    """What the act writes, taken back."""
    try:
        with transaction.atomic():
            act()
            found = rows()
            raise _UndoneError
    except _UndoneError:
        return found


def seen(ward: Ward, person: Person, day: int, price: str, **facts: Any) -> Visit:
    """An outpatient visit of that day of March with its bill of three lines."""
    visit = ward.admit(person, in_bed(date(2026, 3, day), **{"care": "outpatient"} | facts))
    ward.bill(
        visit, charged("X01", "1", price), charged("X02", "2", "10"), charged("F01", "1", "35")
    )
    return visit


def together(ward: Ward, *visits: Visit) -> Day:
    return services.settle_day(actor=ward.clerk, visits=visits, on=TODAY)


def test_as_one_by_one(ward: Ward, register: Register, village_a: Division) -> None:
    """王建国 and 李秀兰 share 80 yuan, 王建国 comes twice; 赵大海 meets the cap of his dialysis;
    陈素英 spends the 40 of her own account."""
    home = register.household(village_a)
    wang, li = register.person("王建国", home), register.person("李秀兰", home)
    zhao = register.person("赵大海", register.household(village_a))
    chen = register.person("陈素英", register.household(village_a), statuses=["wubao"])
    ill = {"care": "special", "diseases": {"dialysis"}}
    visits = [
        seen(ward, wang, 2, "20"),
        seen(ward, zhao, 2, "90000", **ill),
        seen(ward, li, 2, "30"),
        seen(ward, chen, 2, "25"),
        seen(ward, wang, 4, "40"),
        seen(ward, zhao, 5, "90000", **ill),
        seen(ward, zhao, 6, "500", **ill),
    ]
    SERIALS.next("500225", 2026)
    apart = undone(lambda: [ward.settle(visit) for visit in visits])
    whole = undone(lambda: together(ward, *visits))
    for table, expected in apart.items():
        assert whole[table] == expected, table
    day = together(ward, *visits)
    assert not day.left
    assert [one.visit_id for one in day.settled] == [visit.pk for visit in visits]
    usage = UsageEntry.objects.totals()
    assert (usage["household_account"], usage["annual_paid"]) == (-12_000, 6_000_000)
    for kept in Determination.objects.select_related("settlement", "pack"):
        assert not recompute(kept).differences


def test_what_asks_more_is_left(ward: Ward, register: Register, village_a: Division) -> None:
    """A stay, two visits of one day, no bill: each says why, and what comes after waits too."""
    home = register.household(village_a)
    wang, li = register.person("王建国", home), register.person("李秀兰", home)
    zhao = register.person("赵大海", register.household(village_a))
    sun = register.person("孙小妹", register.household(village_a))
    bare = ward.admit(wang, in_bed(date(2026, 3, 2), care="outpatient"))
    after, twice = seen(ward, li, 4, "30"), [seen(ward, zhao, 4, "10")]
    bed, plain = ward.admit(zhao, in_bed(date(2026, 3, 10))), seen(ward, sun, 4, "10")
    twice.append(
        ward.admit(zhao, in_bed(date(2026, 3, 4), care="outpatient", alike_reason="另一科室"))
    )
    day = together(ward, bare, after, *twice, bed, plain)
    assert [one.visit_id for one in day.settled] == [plain.pk]
    assert day.left == {
        bare.pk: "没有可结算的费用明细，请先录入费用",
        after.pk: "排在它前面的就诊没有一并结算，请单独结算",
        twice[0].pk: "同一天还有另一次就诊（大足县人民医院），请单独结算",
        twice[1].pk: "排在它前面的就诊没有一并结算，请单独结算",
        bed.pk: "排在它前面的就诊没有一并结算，请单独结算",
    }
    assert ward.settle(after).fund_amount == yuan("80.00")
    again = together(ward, plain)
    assert not again.settled
    assert plain.pk in again.left


@pytest.mark.parametrize("count", [2, 9])
def test_costs_the_same_for_few_and_many(
    ward: Ward, register: Register, village_a: Division, count: int
) -> None:
    people = [register.person(f"周{n}", register.household(village_a)) for n in range(count)]
    visits = [seen(ward, one, 4, "30") for one in people]
    SERIALS.next("500225", 2026)
    days: list[Day] = []
    assert statements(lambda: days.append(together(ward, *visits))) == 25
    assert len(days[0].settled) == count
