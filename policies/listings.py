"""The measures of the area, and the drafts that are being changed."""

from accounts.models import User
from desk.listing import Column, Listing, attr, state
from policies.models import Draft, DraftQuerySet, Pack, PackQuerySet


def _packs(user: User) -> PackQuerySet:
    rows = Pack.objects.readable_by(user).select_related("area", "proposed_by", "adopted_by")
    return rows.defer("source")


PACK_LIST = Listing(
    "政策办法",
    "policies.view",
    _packs,
    (
        Column("名称", attr("name"), link="policies:show"),
        Column("版本", attr("version"), "whole"),
        Column("生效", attr("first_day"), "day", sort=True),
        Column("失效", attr("last_day"), "day", sort=True),
        Column("状态", state(), "status"),
        Column("提出人", attr("proposed_by.name")),
        Column("采用人", attr("adopted_by.name")),
        Column("采用时间", attr("adopted_at"), "minute"),
    ),
    empty="还没有政策办法",
    hint="由基金监管上传办法文本，复核采用后生效",
    template="policies/list.html",
)


def _drafts(user: User) -> DraftQuerySet:
    rows = Draft.objects.visible_to(user).being_edited()
    return rows.select_related("base", "changed_by").defer("source", "base__source")


DRAFTS = Listing(
    "正在修改的草稿",
    "policies.propose",
    _drafts,
    (
        Column("草稿", lambda row: f"草稿{row.pk}", link="policies:draft"),
        Column("据", lambda row: f"{row.base}（{row.base.first_day} 起）"),
        Column("最后修改", attr("changed_by.name")),
        Column("修改时间", attr("changed_at"), "minute"),
    ),
    key="drafts",
)
