"""Notices that were issued, with what became of them: put up, proved, taken down, objected to."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from accounts.clock import start_of, today
from accounts.models import Division, User
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state
from desk.models import Paper
from desk.tones import TonedChoices
from supervision.notices import NOTICE_CODE
from supervision.public.models import Objection, Posting, PostingQuerySet
from supervision.public.notices import CODES, PAYMENTS, TITLES
from supervision.public.spans import month_of, quarter_of

TITLE_OF = {NOTICE_CODE: TITLES[PAYMENTS]} | {CODES[kind]: title for kind, title in TITLES.items()}
TO_POST, TO_PROVE, UP, OBJECTED = "to_post", "to_prove", "up", "objected"

# After so many days nobody is asked any more whether a printed notice hangs.
ASKED_DAYS = 60


def issued(user: User) -> Any:
    """Originals of notices within the user's scope."""
    rows = Paper.objects.visible_to(user).filter(kind__in=TITLE_OF, copy=0)
    return rows.select_related("printed_by").order_by("-pk")


def _waits() -> Q:
    """Printed lately and hung by nobody: an older one was looked at, or replaced."""
    lately = Q(printed_at__gte=start_of(today() - timedelta(days=ASKED_DAYS)))
    return lately & ~Q(Exists(_of_paper().valid()))


def _of_paper() -> PostingQuerySet:
    return Posting.objects.filter(paper=OuterRef("pk")).order_by()


def to_post(rows: Any) -> Any:
    return rows.filter(_waits())


def narrowed(rows: Any, value: str) -> Any:
    open_ones = Objection.objects.filter(paper=OuterRef("pk"), status__in=Objection.OPEN)
    wanted = {
        TO_POST: _waits(),
        TO_PROVE: Q(Exists(_of_paper().unproved())),
        UP: Q(Exists(_of_paper().filter(status=Posting.Status.UP))),
        OBJECTED: Q(Exists(open_ones.order_by())),
    }
    return rows.filter(wanted[value])


class PostedFilter(FilterForm):
    state = chosen(
        "办理",
        narrowed,
        [
            (TO_POST, "待张贴"),
            (TO_PROVE, "待上传照片"),
            (UP, "公示中"),
            (OBJECTED, "有异议未办结"),
        ],
    )
    kind = chosen("公示", "kind", [*TITLE_OF.items()])


def _posting(path: str) -> Any:
    def value(row: Paper) -> Any:
        posting = getattr(row, "posting", None)
        found = getattr(posting, path) if posting else None
        return found() if callable(found) else found

    return value


class Unposted(TonedChoices):
    """Of a notice of which nothing was entered."""

    WAITS = "waits", "wait", "待张贴"
    OLD = "old", "idle", "没有登记"


def handling(row: Any) -> TonedChoices:
    """What became of it, of a row that `_with_counts` has seen."""
    if row.posting:
        return Posting.Status(row.posting.status)
    is_late = row.printed_at < start_of(today() - timedelta(days=ASKED_DAYS))
    return Unposted.OLD if is_late else Unposted.WAITS


def span_text(row: Paper) -> str:
    """2026-03 of "2026-03 2": the span, without what tells supplements apart."""
    return row.edition.partition(" ")[0]


def span_words(row: Paper) -> str:
    """2026年3月, 2026年第1季度, 2026年度."""
    text = span_text(row)
    if "-" not in text:
        return f"{text}年度"
    return (quarter_of(text) if "-q" in text else month_of(text)).words


def paper_address(row: Paper) -> str:
    """Where the notice is shown as it was printed."""
    kinds = {code: f"public_{kind}" for kind, code in CODES.items()} | {NOTICE_CODE: "notice"}
    return reverse(f"supervision:{kinds[row.kind]}", args=[row.division_code, span_text(row)])


def _with_counts(user: User, rows: list[Paper]) -> list[Paper]:
    """Places, postings with photos, and objections of a page, in three statements."""
    codes = {row.division_code for row in rows}
    places = Division.objects.filter(code__in=codes).select_related("parent")
    names = {one.code: one.place for one in places}
    keys = [row.pk for row in rows]
    postings: Any = Posting.objects.valid().filter(paper__in=keys).order_by()
    hung = {one.paper_id: one for one in postings.annotate(number=Count("photos"))}
    objections = dict(
        Objection.objects.filter(paper__in=keys)
        .order_by()
        .values_list("paper")
        .annotate(number=Count("pk"))
    )
    for row in rows:
        told: Any = row
        told.place = names.get(row.division_code, row.division_code)
        told.posting = hung.get(row.pk)
        told.photo_count = told.posting.number if told.posting else 0
        told.objection_count = objections.get(row.pk, 0)
    return rows


POSTED_LIST = Listing(
    "公示张贴",
    "supervision.notices",
    issued,
    (
        Column("地方", attr("place"), link="supervision:posted_one"),
        Column("公示", lambda row: TITLE_OF[row.kind]),
        Column("期间", span_words),
        Column("打印", attr("printed_at"), "day", sort=True),
        Column("张贴日期", _posting("put_up_on"), "day"),
        Column("张贴人", _posting("put_up_by")),
        Column("照片", attr("photo_count"), "whole"),
        Column("公示截止", _posting("due_on"), "day"),
        Column("撤下日期", _posting("taken_down_on"), "day"),
        Column("办理", handling, "status"),
        Column("异议", attr("objection_count"), "whole"),
    ),
    PostedFilter,
    gather=_with_counts,
    empty="没有符合条件的公示",
    hint="在“公示表”打印以后，到这里登记张贴、上传照片",
)


class ObjectionFilter(FilterForm):
    status = chosen("状态", "status", Objection.Status.choices)


def objections(user: User) -> Any:
    rows = Objection.objects.visible_to(user)
    return rows.select_related("paper", "division__parent")


OBJECTION_LIST = Listing(
    "公示异议",
    "supervision.notices",
    objections,
    (
        Column("编号", attr("pk"), "code", link="supervision:objection"),
        Column("地方", attr("division.place"), sort="division__code"),
        Column("公示", lambda row: TITLE_OF[row.paper.kind]),
        Column("期间", lambda row: span_words(row.paper)),
        Column("收到", attr("received_on"), "day", sort=True),
        Column("答复期限", attr("due_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    ObjectionFilter,
    empty="没有符合条件的异议",
    hint="异议人信息加密保存，查看须有理由并留痕",
)
