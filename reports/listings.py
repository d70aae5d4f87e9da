"""The month reports and the what-ifs of the area, with those that are still being computed."""

from django.db.models import QuerySet

from accounts.models import User
from desk.listing import Column, Listing, attr
from desk.tones import choice_of
from reports.models import MonthlyReport
from reports.whatif.models import Simulation


def _reports(user: User) -> QuerySet[MonthlyReport]:
    rows = MonthlyReport.objects.visible_to(user).defer("figures")
    return rows.select_related("area", "requested_by")


def _when_done(row: MonthlyReport) -> int | None:
    return row.pk if row.status == MonthlyReport.Status.DONE else None


REPORTS = Listing(
    "基金运行月报",
    "reports.view",
    _reports,
    (
        Column(
            "月份",
            lambda row: f"{row.year}年{row.month}月",
            link="reports:show",
            link_to=_when_done,
        ),
        Column("编制", lambda row: f"第 {row.edition} 次"),
        Column("状态", choice_of, "status", hint=attr("explained")),
        Column("申请人", lambda row: row.requested_by.name if row.requested_by else "每月自动"),
        Column("申请时间", attr("requested_at"), "minute"),
        Column("完成时间", attr("finished_at"), "minute"),
    ),
    empty="还没有月报",
    hint="每月 1 日自动编制上月月报；也可由基金监管或会计申请",
    refresh=attr("is_unfinished"),
    template="reports/list.html",
)


def _simulations(user: User) -> QuerySet[Simulation]:
    return Simulation.objects.visible_to(user).select_related("requested_by").defer("source")


SIMULATIONS = Listing(
    "政策试算",
    "policies.view_simulations",
    _simulations,
    (
        Column("试算办法", attr("name"), link="reports:whatif_show"),
        Column("年度", lambda row: str(row.year)),
        Column("状态", choice_of, "status", hint=attr("explained")),
        Column("实际支出", attr("figures.total.before"), "fen"),
        Column("试算支出", attr("figures.total.after"), "fen"),
        Column("增减", attr("figures.total.change"), "fen"),
        Column("申请人", attr("requested_by.name")),
        Column("申请时间", attr("requested_at"), "minute"),
    ),
    empty="还没有试算",
    hint="在“政策办法”中据现行办法建立草稿、改数，再到这里用去年的结算单试算",
    refresh=attr("is_unfinished"),
    template="reports/whatif/list.html",
)
