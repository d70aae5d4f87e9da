"""The papers of notices, on A4 or A3; what was issued is said by every later print."""

from functools import partial

from django.http import Http404

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from desk.papers import PaperKind, paper_route
from supervision.public.notices import (
    CODES,
    DIGITS,
    ENROLLED,
    LEVELS,
    PAYMENTS,
    SUBSIDIES,
    TITLES,
    PublicNotice,
    facts_of,
    problem_of,
    span_of,
)

A3 = "a3"


def asked_notice(request: Request, code: str, span: str, *, kind: str) -> PublicNotice:
    """404 out of scope, for a group, and for what is no span; Refusal for one that is not over."""
    place = get_visible(Division, request.user, "parent", code=code)
    is_village = place.level == LEVELS.VILLAGE
    # Of a village each payment stands by itself: supervision/papers.py.
    if place.level not in DIGITS or (kind == PAYMENTS and is_village):
        raise Http404
    try:
        found = span_of(kind, place.county_code, span)
    except ValueError:
        raise Http404 from None
    if problem := problem_of(found, today()):
        raise Refusal(problem)
    is_poster = request.GET.get("size") == A3
    return PublicNotice(kind=kind, place=place, span=found, on=today(), is_poster=is_poster)


def _kind(kind: str) -> PaperKind:
    return PaperKind(
        CODES[kind],
        TITLES[kind],
        "supervision/public/notice.html",
        "supervision.notices",
        facts_of,
        subject=lambda notice: notice.place,
        edition=lambda notice: str(notice.span),
    )


NOTICE_ENROLLED = _kind(ENROLLED)
NOTICE_SUBSIDIES = _kind(SUBSIDIES)
NOTICE_PAYMENTS = _kind(PAYMENTS)
KINDS = {ENROLLED: NOTICE_ENROLLED, SUBSIDIES: NOTICE_SUBSIDIES, PAYMENTS: NOTICE_PAYMENTS}
ROUTES = [
    paper_route(
        f"public/{kind}/<str:code>/<str:span>",
        paper,
        partial(asked_notice, kind=kind),
        name=f"public_{kind}",
        back="supervision:public",
    )
    for kind, paper in KINDS.items()
]
