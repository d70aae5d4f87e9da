"""How somebody comes to a status in the stories: a department's list names them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from accounts.fields import blind_index
from accounts.models import Division
from enrollment.cover.proposals import Document
from enrollment.models import IdentityStatus, ListedStatus, Person

SINCE = date(2025, 9, 1)
# A paper as a proposal names it.
PAPER = {
    "evidence": "认定表",
    "document_number": "区民〔2025〕123 号",
    "issuer": "区民政局",
    "issued_on": date(2025, 9, 1),
}


def listed(name: str, number: str, codes: Iterable[str], *, since: date = SINCE) -> None:
    """The county's lists name somebody who is not registered yet, under a resident id."""
    area = Division.objects.get(level=Division.Level.COUNTY, code=number[:6])
    index = blind_index("resident_id", number)
    for code in codes:
        ListedStatus.objects.get_or_create(
            area=area, number_index=index, code=code, last_day=None,
            defaults={"name": name, "first_day": since, "source": "民政局"},
        )  # fmt: skip


def hold(person: Person, *codes: str, since: date = SINCE) -> None:
    """What the register says from the day on: these and no others."""
    rows = IdentityStatus.objects.filter(person=person, last_day=None)
    rows.exclude(code__in=codes).update(last_day=since - timedelta(days=1))
    for code in codes:
        IdentityStatus.objects.update_or_create(
            person=person, code=code, first_day=since,
            defaults={"last_day": None, "source": "民政局"},
        )  # fmt: skip


def paper(**other: Any) -> Document:
    return Document(**(PAPER | other))
