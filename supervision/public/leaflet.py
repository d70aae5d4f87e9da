"""A leaflet (宣传单) of one page: what a stay costs whom at each level, computed by the engine from
the adopted measures. Short sentences, since it is read aloud."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request
from accounts.templatetags.hezuo import day, fen
from claims.probing.examples import plain_member, stays
from desk.papers import Facts, PaperKind, paper_route
from policies.models import Pack
from policies.services import pack_in_force, terms_of
from supervision.public.notices import contacts_of
from supervision.public.papers import A3

# A short stay, a usual one and a grave one; the measures name no such sums.
COSTS = (2_000_00, 8_000_00, 30_000_00)


@dataclass(frozen=True)
class Leaflet:
    pack: Pack
    on: date
    is_poster: bool = False


def leaflet_facts(leaflet: Leaflet) -> Facts:
    """A block for each tier, a row for each level, for each cost what the fund pays and what is
    left to the patient."""
    pack = leaflet.pack
    terms = terms_of(pack)
    begins = max(terms.valid_from, min(leaflet.on, pack.last_day))
    blocks = []
    for tier, title in (terms.vocabulary.get("tier") or {"": ""}).items():
        examples = stays(terms, plain_member(terms, tier, begins), COSTS, begins, {})
        rows: dict[str, list[Any]] = {}
        for one in examples:
            name = terms.vocabulary["level"][one.level]
            row = rows.setdefault(name, [name, [], one.article])
            row[1].append([fen(one.cost), fen(one.fund), fen(one.own)])
        blocks.append([title, list(rows.values())])
    return {
        "scheme": terms.scheme,
        "area": terms.area.name,
        "year": begins.year,
        "blocks": blocks,
        "costs": [fen(cost) for cost in COSTS],
        "contacts": contacts_of(Division.objects.get(code=terms.area.code)),
        "printed_on": day(leaflet.on),
    }


LEAFLET = PaperKind(
    "supervision.leaflet",
    "医保宣传单",
    "supervision/public/leaflet.html",
    "supervision.notices",
    leaflet_facts,
    subject=lambda leaflet: leaflet.pack,
    division_code=lambda leaflet: terms_of(leaflet.pack).area.code,
    edition=lambda leaflet: str(leaflet.on.year),
)


def _leaflet(request: Request) -> Leaflet:
    """Of the measures in force today. Raises Refusal where there are none."""
    if not request.user.county_code:
        raise Http404
    try:
        pack = pack_in_force(area_code=request.user.county_code, day=today())
    except Refusal as refusal:
        raise Refusal(f"不能印宣传单：{refusal.message}") from None
    return Leaflet(pack, today(), is_poster=request.GET.get("size") == A3)


ROUTES = [
    paper_route("leaflet", LEAFLET, _leaflet, name="leaflet", back="supervision:public"),
]
