"""A small county that inspects: two village clinics, a hospital, a team of three."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import Division, User
from accounts.roles import Role
from desk.decisions import Asked
from institutions.models import Institution, Level
from supervision.inspections import services
from supervision.inspections.answering import Typed, finish_inspection, standing, take_answers
from supervision.inspections.items import DAY, NUMBER, Item
from supervision.inspections.models import (
    Checklist,
    Inspection,
    Sweep,
    SweepPlace,
)
from supervision.inspections.workflow import CHECKLISTS
from tests.conftest import make_user

TODAY = date(2026, 4, 2)


@pytest.fixture(autouse=True)
def april(settings: Any, tmp_path: Path) -> None:
    settings.TODAY = TODAY
    settings.SCANS_ROOT = str(tmp_path / "scans")


def clinic(code: str, name: str, division: Division) -> Institution:
    return Institution.objects.create(
        code=code,
        name=name,
        level=Level.VILLAGE,
        kind=Institution.Kind.CLINIC,
        division=division,
    )


@dataclass
class World:
    """Who inspects, and what."""

    area: Division
    planner: User
    second: User
    third: User
    approver: User
    bridge: Institution
    temple: Institution
    clerk: User

    def checklist(self) -> Checklist:
        """The village clinics' list, in force."""
        asked = Asked(self.planner, TODAY, "府发〔2026〕3号", "年度检查")
        row = services.propose_checklist(
            asked=asked, area=self.area, name="village-clinic-2026", first_day=date(2026, 1, 1)
        )
        return CHECKLISTS.decide(row, "approve_checklist", actor=self.approver, on=TODAY)

    def plan(self, **other: object) -> services.Plan:
        said: dict[str, object] = {
            "title": "村卫生室专项检查",
            "kind": "special",
            "partners": "",
            "basis": "合管办〔2026〕5号",
            "checklist": None,
            "rounds": 1,
            "self_check_until": date(2026, 4, 10),
            "visits_from": date(2026, 4, 13),
            "visits_until": date(2026, 5, 29),
            "summary_until": date(2026, 6, 10),
        }
        said |= other
        said["checklist"] = said["checklist"] or self.checklist()
        return services.Plan(**said)  # type: ignore[arg-type]

    def sweep(self, **other: object) -> Sweep:
        return services.plan_sweep(
            actor=self.planner,
            area=self.area,
            plan=self.plan(**other),
            institutions=[self.bridge, self.temple],
        )

    def on_site(self, **other: object) -> Sweep:
        """A sweep whose visits have begun."""
        sweep = self.sweep(**other)
        return services.move_sweep(
            actor=self.planner, sweep=sweep, event="begin_visits", reason="", on=TODAY
        )

    def place(self, sweep: Sweep, institution: Institution) -> SweepPlace:
        return SweepPlace.objects.get(sweep=sweep, institution=institution)

    def visit(self, place: SweepPlace) -> Inspection:
        (row,) = services.arrange_visits(
            actor=self.planner,
            places=[place],
            members=[self.planner, self.second],
            due_on=date(2026, 4, 20),
        )
        return row

    def walked(self, row: Inspection, *, bad: str = "", by: User | None = None) -> Inspection:
        """Everything in order but `bad`."""
        actor = by or self.second
        typed = [answer(item, good(item)) for item in row.items if item.code != bad]
        typed += [answer(item, wrong(item), "见照片") for item in row.items if item.code == bad]
        take_answers(actor=actor, inspection=row, typed=typed)
        row = Inspection.objects.get(pk=row.pk)
        return finish_inspection(actor=actor, inspection=row, present="杨村医", remark="")


def good(item: Item) -> str:
    return {NUMBER: "0", DAY: "2027-12-31"}.get(item.kind, "good")


def wrong(item: Item) -> str:
    return {NUMBER: "99", DAY: "2026-01-31"}.get(item.kind, "bad")


def answer(item: Item | str, value: str, note: str = "", **other: object) -> Typed:
    said: dict[str, object] = {
        "item": item if isinstance(item, str) else item.code,
        "key": uuid4(),
        "base": None,
        "value": value,
        "note": note,
        "typed_at": timezone.now(),
    }
    return Typed(**(said | other))  # type: ignore[arg-type]


def values(row: Inspection) -> dict[str, str]:
    return {code: one.value for code, one in standing(row).items()}


def picture(colour: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def world(
    cast: SimpleNamespace,
    county: Division,
    village_a: Division,
    village_b: Division,
) -> World:
    bridge = clinic("H50022500901", "桥亭村卫生室", village_a)
    return World(
        area=county,
        planner=cast.supervisor,
        second=cast.reviewer,
        third=make_user("second_supervisor", "骆明", Role.SUPERVISOR, county),
        approver=cast.approver,
        bridge=bridge,
        temple=clinic("H50022500902", "石庙村卫生室", village_b),
        clerk=make_user(
            "bridge_clerk", "杨春", Role.INSTITUTION_CLERK, institution_code=bridge.code
        ),
    )
