"""Making, reviewing and entering vouchers by hand, and the county's limits for them.

会计法: 制单, 复核, 记账 are duties that check one another; a cashier enters no income, expense,
claims or debts, and so makes no voucher.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from accounts.roles import Role
from desk.changes import all_or_nothing
from desk.locks import lock_name
from desk.reasons import given_reason
from funds.drafts.entering import enter
from funds.drafts.models import BookLimit, VoucherDraft
from funds.drafts.workflow import DRAFTS, ON_ITS_WAY
from funds.models import MANUAL_KEY, ZERO, Book, Voucher
from funds.services.posting import DIMENSIONS, EventLine
from lib.money import told

CASHIER = (
    "《会计法》规定出纳人员不得兼任收入、支出、费用、债权债务账目的登记工作，"
    "出纳不能制单，请交会计办理"
)


@all_or_nothing()
def make_draft(
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
    same_document: str = "",
) -> VoucherDraft:
    """Make a voucher from a bank slip or an approval; `document` is its number.

    It is tried out at once, so that its maker hears what would be refused when it is entered.
    `key` comes from the form, so that sending it twice makes it once; sent again after it was
    returned or withdrawn, it makes another. `same_document`: why it is
    another one although the number of the document was used before.
    """
    _no_cashier(actor)
    if there := VoucherDraft.objects.alive().filter(book=book, key=key).first():
        return there
    document = readable(document, "单据号", "document")
    draft = VoucherDraft(
        book=book,
        event=event,
        occurred_on=on,
        document=document,
        summary=readable(summary, "摘要", "summary"),
        amount=sum((line.amount for line in lines), ZERO),
        lines=[_as_json(line) for line in lines],
        key=key,
        same_document=same_document,
        made_by=actor,
    )
    _try_out(draft, today)
    # Two windows with one number: the second sees the first's.
    lock_name(book.area.code, f"funds.document:{book.pk}:{document}")
    if not same_document and (used := used_before(book, document)):
        raise Refusal(
            f"单据号“{document}”已用于{used}；同一张单据不能记两次，确是另一笔的，请勾选并写明原因",
            "again",
        )
    return _begin(draft, actor)


@all_or_nothing()
def make_reversal(
    *, actor: User, voucher: Voucher, on: date, today: date, reason: str
) -> VoucherDraft:
    """Make the red-letter voucher that takes back one that was entered by hand."""
    _no_cashier(actor)
    open_one = VoucherDraft.objects.filter(reverses=voucher, status__in=ON_ITS_WAY).first()
    if open_one is not None:
        raise Refusal(f"{voucher.label} 的红冲已制单（{open_one}），请等待复核、记账")
    before = VoucherDraft.objects.filter(reverses=voucher).count()
    draft = VoucherDraft(
        book=voucher.book,
        event=voucher.event,
        occurred_on=on,
        document=voucher.source[:60],
        summary=given_reason(reason, asks="红冲的原因"),
        amount=abs(voucher.amount),
        key=f"reversal:{voucher.pk}:{before + 1}",
        reverses=voucher,
        made_by=actor,
    )
    _try_out(draft, today)
    return _begin(draft, actor)


def used_before(book: Book, document: str) -> str:
    """Where the number of a document stands already, in words; "" when nowhere.

    A voucher that was taken back and its red-letter one do not count.
    """
    draft = VoucherDraft.objects.filter(
        book=book, document=document, status__in=ON_ITS_WAY, reverses=None
    ).first()
    if draft is not None:
        return (
            f"{draft}（{draft.occurred_on}，{told(draft.amount)} 元，{draft.get_status_display()}）"
        )
    voucher = Voucher.objects.filter(
        book=book,
        source=document,
        key__startswith=MANUAL_KEY,
        reversal_of=None,
        reversal=None,
    ).first()
    if voucher is None:
        return ""
    return f"凭证 {voucher.label}（{voucher.occurred_on}，{told(voucher.amount)} 元）"


@all_or_nothing()
def take_step(*, actor: User, draft: VoucherDraft, event: str, reason: str = "") -> VoucherDraft:
    """Review, approve, return or withdraw it."""
    return DRAFTS.move(draft.pk, event, actor=actor, reason=reason)


@all_or_nothing()
def enter_draft(*, actor: User, draft: VoucherDraft, today: date) -> VoucherDraft:
    """Enter it into the books. Raises Refusal where it is huge and nobody has approved it."""
    row = DRAFTS.lock(draft.pk)
    DRAFTS.check(row, "enter_voucher", actor)
    limit = second_approval_above(row)
    if limit is not None and row.status != VoucherDraft.Status.APPROVED:
        raise Refusal(
            f"{told(row.amount)} 元超过本县大额审批限额 {told(limit)} 元，须先经审批才能记账"
        )
    voucher = enter(row, actor=actor, today=today)
    return DRAFTS.take(row, "enter_voucher", actor=actor, voucher=voucher)


def second_approval_above(draft: VoucherDraft) -> Decimal | None:
    """The county's limit, where the draft is above it."""
    limits = BookLimit.objects.of_book(draft.book)
    limit = limits.second_approval if limits else None
    return limit if limit is not None and draft.amount > limit else None


@all_or_nothing()
def set_limits(
    *,
    actor: User,
    book: Book,
    second_approval: Decimal | None,
    turnover_cash: Decimal | None,
    basis: str,
) -> BookLimit:
    """Set the limits of a book from now on; those before stay on record."""
    if not actor.may("funds.set_limits"):
        raise Refusal("您的角色不能设定记账限额")
    row = BookLimit.objects.create(
        book=book,
        second_approval=second_approval,
        turnover_cash=turnover_cash,
        basis=readable(basis, "依据", "basis"),
        set_by=actor,
    )
    record(actor=actor, action="funds.set_limits", subject=row, after=audited(row))
    return row


def _no_cashier(actor: User) -> None:
    if actor.role == Role.CASHIER:
        raise Refusal(CASHIER)


def _begin(draft: VoucherDraft, actor: User) -> VoucherDraft:
    draft.save(force_insert=True)
    DRAFTS.begin(draft, "make_voucher", actor=actor)
    return draft


def _try_out(draft: VoucherDraft, today: date) -> None:
    with transaction.atomic():
        enter(draft, actor=draft.made_by, today=today)
        transaction.set_rollback(True)


def _as_json(line: EventLine) -> dict[str, str]:
    told_of = {name: str(getattr(line, name)) for name in DIMENSIONS if getattr(line, name)}
    town = {"township": line.township.code} if line.township else {}
    return {"amount": str(line.amount), **town, **told_of}
