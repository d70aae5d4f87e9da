"""Trials of the second compensation, and the people on the list of one."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from accounts.clock import today
from accounts.models import User
from accounts.permissions import Request
from claims.second.forms import RunForm
from claims.second.models import SecondGrant, SecondPayment, SecondRun
from desk.filters import FilterForm, chosen
from desk.jobs import JobQuerySet
from desk.listing import Column, Listing, attr, state
from lib.bank_numbers import masked_account
from policies.models import Pack
from policies.services import terms_of


def runs(user: User) -> JobQuerySet[SecondRun]:
    rows = SecondRun.objects.visible_to(user)
    return rows.select_related("area", "requested_by", "grant").order_by("-pk")


def has_second(user: User) -> bool:
    """Whether the measures of the user's county know a second compensation: those of today, or
    those of the year that is over, which is tried out by them."""
    return known_between(user.county_code, last_year_s_end(today()), today())


def last_year_s_end(day: date) -> date:
    return date(day.year - 1, 12, 31)


def known_between(area_code: str, first: date, last: date) -> bool:
    """Whether measures in force on any of the days know one. One statement that reads no text: the
    menu asks it on every page."""
    packs = Pack.objects.adopted().filter(area__code=area_code)
    packs = packs.filter(first_day__lte=last, last_day__gte=first)
    return any(_knows(sha256) for sha256 in packs.values_list("sha256", flat=True))


@lru_cache(maxsize=32)
def _knows(sha256: str) -> bool:
    """What a text says never changes: it is read once."""
    pack = Pack.objects.filter(sha256=sha256).only("sha256", "source")[0]
    return terms_of(pack).second is not None


def _start(request: Request) -> dict[str, Any]:
    is_known = has_second(request.user)
    may = request.user.may("claims.propose_second") and is_known
    form = RunForm(initial={"year": today().year - 1}) if may else None
    return {"run_form": form, "is_unknown": not is_known}


def _decided(run: SecondRun) -> str:
    return run.grant.get_status_display() if hasattr(run, "grant") else ""


class RunFilter(FilterForm):
    decision = chosen("支付审批", "grant__status", SecondGrant.Status.choices)


RUNS = Listing(
    "年终二次补偿",
    "claims.view_second",
    runs,
    (
        Column("试算", attr("pk"), "code", link="claims:second"),
        Column("统筹区", attr("area.name")),
        Column("年度", attr("year"), sort=True),
        Column("可用结余", attr("budget"), "yuan"),
        Column("人数", attr("number_of"), "whole"),
        Column("应补偿", attr("due_amount"), "yuan"),
        Column("补偿金额", attr("amount"), "yuan"),
        Column("试算时间", attr("requested_at"), "minute"),
        Column("状态", state(), "status"),
        Column("支付审批", _decided),
    ),
    RunFilter,
    empty="还没有试算过二次补偿",
    hint="办法写明年终二次补偿的县，年终按全年自付试算",
    beside=_start,
    template="claims/second/runs.html",
)


class PaymentFilter(FilterForm):
    status = chosen("状态", "status", SecondPayment.Status.choices)


def _payments(user: User, run: SecondRun) -> QuerySet[SecondPayment]:
    rows = SecondPayment.objects.visible_to(user).filter(run=run)
    return rows.select_related("person", "division__parent")


PAYMENTS = Listing(
    "补偿名单",
    "claims.view_second",
    _payments,
    (
        Column("号", attr("pk"), "code"),
        Column("参保人", attr("person.name"), "name"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("个人自付", attr("own_amount"), "yuan", sort=True, total="own_amount"),
        Column("应补偿", attr("due_amount"), "yuan", sort=True, total="due_amount"),
        Column("补偿金额", attr("amount"), "yuan", sort=True, total="amount"),
        Column("收款人", attr("payee"), "name"),
        Column("账号", lambda row: masked_account(row.account)),
        Column("支付日期", attr("paid_on"), "day"),
        Column("状态", state(), "status"),
    ),
    PaymentFilter,
    key="payments",
    empty="名单上没有人",
    template="claims/second/run.html",
)
