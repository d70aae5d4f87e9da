"""Papers of collection: receipts (专用收据), check-off sheets of books, slips of refunds."""

from datetime import date
from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, minute, spelled, yuan
from desk.papers import Facts, PaperKind, paper_route
from enrollment.collection.books import book_figures
from enrollment.collection.models import Receipt, ReceiptBook, Refund
from enrollment.collection.views.books import one_book
from enrollment.cover.listing import load_packs
from enrollment.cover.models import Enrollment
from enrollment.people.borne import certificates_on, household_numbers_on
from enrollment.people.registered import place_of
from lib.bank_numbers import masked_account
from policies.services import terms_of


def _spans(lines: list[Enrollment]) -> list[str]:
    """Who is covered from when to when; one span for the whole household as a rule."""
    spans: dict[tuple[date, date], list[str]] = {}
    for line in lines:
        days = (line.cover_first_day, line.cover_last_day)
        spans.setdefault(days, []).append(line.person.name)
    told = []
    for (first, last), names in spans.items():
        who = "、".join(names) + " " if len(spans) > 1 else ""
        told.append(f"{who}{day(first)} 至 {day(last)}")
    return told


def receipt_facts(receipt: Receipt) -> Facts:
    covers = receipt.enrollments.select_related("person__household")
    lines = [] if receipt.voided_at else list(covers.order_by("person__member_number"))
    load_packs(lines)
    on = receipt.issued_on
    certificates = certificates_on((line.person, on) for line in lines)
    (household,) = household_numbers_on([(receipt.household, on)]).values()
    return {
        "scheme": terms_of(lines[0].pack).scheme if lines else "",
        "number": receipt.full_number,
        "year": receipt.campaign.year,
        "issued_on": day(receipt.issued_on),
        "payer": receipt.payer_name,
        "household": household,
        "place": place_of(receipt.division),
        "lines": [
            {
                "name": line.person.name,
                "certificate": certificates[line.person_id, on],
                "tier": line.tier_name,
                "premium": yuan(line.premium_amount),
                "subsidy": yuan(line.subsidy_amount),
                "personal": yuan(line.personal_amount),
            }
            for line in lines
        ],
        "amount": yuan(receipt.amount),
        "spelled": spelled(receipt.amount),
        "channel": f"{receipt.get_channel_display()} {receipt.reference}".strip(),
        "sponsored": yuan(receipt.sponsored_amount) if receipt.sponsored_amount else "",
        "spans": _spans(lines),
        "issued_by": receipt.issued_by.name,
    }


def _void(receipt: Receipt) -> list[str]:
    if not receipt.voided_at:
        return []
    by = receipt.voided_by.name if receipt.voided_by else ""
    at = minute(receipt.voided_at)
    return [f"已 作 废　作废时间：{at}，作废人：{by}，原因：{receipt.void_reason}"]


RECEIPT = PaperKind(
    "enrollment.receipt",
    "收据",
    "enrollment/collection/receipt.html",
    "enrollment.view",
    receipt_facts,
    marks=_void,
)


def _receipt(request: Request, pk: int) -> Any:
    return get_visible(
        Receipt,
        request.user,
        "book",
        "household",
        "division__parent__parent",
        "campaign",
        "issued_by",
        "voided_by",
        pk=pk,
    )


def book_facts(book: ReceiptBook) -> Facts:
    done = getattr(book, "check_off", None)
    figures = done or book_figures(book)
    counts = ("people", "payers", "wubao_dibao", "sponsored", "valid", "void", "lost", "unused")
    events = book.events.select_related("holder", "new_holder", "recorded_by")
    return {
        "code": book.code,
        "year": book.year,
        "township": book.township.name,
        "clerk": book.clerk.name,
        "numbers": f"{book.first_number}–{book.last_number}",
        "is_draft": done is None,
        "counts": {name: getattr(figures, name) for name in counts},
        "amount": yuan(figures.amount),
        "spelled": spelled(figures.amount),
        "sponsored_amount": yuan(figures.sponsored_amount),
        "events": [
            {
                "on": day(one.on),
                "kind": one.get_kind_display(),
                "numbers": f"{one.first_number}–{one.last_number}",
                "holders": " → ".join(
                    user.name for user in (one.holder, one.new_holder) if user is not None
                ),
                "reason": one.reason,
            }
            for one in events
        ],
        "checked_by": done.checked_by.name if done else "",
        "checked_on": day(done.checked_on) if done else "",
    }


BOOK_SHEET = PaperKind(
    "enrollment.book_sheet",
    "票据核销单",
    "enrollment/collection/book_sheet.html",
    "enrollment.view_books",
    book_facts,
    is_final=lambda book: hasattr(book, "check_off"),
)


def refund_facts(refund: Refund) -> Facts:
    cover = refund.enrollment
    paid_by_tax = refund.tax_row
    receipt = cover.receipt.full_number if cover.receipt else ""
    return {
        "number": refund.pk,
        "year": cover.year,
        "place": place_of(cover.division),
        "household": cover.household.number,
        "person": cover.person.name,
        "payment": f"税票 {paid_by_tax.serial}" if paid_by_tax else f"收据 {receipt}",
        "ground": f"{refund.get_ground_display()}（{day(refund.ground_date)}）",
        "evidence": refund.evidence,
        "cover": "参保不变" if paid_by_tax else "参保终止",
        "amount": yuan(refund.amount),
        "spelled": spelled(refund.amount),
        "sponsor_amount": yuan(refund.sponsor_amount) if refund.sponsor_amount else "",
        "payee": refund.payee,
        "account": masked_account(refund.bank_account) or "现金",
        "requested": f"{refund.requested_by.name} {day(refund.requested_on)}",
        "decided": f"{refund.decided_by.name} {day(refund.decided_on)}"
        if refund.decided_by
        else "",
        "paid": f"{refund.paid_by.name} {day(refund.paid_on)}" if refund.paid_by else "",
        "voucher": refund.voucher_number,
        "is_draft": refund.status != Refund.Status.PAID,
    }


REFUND_SLIP = PaperKind(
    "enrollment.refund_slip",
    "退费凭单",
    "enrollment/collection/refund_slip.html",
    "enrollment.view_refunds",
    refund_facts,
    is_final=lambda refund: refund.status == Refund.Status.PAID,
)


def _refund(request: Request, pk: int) -> Any:
    return get_visible(
        Refund,
        request.user,
        "enrollment__person",
        "enrollment__household",
        "enrollment__receipt__book",
        "enrollment__division__parent",
        "tax_row",
        "requested_by",
        "decided_by",
        "paid_by",
        pk=pk,
    )


ROUTES = [
    paper_route("treasury/refunds/<int:pk>/slip", REFUND_SLIP, _refund, name="refund_slip"),
    paper_route("receipts/<int:pk>", RECEIPT, _receipt, name="receipt"),
    paper_route("treasury/books/<int:pk>/sheet", BOOK_SHEET, one_book, name="book_sheet"),
]
