"""What the accountant enters by hand: subsidies, transfers, interest, and corrections of those."""

from collections.abc import Sequence
from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from funds.events import EVENTS
from funds.models import MANUAL_KEY, Book, Voucher
from funds.services.posting import EventLine, post_event, reverse_voucher


def record_manual_event(
    *,
    actor: User,
    book: Book,
    event: str,
    on: date,
    today: date,
    document: str,
    key: str,
    lines: Sequence[EventLine],
    summary: str = "",
) -> Voucher:
    """Book an event from a bank slip or an approval; `document` is its number.

    `key` comes from the form, so that sending it twice books it once. Raises Refusal for a date
    after `today` and for events that arise elsewhere (premiums, claims, closing).
    """
    if not EVENTS[event].manual:
        raise Refusal(f"“{EVENTS[event].title}”由业务自动记账，不能手工登记", "event")
    if on > today:
        raise Refusal("日期不能晚于今天，请按回单日期填写", "on")
    return post_event(
        event=event,
        area=book.area,
        on=on,
        key=f"{MANUAL_KEY}{key}",
        source=readable(document, "单据号", "document"),
        actor=actor,
        lines=lines,
        summary=readable(summary, "摘要", "summary"),
        fund_type=book.fund_type,
    )


def reverse_manual_event(
    *, actor: User, voucher: Voucher, on: date, today: date, reason: str
) -> Voucher:
    """Red-letter a voucher that was entered by hand; others are undone where they arose."""
    if not voucher.is_manual:
        raise Refusal("业务自动生成的凭证请在原业务中撤销，不能直接红冲")
    if on > today:
        raise Refusal("日期不能晚于今天", "on")
    return reverse_voucher(actor=actor, voucher=voucher, on=on, reason=reason)
