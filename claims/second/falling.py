"""A claim fell: what was paid as a second compensation on it is computed anew, and asked back."""

from collections.abc import Collection

from accounts.models import User
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.resting import Resting, ask_beyond
from claims.recovery.services import replace_of
from claims.second.computing import due_now, rule_of
from claims.second.models import KEY, SecondPayment
from claims.shares import SECOND, Share
from enrollment.models import Enrollment
from funds.models import Book
from lib.money import to_fen


def ask_back_second(
    covers: Collection[Enrollment], *, fall: Settlement, what: str, actor: User
) -> list[Recovery]:
    """The covers are locked."""
    years = {(cover.person_id, cover.year) for cover in covers}
    return ask_back_of(years, fall=fall, what=what, actor=actor)


def ask_back_of(
    years: Collection[tuple[int, int]], *, fall: Settlement, what: str, actor: User
) -> list[Recovery]:
    """Of these people and years; their covers are locked. What is asked for and not paid stops at
    its payment; who is paying it in this moment has read the claim as it stood, and is waited
    for."""
    rows = SecondPayment.objects.standing().filter(person__in={person for person, _ in years})
    held = rows.select_for_update(no_key=True, of=("self",)).select_related("run__pack")
    mine = [
        row
        for row in reversed(held.order_by("pk"))
        if row.status == SecondPayment.Status.PAID and (row.person_id, row.run.year) in years
    ]
    for row in mine:
        replace_of(f"{KEY}{row.pk}", actor=actor)
    now = due_now(mine)
    found = []
    for row in mine:
        share = Share(Book.FundType.RESIDENT, rule_of(row.run.pack).booked_as, to_fen(row.amount))
        paid = Resting(key=f"{KEY}{row.pk}", name=str(row), layer=SECOND, share=share)
        found.append(ask_beyond(paid, now[row.pk], fall=fall, what=what, actor=actor))
    return [debt for debt in found if debt is not None]
