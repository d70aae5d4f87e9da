"""Other places of practice, those that wait and those that were decided."""

from accounts.models import User
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import typed
from desk.listing import Column, Listing, attr
from institutions.listings import of_institution
from institutions.practice.models import PracticePlace, PracticePlaceQuerySet


class PlaceFilter(DecisionFilter):
    decides = "institutions.decide_practice_place"
    institution = typed("机构代码或名称", of_institution)


def _places(user: User) -> PracticePlaceQuerySet:
    rows = PracticePlace.objects.visible_to(user)
    return rows.select_related(
        "practitioner__institution", "institution__division", "proposed_by", "decided_by"
    )


PLACE_LIST = Listing(
    "多点执业",
    "institutions.view_eligibility",
    _places,
    (
        Column("医师代码", attr("practitioner.code"), "code", link="institutions:practice_place"),
        Column("姓名", attr("practitioner.name")),
        Column("主要执业机构", attr("practitioner.institution.name")),
        Column("另在", attr("institution.name"), sort="institution__code"),
        Column("自", attr("first_day"), "day", sort=True),
        Column("至", attr("last_day"), "day", sort=True),
        *DECIDED,
    ),
    PlaceFilter,
    template="institutions/practice/list.html",
    empty="没有登记多点执业",
    hint="医师只在主要执业机构和备案的机构执业；都不在有效期内的，其开具的费用不予支付，急诊、抢救除外",
)
