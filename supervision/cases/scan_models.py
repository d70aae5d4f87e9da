"""Scanned pages of the evidence of a case."""

from django.db import models

from accounts.scoping import ScopedManager
from desk.fields import once
from supervision.cases.models import Evidence
from supervision.proof_files import ProofFile


class EvidenceScan(ProofFile):
    """A page or a photo of a piece of evidence."""

    evidence = models.ForeignKey(
        Evidence, models.PROTECT, related_name="scans", verbose_name="案件证据"
    )

    objects = ScopedManager("evidence__case__area__code")

    AUDITED = ("evidence_id", *ProofFile.AUDITED)

    class Meta(ProofFile.Meta):
        verbose_name = "证据扫描件"
        constraints = [
            once(
                *("evidence", "sha256"),
                name="evidence_scan_once",
                told="这一页已经附在这件证据上，请去掉一份",
                at="scans",
            )
        ]
