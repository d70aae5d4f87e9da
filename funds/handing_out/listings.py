"""The exports of the ledgers."""

from accounts.models import User
from desk.jobs import JobQuerySet
from desk.listing import Column, Listing, attr, state
from funds.handing_out.models import LedgerExport


def _exports(user: User) -> JobQuerySet[LedgerExport]:
    return LedgerExport.objects.visible_to(user).select_related("book__area", "requested_by")


def _when_there(row: LedgerExport) -> int | None:
    return row.pk if row.may_be_taken else None


def _progress(row: LedgerExport) -> str:
    return row.progress_told or "点账套下载"


EXPORTS = Listing(
    "账簿导出",
    "funds.export",
    _exports,
    (
        Column("账套", attr("book"), link="funds:take_export", link_to=_when_there),
        Column("申请时间", attr("requested_at"), "minute"),
        Column("申请人", attr("requested_by.name")),
        Column("用途", attr("reason"), width=30),
        Column("状态", state(), "status", hint=_progress),
        Column("分录数", attr("postings"), "whole"),
        Column("大小", attr("size_told")),
        Column("文件指纹", lambda row: row.sha256[:16], "code"),
    ),
    empty="还没有导出账簿",
    hint="导出含总账、序时账、明细账、日记账、科目余额的工作簿，原始记录和核验程序",
    refresh=attr("is_unfinished"),
    template="funds/handing_out/exports.html",
)
