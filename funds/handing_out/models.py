"""An export of a whole book: the job, and the file in pieces until it is forgotten."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from desk.fields import once
from desk.jobs import Job, JobManager, Tell
from desk.written_files import Piece, WrittenFile


class LedgerExport(WrittenFile):
    """Who asked for all ledgers of a book and what for; what was written, by its fingerprint."""

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="+", verbose_name="账套")
    postings = models.PositiveIntegerField("分录数", null=True)
    # The end of the chain when it was written: what a later look is compared with.
    head = models.CharField("封存链末端", max_length=64, blank=True)

    objects = JobManager("book__area__code")

    class Meta(WrittenFile.Meta):
        app_label = "funds"
        ordering = ["-id"]
        constraints = [
            *WrittenFile.Meta.constraints,
            once(
                "book",
                name="one_unfinished_export_of_a_book",
                where=Q(status__in=Job.UNFINISHED),
                told="这个账套正在导出，请等它完成",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(sha256=""), name="done_export_has_a_fingerprint"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book}账簿导出"

    @property
    def area_code(self) -> str:
        return self.book.area.code

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from funds.handing_out.writing import write_export  # reads what this module defines

        return write_export(self)


class ExportPiece(Piece):
    """A piece of an export's file."""

    export = models.ForeignKey(LedgerExport, models.CASCADE, related_name="pieces")

    class Meta:
        app_label = "funds"
        ordering = ["export", "position"]
        constraints = [once("export", "position", name="export_piece_once")]
