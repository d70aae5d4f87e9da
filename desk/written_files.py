"""A file that a job writes and whoever asked takes away: in pieces in the database, as worker and
portal share no disk, until it is forgotten. Each taking is noted before a byte leaves.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import IO, Any

from celery import shared_task
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from accounts.audit import record_export
from accounts.errors import Refusal
from accounts.models import User
from desk.downloads import IN_MEMORY
from desk.jobs import Job
from lib.tables.writing import Heading, Sheet, write_workbook

# No norm: an audit takes its files on the day; each may be as large as a year's records.
KEPT_DAYS = 7
PIECE = 1024 * 1024  # bytes
MOST_ROWS = 1_000_000  # of a sheet; the format ends at 1 048 576

Rows = Iterator[Sequence[Any]]
Progress = Callable[[int, str], None]


class WrittenFile(Job):
    """What the file is for, and its fingerprint. A child has pieces (`related_name="pieces"`)."""

    reason = models.CharField("导出用途", max_length=200)
    size = models.PositiveBigIntegerField("文件大小", null=True)
    sha256 = models.CharField("文件指纹", max_length=64, blank=True)

    pieces: Any

    class Meta(Job.Meta):
        abstract = True

    @property
    def may_be_taken(self) -> bool:
        """Whether the file is still there."""
        since = timezone.now() - timedelta(days=KEPT_DAYS)
        is_done = self.status == self.Status.DONE
        return is_done and self.finished_at is not None and self.finished_at > since

    @property
    def progress_told(self) -> str:
        """How far it is; where the file is to be had, or why there is none."""
        if self.is_unfinished:
            return f"{self.explained} {self.stage}".strip()
        return "" if self.may_be_taken else self.failure or "已过保存期"

    @property
    def size_told(self) -> str:
        return "" if self.size is None else f"{self.size / 1024 / 1024:,.1f} MB"

    def keep(self, file: IO[bytes]) -> dict[str, Any]:
        """The file in pieces, in place of what an attempt before left; returns the columns that
        say so."""
        self.pieces.all().delete()
        file.seek(0)
        size, digest, position = 0, hashlib.sha256(), 0
        while piece := file.read(PIECE):
            size += len(piece)
            digest.update(piece)
            self.pieces.create(position=position, content=self.pieces.model.packed(piece))
            position += 1
        return {"size": size, "sha256": digest.hexdigest()}

    def taken_by(
        self, actor: User, *, rows: int, criteria: Mapping[str, Any], gone: str
    ) -> IO[bytes]:
        """The file, noted in the audit trail. Raises Refusal when it is not there; `gone` says why
        its pieces went before their time."""
        if not self.may_be_taken:
            raise Refusal("文件还没有写好，或已过保存期，请重新导出")
        record_export(
            actor=actor,
            what=str(self),
            rows=rows,
            criteria={**criteria, "sha256": self.sha256},
            reason=self.reason,
        )
        file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
        for piece in self.pieces.order_by("position").iterator(chunk_size=1):
            file.write(piece.opened)
        if not file.tell():
            raise Refusal(gone)
        file.seek(0)
        return file


class Piece(models.Model):
    """A piece of such a file; a child names its `export`."""

    position = models.PositiveIntegerField()
    content: Any = models.BinaryField()

    class Meta:
        abstract = True

    @classmethod
    def packed(cls, content: bytes) -> Any:
        """As the column keeps it."""
        return content

    @property
    def opened(self) -> bytes:
        return bytes(self.content)


class Telling:
    """Tells how far a file is through a connection of its own: what the reading transaction writes
    nobody sees, and it may not write."""

    def __init__(self, export: WrittenFile) -> None:
        self.export = export

    def __enter__(self) -> Progress:
        self.own = connection.copy()
        return self.tell

    def tell(self, percent: int, stage: str) -> None:
        table = connection.ops.quote_name(self.export._meta.db_table)
        with self.own.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET percent = %s, stage = %s WHERE id = %s",  # noqa: S608
                [percent, stage, self.export.pk],
            )

    def __exit__(self, *raised: object) -> None:
        self.own.close()


def in_sheets(
    title: str,
    columns: Sequence[Heading],
    rows: Iterator[Any],
    number: int,
    most: int = MOST_ROWS,
    *,
    ready: bool = False,
) -> Iterator[Sheet]:
    """As many sheets as `number` rows need; they are read one after the other. `ready`: as
    `Sheet.ready`."""
    parts = max(1, -(-number // most))
    for part in range(parts):
        name = title if parts == 1 else f"{title}{part + 1}"
        yield Sheet(name, columns, islice(rows, most), ready=ready)


def add_workbook(archive: zipfile.ZipFile, name: str, sheets: Iterable[Sheet]) -> None:
    """A workbook as a file of the archive; it is packed already."""
    with NamedTemporaryFile(suffix=".xlsx") as file:
        write_workbook(sheets, Path(file.name))
        about = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
        with archive.open(about, "w", force_zip64=True) as target:
            while piece := file.read(PIECE):
                target.write(piece)


@shared_task  # type: ignore[untyped-decorator]
def forget_old_files() -> int:
    """Nightly: what may no longer be taken goes. Returns how many pieces went."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    gone = 0
    for model in (one for one in apps.get_models() if issubclass(one, Piece)):
        rows: Any = model._default_manager
        gone += rows.filter(export__finished_at__lt=before).delete()[0]
    return gone
