"""The bulletins."""

from django.db.models import QuerySet

from accounts.models import User
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state
from reports.bulletins.models import Bulletin


class BulletinFilter(FilterForm):
    status = chosen("状态", "status", Bulletin.Status.choices)


def _bulletins(user: User) -> QuerySet[Bulletin]:
    rows = Bulletin.objects.visible_to(user).defer("facts")
    return rows.select_related("area", "drafted_by", "issued_by").order_by("-first_on", "-pk")


BULLETIN_LIST = Listing(
    "简报",
    "reports.view_bulletins",
    _bulletins,
    (
        Column("期间", attr("period"), link="reports:bulletin"),
        Column("编号", attr("number"), "code"),
        Column("拟稿", attr("drafted_by.name")),
        Column("拟稿时间", attr("drafted_at"), "minute"),
        Column("签发", attr("issued_by.name")),
        Column("签发日期", attr("issued_on"), "day"),
        Column("状态", state(), "status"),
    ),
    BulletinFilter,
    empty="还没有简报：月报编制以后可以拟稿",
    hint="由月报和监管数据生成，一人拟稿、另一人签发；不出现姓名和病情",
    template="reports/bulletins/list.html",
)
