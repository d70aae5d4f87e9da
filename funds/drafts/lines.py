"""The lines of a draft as they are kept, and as the event takes them."""

from decimal import Decimal

from accounts.models import Division
from funds.drafts.models import VoucherDraft
from funds.services.posting import DIMENSIONS, EventLine


def as_json(line: EventLine) -> dict[str, str]:
    told_of = {name: str(getattr(line, name)) for name in DIMENSIONS if getattr(line, name)}
    town = {"township": line.township.code} if line.township else {}
    return {"amount": str(line.amount), **town, **told_of}


def lines_of(draft: VoucherDraft) -> list[EventLine]:
    """The lines of the event, with the townships as they are."""
    codes = {line["township"] for line in draft.lines if line.get("township")}
    towns = {town.code: town for town in Division.objects.filter(code__in=codes)}
    return [
        EventLine(
            amount=Decimal(line["amount"]),
            township=towns.get(line.get("township", "")),
            tier=line.get("tier", ""),
            policy_year=int(line["policy_year"]) if line.get("policy_year") else None,
            institution_code=line.get("institution_code", ""),
            funding_level=line.get("funding_level", ""),
            purpose=line.get("purpose", ""),
        )
        for line in draft.lines
    ]
