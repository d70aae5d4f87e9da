"""Two records of one person, proposed and decided."""

from desk.decision_lists import DECIDED, DecisionFilter
from desk.listing import Column, Listing, attr, visible
from enrollment.people.same_models import SamePerson


class SameFilter(DecisionFilter):
    decides = "enrollment.decide_change"


SAME_PEOPLE = Listing(
    "重复登记",
    "enrollment.view_changes",
    visible(
        SamePerson,
        "kept__household__division__parent",
        "given_up__household__division__parent",
        "proposed_by",
        "decided_by",
    ),
    (
        Column("保留的登记", attr("kept.name"), "name", link="enrollment:same_person"),
        Column("申请事项", lambda row: "撤销合并" if row.undoes_id else "合并"),
        Column("户编号", attr("kept.household.number")),
        Column("村组", attr("kept.household.division.place")),
        Column("停用的登记", attr("given_up.name"), "name"),
        Column("原户编号", attr("given_up.household.number")),
        Column("申请号", lambda row: str(row.pk), "code"),
        *DECIDED,
    ),
    SameFilter,
    person="kept",
    empty="没有重复登记的申请",
    hint="同一人登记了两次的，在成员所在家庭页点“重复登记”申请，由另一人在这里审批。",
)
