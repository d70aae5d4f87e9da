"""The ways of what is collected: remittances, closed days, receipt books, refunds.

The tables here name the events as the trail has always called them.
"""

from desk.importing import Acts, upload_flow
from desk.workflow import PORTAL, REASON, START, STAY, Hand, Step, Workflow, by_another, with_reason
from enrollment.collection.models import (
    DayClose,
    FoundNumbers,
    ReceiptBook,
    Refund,
    Remittance,
    TaxFile,
)

REMITTANCES = Workflow(
    Remittance,
    "enrollment",
    (
        Step("remit", START, Remittance.Status.SUBMITTED, "enrollment.remit", "缴存"),
        by_another(
            "confirm_remittance",
            Remittance.Status.SUBMITTED,
            Remittance.Status.CONFIRMED,
            "enrollment.confirm_remittance",
            "确认入账",
            stamp="confirmed",
        ),
        with_reason(
            "return_remittance",
            Remittance.Status.SUBMITTED,
            Remittance.Status.RETURNED,
            "enrollment.confirm_remittance",
            "退回",
            asks="退回原因",
        ),
    ),
    called=lambda remittance: f"缴款单 {remittance.slip_number} ",
    hands=("clerk", "confirmed_by"),
    reason_column="return_reason",
    related=("township", "campaign__area"),
)

DAYS = Workflow(
    DayClose,
    "enrollment",
    (
        Step("close_day", START, DayClose.Status.CLOSED, "enrollment.close_day", "日结"),
        Step(
            "ask_reopening",
            DayClose.Status.CLOSED,
            DayClose.Status.ASKED,
            "enrollment.close_day",
            "申请撤销日结",
            Hand.OWN,
            reason=REASON,
            asks="撤销日结的原因",
        ),
        by_another(
            "reopen_day",
            DayClose.Status.ASKED,
            DayClose.Status.REOPENED,
            "enrollment.confirm_remittance",
            "同意撤销日结",
            stamp="reopened",
        ),
        with_reason(
            "refuse_reopening",
            DayClose.Status.ASKED,
            DayClose.Status.CLOSED,
            "enrollment.confirm_remittance",
            "不同意撤销日结",
            asks="不同意的原因",
        ),
    ),
    called=lambda close: f"{close.day} 的日结",
    hands=("clerk", "reopened_by"),
    reason_column="reopen_reason",
    related=("clerk", "township"),
)

IN_HAND = (ReceiptBook.Status.IN_USE, ReceiptBook.Status.RETURNED)
BOOKS = Workflow(
    ReceiptBook,
    "enrollment",
    (
        Step("issue_book", START, ReceiptBook.Status.IN_USE, "enrollment.prepare", "发放"),
        with_reason(
            "book_transfer",
            IN_HAND,
            ReceiptBook.Status.IN_USE,
            "enrollment.prepare",
            "转交",
            asks="事由",
        ),
        with_reason(
            "book_hand_back",
            ReceiptBook.Status.IN_USE,
            ReceiptBook.Status.RETURNED,
            "enrollment.keep_books",
            "交回",
            asks="事由",
        ),
        with_reason("book_loss", IN_HAND, STAY, "enrollment.keep_books", "挂失", asks="遗失经过"),
        # What `FoundNumbers` asked for and a second person confirmed.
        Step("book_found", IN_HAND, STAY, "enrollment.prepare", "恢复找回的号码"),
        Step(
            "check_off_book", IN_HAND, ReceiptBook.Status.CHECKED_OFF, "enrollment.prepare", "核销"
        ),
    ),
    called=lambda book: f"票据本 {book.code} ",
    related=("township", "clerk"),
)

FOUND = Workflow(
    FoundNumbers,
    "enrollment",
    (
        with_reason(
            "ask_found",
            START,
            FoundNumbers.Status.ASKED,
            "enrollment.keep_books",
            "申报找回",
            asks="找回经过",
        ),
        by_another(
            "confirm_found",
            FoundNumbers.Status.ASKED,
            FoundNumbers.Status.CONFIRMED,
            "enrollment.prepare",
            "确认找回",
            stamp="decided",
        ),
        with_reason(
            "refuse_found",
            FoundNumbers.Status.ASKED,
            FoundNumbers.Status.REFUSED,
            "enrollment.prepare",
            "不同意找回",
            asks="不同意的原因",
            stamp="decided",
            hand=Hand.OTHER,
        ),
    ),
    called=lambda one: f"找回 {one.first_number}–{one.last_number} 号的申报",
    hands=("asked_by", "decided_by"),
    reason_column="decision",
    related=("book__township", "asked_by"),
)

REFUNDS = Workflow(
    Refund,
    "enrollment",
    (
        Step("request_refund", START, Refund.Status.REQUESTED, "enrollment.request_refund", "申请"),
        Step(
            "grant_refund",
            Refund.Status.REQUESTED,
            Refund.Status.GRANTED,
            "enrollment.grant_refund",
            "同意",
            Hand.OTHER,
            stamps=("decided_by",),
        ),
        # Nothing goes to the family: the sponsor's fund has its money back, and that is all.
        Step(
            "restore_sponsor",
            Refund.Status.REQUESTED,
            Refund.Status.PAID,
            "enrollment.grant_refund",
            "同意",
            Hand.OTHER,
            stamps=("decided_by",),
        ),
        Step(
            "refuse_refund",
            Refund.Status.REQUESTED,
            Refund.Status.REFUSED,
            "enrollment.grant_refund",
            "不同意",
            Hand.OTHER,
            reason=REASON,
            asks="不同意的原因",
            stamps=("decided_by",),
        ),
        # Two records of one person had paid for one year (people/same.py), and its undoing.
        Step(
            "grant_with_merger",
            Refund.Status.REQUESTED,
            Refund.Status.GRANTED,
            PORTAL,
            "合并重复登记",
        ),
        Step("stop_with_merger", Refund.Status.GRANTED, Refund.Status.REFUSED, PORTAL, "撤销合并"),
        # Before it is paid; only where granting ended no cover.
        with_reason(
            "stop_refund",
            Refund.Status.GRANTED,
            Refund.Status.REFUSED,
            "enrollment.grant_refund",
            "撤回审批",
        ),
        Step(
            "pay_refund",
            Refund.Status.GRANTED,
            Refund.Status.PAID,
            "enrollment.pay_refund",
            "支付",
            Hand.OTHER,
            stamps=("paid_by",),
        ),
    ),
    called=lambda refund: f"退费申请 {refund.pk} 号",
    hands=("requested_by", "decided_by", "paid_by"),
    reason_column="decision",
    related=("enrollment__division",),
)

TAX_ACTS = Acts(upload="import_tax_file")
TAX_FLOW = upload_flow(
    TaxFile, "enrollment", TAX_ACTS, noun="缴费文件", permission="enrollment.reconcile"
)
