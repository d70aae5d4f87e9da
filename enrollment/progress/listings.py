"""Kept progress sheets, check lists of the villages, and who is missing in a village."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from accounts.models import User
from desk.listing import Column, Listing, attr, visible
from desk.tones import TonedChoices
from enrollment.progress.missing import MissingHousehold, MissingMember
from enrollment.progress.models import CheckList, ProgressSheet

SHEETS = Listing(
    "周一、周四进度表",
    "enrollment.progress",
    visible(ProgressSheet, "campaign", "taken_by"),
    (
        Column("报表日期", attr("day"), "day", link="enrollment:sheet", sort=True),
        Column("年度", lambda row: str(row.campaign.year)),
        Column("生成时间", attr("taken_at"), "minute"),
        Column("生成人", lambda row: row.taken_by.name if row.taken_by else "按时自动"),
    ),
    empty="还没有进度表",
    hint="征缴期内每逢报表日早晨自动生成，也可由会计当日生成；生成后留存不变。",
    template="enrollment/progress/sheets.html",
)


class Whereabouts(TonedChoices):
    """Where a check list is."""

    BACK = "back", "good", "已交回"
    OUT = "out", "wait", "在村核对"


def _check_lists(user: User) -> QuerySet[CheckList]:
    rows = CheckList.objects.visible_to(user).annotate(
        people=Count("lines", distinct=True), mended=Count("lines__corrections")
    )
    related = ("division__parent", "campaign", "printed_by", "returned_by")
    return rows.select_related(*related).order_by("-pk")


def _returned(row: CheckList) -> str:
    return f"{row.returned_on} {row.returned_by}" if row.returned_on else ""


CHECKS = Listing(
    "村组核对",
    "enrollment.enroll",
    _check_lists,
    (
        Column("核对表", lambda row: f"{row.pk} 号", link="enrollment:check"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("年度", lambda row: str(row.campaign.year)),
        Column("人数", attr("people"), "whole"),
        Column("打印", lambda row: f"{row.printed_on} {row.printed_by}", sort="printed_on"),
        Column("交回", _returned, sort="returned_on"),
        Column("村核对人", attr("checked_by")),
        Column(
            "状态", lambda row: Whereabouts.BACK if row.returned_on else Whereabouts.OUT, "status"
        ),
        Column("更正项", attr("mended"), "whole"),
        Column("", lambda row: "打印", link="enrollment:check_paper", where="page"),
    ),
    empty="还没有核对表",
    hint="选一个村，打印核对表交村里核对。",
    template="enrollment/progress/checks.html",
    route="enrollment:checks",
)


class Gap(TonedChoices):
    """Whether nobody of a household is enrolled, or not everybody."""

    WHOLE = "whole", "bad", "漏户"
    PART = "part", "wait", "漏人"


@dataclass(frozen=True)
class MissingPerson:
    """A person who is not enrolled, with the household."""

    home: MissingHousehold
    member: MissingMember

    @property
    def gap(self) -> Gap:
        return Gap.WHOLE if self.home.is_whole else Gap.PART


def people_of(households: Sequence[MissingHousehold]) -> list[MissingPerson]:
    return [MissingPerson(home, member) for home in households for member in home.members]


def _nobody(user: User) -> Sequence[MissingPerson]:
    """The page gives those of one village."""
    return ()


MISSING = Listing(
    "未参保名单",
    "enrollment.progress",
    _nobody,
    (
        Column("村组", attr("home.household.division.place")),
        Column(
            "户编号",
            attr("home.household.number"),
            "code",
            link="enrollment:household_detail",
            link_to=attr("home.household.pk"),
        ),
        Column("户主", attr("home.head")),
        Column("漏户、漏人", attr("gap"), "status"),
        Column("姓名", attr("member.person.name"), "name"),
        Column("身份证号", attr("member.person.resident_id"), "id"),
        Column("与户主关系", attr("member.person.get_relationship_display")),
        Column("情况", attr("member.state")),
    ),
    empty="没有漏户、漏人",
    hint="在册的人都已参保。",
)
