"""Papers of progress: the kept progress sheet, and the working lists that go to the villages."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.clock import today
from accounts.models import Division, User
from accounts.permissions import Request
from accounts.templatetags.hezuo import day, mask_id, mask_phone, percent, yuan
from desk.papers import Facts, PaperKind, paper_route
from enrollment.cover.models import Campaign
from enrollment.people.registered import place_of
from enrollment.progress.figures import targets_within
from enrollment.progress.missing import missing_households, total_missing
from enrollment.progress.models import CheckList
from enrollment.progress.owing import owing
from enrollment.progress.sheets import Sheet, SheetRow
from enrollment.progress.views.asked import one_sheet, village_asked_for
from enrollment.progress.views.checks import lines_of, one_check_list
from policies.services import scheme_on


@dataclass(frozen=True)
class ProgressPaper:
    """A kept sheet as the user's place sees it, by township or by village."""

    shown: Sheet
    by_township: bool
    user: User

    @property
    def is_county(self) -> bool:
        return self.user.division_code == self.user.county_code


def _known(value: Any) -> Any:
    return "—" if value is None else value


def _cells(row: SheetRow) -> list[Any]:
    """The columns of the form (报表), in its order; amounts in yuan."""
    return [
        row.households,
        row.enrolled_households,
        row.people,
        row.enrolled,
        percent(row.rate),
        _known(row.target),
        _known(row.shortfall),
        f"{row.special_enrolled}/{row.special_people}",
        row.receipts,
        yuan(row.personal),
        yuan(row.remitted),
        yuan(row.unremitted),
        _known(row.more_people),
        yuan(row.more_personal),
    ]


def progress_facts(paper: ProgressPaper) -> Facts:
    sheet, before = paper.shown.sheet, paper.shown.before
    return {
        "year": sheet.campaign.year,
        "scheme": scheme_on(paper.user.county_code, date(sheet.campaign.year, 1, 1)),
        "unit": paper.user.division.name if paper.user.division else "",
        "day": day(sheet.day),
        "before": day(before.day) if before else "",
        "by_township": paper.by_township,
        "rows": [
            {"name": row.name, "cadres": row.cadres, "cells": _cells(row)}
            for row in paper.shown.rows
        ],
        "total": _cells(paper.shown.total),
    }


PROGRESS_SHEET = PaperKind(
    "enrollment.progress_sheet",
    "筹资进度表",
    "enrollment/progress/sheet.html",
    "enrollment.progress",
    progress_facts,
    division_code=lambda paper: paper.user.division_code,
    subject=lambda paper: paper.shown.sheet,
    edition=lambda paper: (
        f"{paper.user.division_code} {'township' if paper.by_township else 'village'}"
    ),
    size="A4 landscape",
)


def _progress(request: Request, pk: int) -> ProgressPaper:
    shown, by_township = one_sheet(request, pk)
    return ProgressPaper(shown, by_township, request.user)


@dataclass(frozen=True)
class MissingList:
    under: Division
    campaign: Campaign
    on: date


def missing_facts(row: MissingList) -> Facts:
    found = missing_households(code=row.under.code, campaign=row.campaign)
    people = [member.person for one in found for member in one.members]
    due = owing(people=people, campaign=row.campaign, on=row.on) if people else {}
    target = targets_within(row.under.code, row.campaign).get(row.under.code)
    return {
        "year": row.campaign.year,
        "last_day": day(row.campaign.last_day),
        "place": row.under.name,
        "cadres": target.cadres if target else "",
        "on": day(row.on),
        "total": total_missing(found),
        "households": [
            {
                "number": one.household.number,
                "kind": "漏户" if one.is_whole else "漏人",
                "head": one.head,
                "group": one.household.division.place,
                "address": one.household.address,
                "phone": one.household.phone
                or next((m.person.phone for m in one.members if m.person.phone), ""),
                "members": [
                    {
                        "name": member.person.name,
                        "resident_id": member.person.resident_id,
                        "due": due[member.person.pk],
                        "state": member.state,
                    }
                    for member in one.members
                ],
            }
            for one in found
        ],
    }


MISSING = PaperKind(
    "enrollment.missing",
    "未参保名单",
    "enrollment/progress/missing_paper.html",
    "enrollment.progress",
    missing_facts,
    subject=lambda row: row.under,
    kept=False,
    size="A4 landscape",
    clear={"resident_id": mask_id, "phone": mask_phone},
)


def _missing(request: Request) -> MissingList:
    return MissingList(*village_asked_for(request), today())


def check_facts(check: CheckList) -> Facts:
    """The people as they stand now: a working list, corrected by what comes back."""
    return {
        "number": check.pk,
        "year": check.campaign.year,
        "place": place_of(check.division),
        "printed": f"{day(check.printed_on)} {check.printed_by.name}",
        "lines": [
            {
                "line": row["line"].line,
                "household": row["person"].household.number,
                "name": row["person"].name,
                "sex": row["person"].get_sex_display(),
                "birth_date": day(row["person"].birth_date),
                "resident_id": row["person"].resident_id,
                "relationship": row["person"].get_relationship_display(),
                "statuses": row["statuses"],
                "tier": row["cover"].tier_name if row["cover"] else "",
            }
            for row in lines_of(check)
        ],
    }


CHECK_LIST = PaperKind(
    "enrollment.check_list",
    "核对表",
    "enrollment/progress/check_paper.html",
    "enrollment.enroll",
    check_facts,
    kept=False,
    size="A4 landscape",
    clear={"resident_id": mask_id},
)


def reward_facts(under: Division) -> Facts:
    """The page itself is a reckoning of today, printed as it stands."""
    return {"place": under.name}


REWARDS = PaperKind(
    "enrollment.rewards",
    "奖励测算",
    "enrollment/progress/rewards.html",
    "enrollment.progress",
    reward_facts,
    kept=False,
)

ROUTES = [
    paper_route("watch/sheets/<int:pk>", PROGRESS_SHEET, _progress, name="sheet"),
    paper_route(
        "watch/missing/paper", MISSING, _missing, name="missing_paper", back="enrollment:missing"
    ),
    paper_route("watch/checks/<int:pk>/paper", CHECK_LIST, one_check_list, name="check_paper"),
]
