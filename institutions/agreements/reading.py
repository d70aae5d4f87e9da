"""What is asked about agreements: what one promises, and which institutions have none next year."""

from datetime import date

from django.db.models import Exists, OuterRef

from institutions.agreements.models import Signing
from institutions.agreements.terms import Term
from institutions.models import Agreement, AgreementQuerySet, Institution

# From then on an institution without an agreement for the next year is told of on the first page:
# two months, as its own negotiation takes; no norm gives a day.
RENEWAL_MONTH = 11


def promised(institution: Institution, day: date, term: Term) -> int | None:
    """Hundredths of what the agreement of the day says of the term; None where it says nothing, or
    there is none. An agreement that is stopped still says what it says."""
    rows = Agreement.objects.filter(
        institution=institution, first_day__lte=day, last_day__gte=day
    ).order_by("-first_day")
    terms = rows.values_list("terms", flat=True).first()
    return (terms or {}).get(term.code)


def unrenewed(rows: AgreementQuerySet, on: date) -> AgreementQuerySet:
    """Of these the ones in force today that end before the first day of the next year, and after
    which nothing is signed or waits to be agreed to."""
    begins = date(on.year + 1, 1, 1)
    there = Agreement.objects.filter(
        institution=OuterRef("institution"), first_day__lte=begins, last_day__gte=begins
    )
    waiting = Signing.objects.filter(
        institution=OuterRef("institution"), status=Signing.Status.PROPOSED
    )
    running = rows.holding(on).filter(last_day__lt=begins, institution__is_active=True)
    return running.filter(~Exists(there), ~Exists(waiting))
