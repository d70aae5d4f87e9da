"""The room's papers: the voucher (记账凭证), the list of a batch's payments (支付清单)."""

from typing import Any

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, minute, spelled, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.chart import Printed, printed
from funds.drafts.earlier import corrections
from funds.events import OPENING
from funds.models import Book, Posting, Voucher
from funds.named import is_money
from funds.opening.models import Opening
from funds.payments.models import PaymentBatch, Transfer
from institutions.models import Institution
from lib.bank_numbers import masked_account
from policies.services import terms_in_force


def tier_names(book: Book) -> dict[str, str]:
    """Names of the tiers by the measures in force; without measures there are none to choose."""
    try:
        terms = terms_in_force(area_code=book.area.code, day=today())
    except Refusal:
        return {}
    return dict(terms.vocabulary["tier"])


def voucher_lines(voucher: Voucher) -> list[Facts]:
    """The lines as the printed voucher shows them."""
    postings = list(voucher.postings.all())
    codes = {posting.institution_code for posting in postings if posting.institution_code}
    names = dict(Institution.objects.filter(code__in=codes).values_list("code", "name"))
    tiers = tier_names(voucher.book)

    def about(posting: Posting) -> str:
        parts = (
            posting.get_funding_level_display() if posting.funding_level else "",
            tiers.get(posting.tier, posting.tier),
            posting.township.name if posting.township else "",
            names.get(posting.institution_code, posting.institution_code),
            f"{posting.policy_year}年度" if posting.policy_year else "",
        )
        return "、".join(part for part in parts if part)

    def account(posting: Posting) -> Printed:
        return printed(voucher.period.chart, posting.account.code)

    return [
        {
            "line": posting.line,
            "general": account(posting).general_told,
            "own": account(posting).own,
            "about": about(posting),
            "debit": yuan(posting.debit) if posting.debit else "",
            "credit": yuan(posting.credit) if posting.credit else "",
            "is_red": posting.debit < 0 or posting.credit < 0,
        }
        for posting in postings
    ]


def voucher_facts(voucher: Voucher) -> Facts:
    seal = getattr(voucher, "seal", None)
    on, draft = voucher.occurred_on, getattr(voucher, "draft", None)
    review = getattr(voucher, "review", None)
    hands = (draft or review, "reviewed_by"), (draft, "approved_by"), (draft, "posted_by")
    reviewer, approver, poster = (_name(*hand) for hand in hands)
    if opening := opening_of(voucher):
        approver = _name(opening, "decided_by")
    return {
        "book": str(voucher.book),
        "occurred_on": f"{on.year}年{on.month}月{on.day}日",
        "label": voucher.label,
        "summary": voucher.summary,
        "source": voucher.source,
        "is_of_money": any(is_money(one.account.code) for one in voucher.postings.all()),
        "reverses": voucher.reversal_of.label if voucher.reversal_of else "",
        "lines": voucher_lines(voucher),
        "amount": yuan(voucher.amount),
        "spelled": spelled(voucher.amount),
        "posted_at": minute(voucher.posted_at),
        "preparer": voucher.preparer,
        "reviewer": reviewer,
        "approver": approver,
        "poster": poster,
        "event": f"{voucher.event_number} {voucher.event_title}",
        "seal": f"封存链第 {seal.sequence} 环，指纹 {seal.digest[:16]}…" if seal else "尚待封存",
    }


def opening_of(voucher: Voucher) -> Opening | None:
    """Of a voucher with what the book began with, or of its red one: whose agreement posted it."""
    if voucher.event != OPENING:
        return None
    rows = Opening.objects.select_related("decided_by")
    if voucher.reversal_of_id is None:
        return rows.filter(voucher=voucher).first()
    return rows.filter(replaces__red=voucher, status=Opening.Status.APPROVED).first()


def _name(row: Any, hand: str) -> str:
    user = getattr(row, hand, None)
    return user.name if user else ""


def _edition(voucher: Voucher) -> str:
    """A voucher that was printed before its seal or its review is issued anew with it, not copied
    without."""
    there = (name for name in ("review", "seal") if getattr(voucher, name, None))
    told = [{"review": "reviewed", "seal": "sealed"}[name] for name in there]
    # Printed in January by the old chart, and since then the year keeps another one.
    now, first = voucher.period.chart, voucher.book.chart
    return "-".join([*told, now] if first == Book.Chart.Y2008 != now else told)


def _marks(voucher: Voucher) -> list[str]:
    red = getattr(voucher, "reversal", None)
    if red:
        return [f"本凭证已由 {red.label} 红冲"]
    return [f"本凭证已由 {one.voucher.label} 更正" for one in corrections(voucher) if one.voucher]


VOUCHER = PaperKind(
    "funds.voucher",
    "记账凭证",
    "funds/voucher.html",
    "funds.view",
    voucher_facts,
    size="A4 half",
    edition=_edition,
    marks=_marks,
)


def _voucher(request: Request, pk: int) -> Any:
    rows = Voucher.objects.with_postings().select_related(
        "seal",
        "reversal",
        "payment",
        "review__reviewed_by",
        "draft__reviewed_by",
        "draft__approved_by",
        "draft__posted_by",
    )
    return get_visible(rows, request.user, pk=pk)


def list_facts(batch: PaymentBatch) -> Facts:
    """Every payment that the batch has, as the bank is told it."""
    rows = Transfer.objects.filter(batch=batch).standing().order_by("position")
    return {
        "area": batch.area.name,
        "number": batch.number,
        "paid_on": day(batch.paid_on),
        "lines": [
            {
                "reference": row.reference,
                "payee": row.payee,
                "account": " ".join(
                    part for part in (row.bank, masked_account(row.account)) if part
                )
                or "按协议账户",
                "source": row.order.source,
                "place": row.order.division.place,
                "amount": yuan(row.amount),
            }
            for row in rows.select_related("order__division__parent", "batch")
        ],
        "total": yuan(batch.total),
        "spelled": spelled(batch.total),
        "made_by": batch.made_by.name,
        "made_on": day(batch.made_on),
        "released_by": batch.released_by.name if batch.released_by else "",
    }


def _released(batch: PaymentBatch) -> bool:
    return batch.status == PaymentBatch.Status.RELEASED


PAYMENT_LIST = PaperKind(
    "funds.payment_list",
    "支付清单",
    "funds/payments/list.html",
    "funds.view",
    list_facts,
    division_code=lambda batch: batch.area.code,
    is_final=_released,
    marks=lambda batch: [] if _released(batch) else [f"{batch.get_status_display()}，不作支付凭据"],
)


def _batch(request: Request, pk: int) -> Any:
    rows = PaymentBatch.objects.select_related("area", "made_by", "released_by")
    return get_visible(rows, request.user, pk=pk)


ROUTES = [
    paper_route("vouchers/<int:pk>", VOUCHER, _voucher, name="voucher"),
    paper_route("payments/batches/<int:pk>/list", PAYMENT_LIST, _batch, name="payment_list"),
]
