"""Asking for an export, and taking its file away."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from accounts.audit import record, record_export
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.downloads import IN_MEMORY
from desk.jobs import start
from desk.reasons import given_reason
from funds.handing_out.models import ExportPiece, LedgerExport
from funds.models import Book


@all_or_nothing()
def ask_export(*, actor: User, book: Book, reason: str) -> LedgerExport:
    """Put the export of all ledgers in line. Raises Refusal without a purpose, and while the book
    is being exported."""
    said = given_reason(reason, asks="导出用途")
    row = LedgerExport.objects.create(book=book, requested_by=actor, reason=said)
    record(
        actor=actor,
        action="funds.ask_export",
        subject=row,
        after={"book": book.code},
        reason=said,
    )
    start(row)
    return row


def take_export(*, actor: User, export: LedgerExport) -> IO[bytes]:
    """The file, noted in the audit trail before a byte leaves. Raises Refusal when it is gone."""
    if not export.may_be_taken:
        raise Refusal("文件还没有写好，或已过保存期，请重新导出")
    record_export(
        actor=actor,
        what=str(export),
        rows=export.postings or 0,
        criteria={"book": export.book.code, "sha256": export.sha256, "head": export.head},
        reason=export.reason,
    )
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    for piece in _pieces(export):
        file.write(piece)
    if not file.tell():
        raise Refusal("这个文件已被同一账套较新的导出取代，请取较新的，或重新导出")
    file.seek(0)
    return file


def _pieces(export: LedgerExport) -> Iterator[bytes]:
    rows = ExportPiece.objects.filter(export=export).order_by("position")
    for content in rows.values_list("content", flat=True).iterator(chunk_size=1):
        yield bytes(content)
