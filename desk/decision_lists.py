"""What every list of decisions shows (`desk.decisions`): why, who asked, who decided, its state."""

from typing import ClassVar

from desk.columns import Column, attr, state
from desk.decisions import Decision
from desk.filters import FilterForm, chosen

DECIDED = (
    Column("证明材料", attr("evidence")),
    Column("申请人", attr("proposed_by.name")),
    Column("申请日期", attr("proposed_on"), "day", sort=True),
    Column("审批人", lambda row: row.decided_by.name if row.decided_by else ""),
    Column("状态", state(), "status"),
)


class DecisionFilter(FilterForm):
    decides: ClassVar[str]  # the permission

    status = chosen("状态", "status", Decision.Status.choices)

    def offer(self) -> None:
        # Who decides comes to decide.
        if self.user.may(self.decides):
            self.fields["status"].initial = Decision.Status.PROPOSED
