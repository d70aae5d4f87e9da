"""Complaints; who told stands on no list."""

from typing import Any

from accounts.models import User
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state
from supervision.complaints.models import Complaint


def complaints_of(user: User) -> Any:
    return Complaint.objects.visible_to(user)


UNFINISHED = "unfinished"


def _standing(rows: Any, value: str) -> Any:
    return rows.unfinished() if value == UNFINISHED else rows.filter(status=value)


class ComplaintFilter(FilterForm):
    status = chosen("状态", _standing, [(UNFINISHED, "未办结"), *Complaint.Status.choices])
    channel = chosen("渠道", "channel", Complaint.Channel.choices)


COMPLAINT_LIST = Listing(
    "投诉举报",
    "supervision.view_complaints",
    complaints_of,
    (
        Column("编号", attr("number"), "code", link="supervision:complaint"),
        Column("被投诉举报人", attr("about")),
        Column("渠道", attr("get_channel_display")),
        Column("收到", attr("received_on"), "day", sort=True),
        Column("期限", attr("due_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    ComplaintFilter,
    template="supervision/complaints/list.html",
    empty="没有符合条件的投诉举报",
    hint="举报人信息加密保存，查看须有理由并留痕",
)
