"""Institutions whose programs are let in, and how far each has come with its list."""

from typing import Any

from django.db.models import QuerySet

from accounts.clock import today
from accounts.models import User
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr
from gateway.acceptance.period import USUAL
from gateway.acceptance.results import results
from gateway.clients.models import Client
from institutions.models import Institution, Level


class AcceptanceFilter(FilterForm):
    level = chosen("级别", "level", Level.choices)


def _institutions(user: User) -> QuerySet[Institution]:
    """Those of the user's area that have a client."""
    rows = Institution.objects.visible_to(user).filter(pk__in=Client.objects.values("institution"))
    return rows.order_by("code")


def _with_results(user: User, rows: list[Any]) -> list[Any]:
    day = today()
    found = results(rows, since=day - USUAL, until=day)
    for row in rows:
        row.result = found[row.pk]
    return rows


ACCEPTANCES = Listing(
    "接口验收",
    "gateway.view_acceptance",
    _institutions,
    (
        Column("机构代码", attr("code"), "code", sort=True),
        Column("机构", attr("name"), sort=True, link="gateway:acceptance"),
        Column("清单", attr("result.title")),
        Column("应测", attr("result.must"), "whole"),
        Column("通过", attr("result.passed"), "whole"),
        Column("未通过", attr("result.failed"), "whole"),
        Column("未发送", attr("result.never"), "whole"),
        Column("结论", attr("result.standing"), "status"),
    ),
    AcceptanceFilter,
    empty="还没有机构接入",
    hint=f"近 {USUAL.days} 天的报文；点机构看逐项结果，可换期间",
    gather=_with_results,
)
