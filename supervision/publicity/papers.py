"""The year's plan with its progress as a printed list, and how far the villages are covered."""

from dataclasses import dataclass
from typing import Any

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day
from desk.papers import Facts, PaperKind, paper_route
from supervision.publicity.listings import covered, measures_of
from supervision.publicity.models import PublicityTask


@dataclass(frozen=True)
class YearPlan:
    """The plan of a county's year, as `measures` stand now."""

    area: Division
    year: int
    measures: list[Any]


def coverage(area: Division, year: int) -> tuple[int, int]:
    """Villages where something was done, of those that the plan names."""
    tasks = PublicityTask.objects.filter(
        measure__area=area, measure__year=year, division__level=Division.Level.VILLAGE
    ).exclude(status=PublicityTask.Status.DROPPED)
    done = tasks.filter(status=PublicityTask.Status.DONE).values("division").distinct()
    return done.count(), tasks.values("division").distinct().count()


def plan_facts(plan: YearPlan) -> Facts:
    done, asked = coverage(plan.area, plan.year)
    return {
        "area": plan.area.name,
        "year": plan.year,
        "lines": [
            [
                f"{at}",
                row.what,
                row.get_form_display(),
                row.get_reach_display(),
                row.charged,
                day(row.due_on),
                f"{row.done}／{row.asked}",
                f"{covered(row) or 0}%",
                f"{row.late}" if row.late else "",
            ]
            for at, row in enumerate(plan.measures, start=1)
        ],
        "villages_done": done,
        "villages": asked,
        "printed_on": day(today()),
    }


PUBLICITY_PLAN = PaperKind(
    "supervision.publicity_plan",
    "宣传计划表",
    "supervision/publicity/paper.html",
    "supervision.view_publicity_plan",
    plan_facts,
    subject=lambda plan: plan.area,
    edition=lambda plan: str(plan.year),
    kept=False,
    size="A4 landscape",
)


def _plan(request: Request, code: str, year: int) -> YearPlan:
    area = get_visible(Division, request.user, code=code)
    rows = measures_of(request.user).filter(area=area, year=year)
    return YearPlan(area, year, list(rows))


ROUTES = [
    paper_route(
        "publicity/plan/<str:code>/<int:year>/paper", PUBLICITY_PLAN, _plan, name="publicity_paper"
    )
]
