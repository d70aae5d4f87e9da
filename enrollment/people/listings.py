"""Two records of one person, proposed and decided."""

from django.db.models import QuerySet

from accounts.models import User
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state
from enrollment.people.same_models import SamePerson


class SameFilter(FilterForm):
    status = chosen("状态", "status", SamePerson.Status.choices)

    def offer(self) -> None:
        # Who decides comes to decide.
        if self.user.may("enrollment.decide_change"):
            self.fields["status"].initial = SamePerson.Status.PROPOSED


def _rows(user: User) -> QuerySet[SamePerson]:
    return SamePerson.objects.visible_to(user).select_related(
        "kept__household__division__parent", "given_up__household__division__parent",
        "proposed_by", "decided_by",
    )  # fmt: skip


SAME_PEOPLE = Listing(
    "重复登记",
    "enrollment.view_changes",
    _rows,
    (
        Column("号", lambda row: str(row.pk), "code", link="enrollment:same_person"),
        Column("申请事项", lambda row: "撤销合并" if row.undoes_id else "合并"),
        Column("保留的登记", attr("kept.name"), "name"),
        Column("户编号", attr("kept.household.number")),
        Column("村组", attr("kept.household.division.place")),
        Column("停用的登记", attr("given_up.name"), "name"),
        Column("原户编号", attr("given_up.household.number")),
        Column("证明材料", attr("evidence")),
        Column("申请人", attr("proposed_by.name")),
        Column("申请日期", attr("proposed_on"), "day", sort=True),
        Column("审批人", lambda row: row.decided_by.name if row.decided_by else ""),
        Column("状态", state(), "status"),
    ),
    SameFilter,
    person="kept",
    empty="没有重复登记的申请",
    hint="同一人登记了两次的，在成员所在家庭页点“重复登记”申请，由另一人在这里审批。",
)
