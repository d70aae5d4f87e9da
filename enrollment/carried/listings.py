"""The files that were brought in, and the rows of one with their verdicts."""

from accounts.models import User
from desk.carried_pages import files_list, lines_list
from desk.decision_lists import DECIDED, DecisionFilter
from desk.listing import Column, Listing, attr
from enrollment.carried.mending_models import CarriedMending, CarriedMendingQuerySet
from enrollment.carried.models import CarriedRow, CarriedTable

CARRIED_LIST = files_list(
    "原系统转入",
    "enrollment.view_carried",
    CarriedTable,
    "enrollment:carried_detail",
    "enrollment/carried/list.html",
)
CARRIED_ROWS = lines_list("enrollment.view_carried", CarriedTable, CarriedRow, "desk/carried.html")


class MendingFilter(DecisionFilter):
    decides = "enrollment.decide_mending"


def _mendings(user: User) -> CarriedMendingQuerySet:
    rows = CarriedMending.objects.visible_to(user)
    return rows.select_related(
        "cover__person", "household", "division__parent", "proposed_by", "decided_by"
    )


MENDINGS = Listing(
    "转入更正",
    "enrollment.view_carried",
    _mendings,
    (
        Column("更正什么", attr("subject"), link="enrollment:mending"),
        Column("村组", attr("division.place")),
        Column("原期初转入", attr("was"), "yuan"),
        Column("更正为", attr("amount"), "yuan"),
        *DECIDED,
    ),
    MendingFilter,
    empty="没有更正",
    hint="在家庭页面上，转入的参保、期初转入旁边提出",
)
