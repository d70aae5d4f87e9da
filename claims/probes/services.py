"""Asking for a probe."""

import hashlib

from django.db import transaction

from accounts.audit import record
from accounts.models import Division, User
from claims.probes.models import Probe
from desk.jobs import Job, start
from policies.models import Draft


@transaction.atomic
def request_probe(*, actor: User, draft: Draft) -> Probe:
    """Put the draft's text in line and return its row; a probe of the same text that has not
    failed is returned as it is, for it finds the same again."""
    sha256 = hashlib.sha256(draft.source.encode()).hexdigest()
    # Two officers who ask for the same draft at once get the same row.
    Division.objects.select_for_update(no_key=True).get(pk=draft.area_id)
    known = Probe.objects.filter(area=draft.area_id, sha256=sha256)
    same = known.exclude(status=Job.Status.FAILED).first()
    if same is not None:
        return same
    probe = Probe.objects.create(
        area_id=draft.area_id,
        name=str(draft)[:120],
        source=draft.source,
        sha256=sha256,
        requested_by=actor,
    )
    after = {"name": probe.name, "sha256": sha256}
    record(actor=actor, action="policies.probe", subject=probe, after=after)
    start(probe)
    return probe
