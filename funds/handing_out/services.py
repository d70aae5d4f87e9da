"""Asking for an export, and taking its file away."""

from typing import IO

from accounts.audit import record
from accounts.models import User
from desk.changes import all_or_nothing
from desk.jobs import start
from desk.reasons import given_reason
from funds.handing_out.models import LedgerExport
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
    return export.taken_by(
        actor,
        rows=export.postings or 0,
        criteria={"book": export.book.code, "head": export.head},
        gone="这个文件已被同一账套较新的导出取代，请取较新的，或重新导出",
    )
