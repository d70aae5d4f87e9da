"""Whom an institution may ask about: those who were there.

A person's number (psn_no) is no secret, it only counts people. Beyond its own visits an institution
is told of a person who showed a document, voucher or card at its window, or was treated there.
"""

from datetime import timedelta

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.models import Visit
from enrollment.models import Person
from gateway.asked import Asked
from gateway.identifiers import person_of

# As long as somebody comes back to the window after the card was read; no norm gives one.
SHOWN_DAYS = 7
LOOK_UP = "claims.look_up"


def person_shown(asked: Asked, number: str) -> Person:
    """The person of the county whom psn_no means, once seen here. Raises Refusal."""
    person = person_of(asked, number)
    if not _was_read(asked, person) and not _was_treated(asked, person):
        raise Refusal("此人没有在本机构出示凭证，请先用【1101】读取凭证", at=("data", "psn_no"))
    return person


def _was_read(asked: Asked, person: Person) -> bool:
    lines = AuditLine.objects.filter(
        subject_type=person._meta.label_lower,
        subject_id=str(person.pk),
        action=LOOK_UP,
        user__institution_code=asked.institution.code,
        at__gte=asked.at - timedelta(days=SHOWN_DAYS),
    )
    return lines.exists()


def _was_treated(asked: Asked, person: Person) -> bool:
    return Visit.objects.filter(person=person, institution=asked.institution).exists()
