"""A working becomes a voucher by hand: made by one, reviewed and entered by two others."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.locks import lock_name
from funds.drafts.models import VoucherDraft
from funds.drafts.services import make_draft
from funds.drafts.workflow import ON_ITS_WAY
from funds.events import EVENTS
from funds.law.workings import work_out
from funds.models import Book


@all_or_nothing()
def make_by_law(
    *, actor: User, event: str, book: Book, year: int, on: date, today: date
) -> VoucherDraft:
    """Make the voucher of what is due now, with its working. Raises Refusal with every reason why
    there is nothing to book, and while another one of the same is on its way."""
    lock_name(book.area.code, f"funds.law:{book.pk}:{event}:{year}")
    if waiting := on_its_way(book, event, year):
        raise Refusal(f"{EVENTS[event].title}已制单（{waiting}），请等待复核、记账")
    working = work_out(event, book, year, on)
    if working.problem:
        raise Refusal(working.problem)
    before = VoucherDraft.objects.filter(book=book, key__startswith=f"{event}:{year}:").count()
    return make_draft(
        actor=actor,
        book=book,
        event=event,
        on=on,
        today=today,
        document=working.source,
        key=f"{event}:{year}:{before + 1}",
        lines=working.lines,
        summary=f"{EVENTS[event].title}（{working.law}）",
        working=working,
    )


def on_its_way(book: Book, event: str, year: int) -> VoucherDraft | None:
    """The voucher of this event and year that waits for somebody, if there is one."""
    rows = VoucherDraft.objects.filter(
        book=book, event=event, key__startswith=f"{event}:{year}:", status__in=ON_ITS_WAY
    )
    return rows.first()
