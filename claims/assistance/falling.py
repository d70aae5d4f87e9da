"""A claim fell: what was paid as assistance on it is computed anew, the difference asked back."""

from collections.abc import Collection

from accounts.errors import Refusal
from accounts.models import User
from claims.assistance.figures import figures
from claims.assistance.models import KEY, AidApplication
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.resting import Resting, ask_beyond
from claims.shares import AID, Share
from enrollment.models import Enrollment
from funds.models import Book
from lib.money import to_fen

Status = AidApplication.Status


def ask_back_aid(
    covers: Collection[Enrollment], *, fall: Settlement, what: str, actor: User
) -> list[Recovery]:
    """The covers are locked. What was given last is taken back first; of measures that know the
    kind no more nothing can be computed, and nothing is asked."""
    by_year = {(cover.person_id, cover.year): cover for cover in covers}
    # With those that a cashier is paying in this moment: whose batch they are in has read the claim
    # as it stood, and is waited for.
    held = AidApplication.objects.select_for_update(no_key=True).filter(
        status__in=[Status.APPROVED, Status.PAID], person__in={person for person, _ in by_year}
    )
    found = []
    for row in reversed(held.order_by("pk")):
        cover = by_year.get((row.person_id, row.policy_year))
        if cover is None or row.status != Status.PAID:
            continue
        try:
            due = figures(cover, row.kind, row.applied_on, row).aid.fen
        except Refusal:  # of these measures: what may not be asked back is told to whoever asks
            continue
        found.append(ask_beyond(_resting(row), due, fall=fall, what=what, actor=actor))
    return [debt for debt in found if debt is not None]


def _resting(row: AidApplication) -> Resting:
    share = Share(Book.FundType.ASSISTANCE, row.booked_as, to_fen(row.amount))
    return Resting(key=f"{KEY}{row.pk}", name=f"救助单 {row.number}", layer=AID, share=share)
