"""Filings in a table."""

from accounts.models import User
from claims.filings.models import CarriedFiling, CarriedFilings, Filing, FilingQuerySet
from desk.carried_pages import files_list, lines_list
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import chosen, typed
from desk.listing import Column, Listing, attr


class FilingFilter(DecisionFilter):
    decides = "claims.decide_filing"
    number = typed("备案号", "number__startswith", longest=24)
    kind = chosen("种类", "kind", Filing.Kind.choices)


def filings_of(user: User) -> FilingQuerySet:
    rows = Filing.objects.visible_to(user)
    return rows.select_related("person", "division__parent", "proposed_by", "decided_by")


FILING_LIST = Listing(
    "备案",
    "claims.view_filings",
    filings_of,
    (
        Column("备案号", attr("number"), "code", link="claims:filing", sort=True),
        Column("参保人", attr("person.name"), "name"),
        Column("种类", lambda row: row.get_kind_display(), sort="kind"),
        Column("病种、项目或经过", attr("about")),
        Column("自", attr("starts"), "day", sort=True),
        Column("至", attr("holds_until"), "day"),
        *DECIDED,
    ),
    FilingFilter,
    person="person",
    template="claims/filings/list.html",
    empty="没有备案",
    hint="转诊、异地就医、慢特病认定、特殊检查、外伤都先在这里备案",
)


def to_decide(user: User) -> FilingQuerySet:
    return Filing.objects.visible_to(user).to_decide()


CARRIED_LIST = files_list(
    "备案转入",
    "claims.carry_filings",
    CarriedFilings,
    "claims:carried_filing_detail",
    "claims/filings/carried.html",
)
CARRIED_ROWS = lines_list(
    "claims.carry_filings", CarriedFilings, CarriedFiling, "desk/carried.html"
)
