"""What may be put up, place by place, and where objections go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.filters import FilterForm, chosen, month
from desk.listing import Column, Listing, attr
from lib.periods import Month
from supervision.public.notices import (
    DIGITS,
    ENROLLED,
    LEVELS,
    PAYMENTS,
    SUBSIDIES,
    TITLES,
    problem_of,
    span_of,
)
from supervision.public.spans import Span


@dataclass(frozen=True)
class ToPost:
    """One notice that a place may put up."""

    place: Division
    kind: str
    span: Span

    @property
    def address(self) -> str:
        """Of a village each payment stands by itself, on a paper of its own."""
        is_listed = self.kind == PAYMENTS and self.place.level == LEVELS.VILLAGE
        route = "notice" if is_listed else f"public_{self.kind}"
        return reverse(f"supervision:{route}", args=[self.place.code, self.span])


def span_in(kind: str, county_code: str, wanted: Month) -> Span | None:
    """The span of a kind in which the month lies; None where there is none, or it is not over."""
    texts = {
        ENROLLED: str(wanted.year),
        SUBSIDIES: f"{wanted.year}-q{(wanted.month + 2) // 3}",
        PAYMENTS: str(wanted),
    }
    try:
        found = span_of(kind, county_code, texts[kind])
    except Refusal:
        return None
    return None if problem_of(found, today()) else found


class PublicFilter(FilterForm):
    kind = chosen("公示", "", [*TITLES.items()], initial=ENROLLED)
    level = chosen("层级", "", [(one.value, one.label) for one in DIGITS], initial=LEVELS.VILLAGE)
    month = month("期间所在月份", "", initial=lambda: Month.of(today()).previous())

    def narrow(self, rows: Any) -> Sequence[ToPost]:
        """Every place of the level in the user's scope, for each kind whose span is over."""
        filled = self.filled()
        wanted = filled.get("month") or Month.of(today()).previous()
        levels = [filled["level"]] if "level" in filled else list(DIGITS)
        spans = {
            kind: span
            for kind in ([filled["kind"]] if "kind" in filled else TITLES)
            if (span := span_in(kind, self.user.county_code, wanted))
        }
        places = Division.objects.visible_to(self.user).filter(level__in=levels)
        places = places.valid_on(today()).select_related("parent").order_by("code")
        return [ToPost(place, kind, span) for place in places for kind, span in spans.items()]


def _none(user: User) -> Sequence[ToPost]:
    """The filter always names month, kind and level."""
    return ()


PUBLIC_LIST = Listing(
    "公示表",
    "supervision.notices",
    _none,
    (
        Column("地方", attr("place.place")),
        Column("公示", lambda row: TITLES[row.kind]),
        Column("期间", attr("span.words")),
        Column(
            "",
            lambda row: "公示表",
            leads=attr("address"),
            where="page",
        ),
    ),
    PublicFilter,
    template="supervision/public/list.html",
    empty="没有可公示的：期间结束以后才能公示",
    hint="参保按年度公示，补助按季度，报销按月；期间结束以后才能公示",
)


def contact_places(user: User) -> Any:
    """County and townships, with the office that takes objections."""
    rows = Division.objects.visible_to(user).filter(level__in=[LEVELS.COUNTY, LEVELS.TOWNSHIP])
    return rows.valid_on(today()).select_related("notice_contact").order_by("code")


def _of_contact(name: str) -> Any:
    def value(row: Any) -> str:
        contact = getattr(row, "notice_contact", None)
        return getattr(contact, name) if contact else ""

    return value


CONTACT_LIST = Listing(
    "异议受理点",
    "supervision.notices",
    contact_places,
    (
        Column("地方", attr("name"), link="supervision:contact", link_to=lambda row: row.code),
        Column("受理单位", _of_contact("office")),
        Column("电话", _of_contact("phone")),
        Column("地址", _of_contact("address")),
    ),
    empty="没有可登记的地方",
    hint="印在公示表上：乡镇和县各登记一处",
)
