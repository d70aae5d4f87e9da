"""What each layer of payment came to in a year, as it was settled.

Most claims are paid by the base layer of their measures alone, so its rows are not read: it paid
what the others did not.
"""

from collections.abc import Mapping, Sequence

from django.db.models import Q, Sum

from accounts.models import Division
from claims.models import Settlement, SettlementFund
from lib.money import to_fen
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms
from reports.whatif.columns import Year

Beyond = dict[tuple[int, str], int]


def beyond_the_base(*, area: Division, year: int, packs: Sequence[Pack]) -> Beyond:
    """(Pack id, layer) → fen that the layers on top paid of the year's claims. One statement."""
    base = Q()
    for pack in packs:
        base |= Q(settlement__pack=pack, layer=terms_of(pack).base_layer.code)
    claims = Settlement.objects.counted().filter(
        policy_year=year, division__code__startswith=area.code
    )
    sums = (
        SettlementFund.objects.filter(~base, settlement__in=claims)
        .order_by()
        .values_list("settlement__pack", "layer")
        .annotate(paid=Sum("amount"))
    )
    return {(pack, layer): to_fen(paid) for pack, layer, paid in sums}


def paid_by_layer(year: Year, packs: Mapping[int, Terms], beyond: Beyond) -> dict[str, int]:
    """Layer → fen, the base layers included. ``packs``: the terms of every pack of the year."""
    found: dict[str, int] = {}
    for (_, layer), paid in beyond.items():
        found[layer] = found.get(layer, 0) + paid
    for number, terms in packs.items():
        code = terms.base_layer.code
        fund = int(year.settled["fund"][year.pack == number].sum())
        rest = fund - sum(paid for (pack, _), paid in beyond.items() if pack == number)
        found[code] = found.get(code, 0) + rest
    return found
