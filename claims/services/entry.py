"""Entering a claim, at the counter or from paper: tried out, kept as a draft, or submitted."""

from datetime import date

from accounts.models import User
from claims.entries import CounterEntry, Entry, PaperEntry
from claims.filings.services import check_filings, keep_filings
from claims.models import Settlement, Visit
from claims.paper_intake.services import note_lateness, take_over
from claims.services.counter import prepare_counter
from claims.services.paper import lateness_of, prepare_paper
from claims.services.progress import set_aside
from claims.services.settling import (
    Prepared,
    Preview,
    compute_locked,
    lock_and_check_cover,
    settle_new,
)
from claims.visits.alike import resembling
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing


@all_or_nothing()
def enter(entry: Entry, *, actor: User, on: date, submit_now: bool = False) -> Settlement:
    """Settle the visit: a draft, or submitted at once.

    Raises Refusal naming the input (`starts`, `("lines", 0, "code")`, `("invoices", 0, "number")`,
    …); then nothing is written.
    """
    prepared = _prepare(entry, actor=actor, on=on)
    event = "entered" if submit_now else "drafted"
    SETTLEMENTS.check(Settlement(), event, actor)
    if entry.replaces is not None:
        prepared.visit.entered_first_id = _entered_first(entry.replaces, prepared.visit)
        set_aside(entry.replaces, actor=actor)
    found = check_filings(prepared.visit, prepared.measures.terms, entry.visit.filing_document)
    settlement = settle_new(prepared, actor=actor, on=on, event=event, replaces=entry.replaces)
    keep_filings(settlement.visit, found, entry.visit.filing_document)
    if isinstance(entry, PaperEntry):
        _keep_papers(entry, prepared, settlement, on)
    return settlement


def _entered_first(replaced: Settlement, visit: Visit) -> int | None:
    """The visit that is typed once more, as it was entered first. A draft was nobody's claim yet,
    and what is typed over for another patient is another visit."""
    before = replaced.visit
    if before.person_id != visit.person_id:
        return None
    if replaced.status == Settlement.Status.DRAFT:
        return before.entered_first_id
    return before.entered_first_id or before.pk


def _keep_papers(entry: PaperEntry, prepared: Prepared, settlement: Settlement, on: date) -> None:
    """Why it was let in late; the papers that lay with the claim it replaces."""
    late = lateness_of(entry, prepared, on)
    if late is not None:
        note_lateness(settlement, due_on=late.due_on, until=late.until, reason=entry.late_reason)
    if entry.replaces is not None:
        take_over(entry.replaces.visit, settlement.visit)


@all_or_nothing()
def preview(entry: Entry, *, actor: User, on: date) -> Preview:
    """What the claim would come to today, with the same checks; nothing is saved.

    The lock of the cover is held only for the moment of the computation.
    """
    prepared = _prepare(entry, actor=actor, on=on)
    check_filings(prepared.visit, prepared.measures.terms, entry.visit.filing_document)
    enrollment = lock_and_check_cover(prepared, replaces=entry.replaces)
    return Preview(
        decision=compute_locked(prepared, enrollment),
        visit=prepared.visit,
        lines=prepared.lines,
        enrollment=enrollment,
        measures=prepared.measures,
        alike=resembling(prepared.visit, prepared.around, prepared.total),
    )


def _prepare(entry: Entry, *, actor: User, on: date) -> Prepared:
    if isinstance(entry, CounterEntry):
        return prepare_counter(entry, actor=actor, on=on)
    return prepare_paper(entry, actor=actor, on=on)
