"""Asking for a probe, and what is said of its findings."""

from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.probes.models import Intended, Probe
from claims.probes.workflow import MARKS
from desk.changes import all_or_nothing
from desk.jobs import Job, start
from desk.reasons import given_reason
from policies.drafts import fingerprint
from policies.models import Draft, Pack


@transaction.atomic
def request_probe(*, actor: User, text: Draft | Pack) -> Probe:
    """Put the text in line and return its row; a probe of the same text that has not failed is
    returned as it is, for it finds the same again."""
    sha256 = fingerprint(text.source)
    # Two officers who ask for the same text at once get the same row.
    Division.objects.select_for_update(no_key=True).get(pk=text.area_id)
    known = Probe.objects.filter(area=text.area_id, sha256=sha256)
    same = known.exclude(status=Job.Status.FAILED).first()
    if same is not None:
        return same
    probe = Probe.objects.create(
        area_id=text.area_id,
        name=str(text)[:120],
        source=text.source,
        sha256=sha256,
        requested_by=actor,
    )
    after = {"name": probe.name, "sha256": sha256}
    record(actor=actor, action="policies.probe", subject=probe, after=after)
    start(probe)
    return probe


@all_or_nothing()
def mark_finding(*, actor: User, probe: Probe, finding: str, article: str, reason: str) -> Intended:
    """Say that the measures mean what was found. Raises Refusal without article or reason, and for
    what this probe did not find."""
    found = {each["key"]: each for each in probe.findings}.get(finding)
    if found is None:
        raise Refusal("这次探查没有这一处，请重新打开")
    reason = given_reason(reason, asks="为什么有意为之")
    return MARKS.create(
        "mark_finding",
        actor=actor,
        noted={"reason": reason},
        area_id=probe.area_id,
        sha256=probe.sha256,
        finding=finding,
        title=found["title"],
        article=given_reason(article, asks="依据的条文", at=("article",)),
        reason=reason,
        marked_by=actor,
    )


@all_or_nothing()
def unmark_finding(*, actor: User, mark: Intended, reason: str) -> Intended:
    """Take the mark back: the finding stands among the open ones again."""
    return MARKS.move(mark.pk, "unmark_finding", actor=actor, reason=reason)


def findings_with_marks(probe: Probe) -> list[tuple[dict[str, Any], Intended | None]]:
    """Every finding with what is said of it, those of which nothing is said first."""
    marks = Intended.objects.standing(probe.area.code, probe.sha256).select_related("marked_by")
    said = {mark.finding: mark for mark in marks}
    found = [(each, said.get(each["key"])) for each in probe.findings]
    return sorted(found, key=lambda pair: pair[1] is not None)
