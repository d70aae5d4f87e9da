"""What an institution billed of late under codes of its own that mean nothing to the county yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, Max, OuterRef, Sum

from accounts.clock import today
from accounts.models import User
from claims.models import BillLine, Visit
from desk.listing import Column, Listing, attr
from institutions.sent_models import CodeMapping

# A quarter of bills: what is used at all comes up in it, and the page answers within a second.
DAYS = timedelta(days=90)
MAX_SHOWN = 1_000


@dataclass(frozen=True)
class Unmapped:
    """One own code with the catalogue's code that was sent with it."""

    own_code: str
    code: str
    name: str
    lines: int
    amount: Decimal
    last_on: date | None
    waits: bool


def unmapped_of(user: User, on: date) -> list[Unmapped]:
    """Of the user's institution, the largest sums first; `waits`: a mapping was sent and is not
    decided. One statement."""
    visits = Visit.objects.visible_to(user).filter(starts__gte=on - DAYS).order_by()
    same = CodeMapping.objects.filter(
        institution=OuterRef("visit__institution"), own_code=OuterRef("own_code")
    ).order_by()
    rows = BillLine.objects.filter(visit__in=visits, is_live=True).exclude(own_code="")
    rows = rows.exclude(Exists(same.filter(pk__in=CodeMapping.objects.holding(on).order_by())))
    waits = Exists(same.filter(status=CodeMapping.Status.PROPOSED))
    found = (
        rows.annotate(waits=waits)
        .order_by()
        .values("own_code", "item_code", "item_name", "waits")
        .annotate(lines=Count("pk"), sum=Sum("amount"), last=Max("charged_on"))
        .order_by("-sum", "own_code")
    )
    return [
        Unmapped(
            row["own_code"], row["item_code"], row["item_name"], row["lines"], row["sum"],
            row["last"], row["waits"],
        )
        for row in found[:MAX_SHOWN]
    ]  # fmt: skip


def _rows(user: User) -> Sequence[Unmapped]:
    return unmapped_of(user, today())


UNMAPPED = Listing(
    "未对照项目",
    "institutions.map_codes",
    _rows,
    (
        Column("机构项目编码", attr("own_code"), "code"),
        Column("上传的医保编码", attr("code"), "code"),
        Column("目录名称", attr("name"), width=30),
        Column("明细行数", attr("lines"), "whole"),
        Column("金额", attr("amount"), "yuan"),
        Column("最近计费", attr("last_on"), "day"),
        Column("对照", lambda row: "待审批" if row.waits else "没有提交"),
    ),
    empty="近 90 天上传的明细都有对照",
    hint="近 90 天就诊的明细中，机构编码还没有已同意对照的",
    template="gateway/unmapped.html",
)
