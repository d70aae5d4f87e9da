"""Making, reviewing and entering vouchers by hand, and the county's limits for them.

会计法: 制单, 复核, 记账 are duties that check one another; a cashier enters no income, expense,
claims or debts, and so makes no voucher.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from accounts.roles import Role
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.locks import lock_name
from desk.reasons import given_reason
from funds.drafts.earlier import article_of, corrected, hold, moved_level, waiting_correction
from funds.drafts.entering import enter
from funds.drafts.lines import as_json
from funds.drafts.models import BookLimit, LimitProposal, VoucherDraft
from funds.drafts.workflow import DRAFTS, LIMITS, ON_ITS_WAY
from funds.events import EVENTS, LEVEL_MOVED, OPENING
from funds.law.by_hand import by_itself, law_of
from funds.law.working import Step, Working
from funds.models import MANUAL_KEY, ZERO, Book, Voucher
from funds.services.posting import EventLine
from lib.money import told
from lib.periods import Month

CASHIER = (
    "《会计法》规定出纳人员不得兼任收入、支出、费用、债权债务账目的登记工作，"
    "出纳不能制单，请交会计办理"
)
MAX_SUMMARY = 200  # characters, as the column holds


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
    working: Working | None = None,
    corrects: Voucher | None = None,
    steps: Sequence[Step] = (),
) -> VoucherDraft:
    """Make a voucher from a bank slip or an approval; `document` is its number.

    It is tried out at once, so that its maker hears what would be refused when it is entered.
    `key` comes from the form, so that sending it twice makes it once; sent again after it was
    returned or withdrawn, it makes another. `same_document`: why it is
    another one although the number of the document was used before. `working`: what it was worked
    out from by the measures (funds/law/), kept with it; `document` is then no slip's number.
    """
    _no_cashier(actor)
    if there := VoucherDraft.objects.alive().filter(book=book, key=key).first():
        return there
    document = readable(document, "单据号", "document")
    summary = readable(summary, "摘要", "summary")
    if (law := law_of(event, book, lines)) and summary:
        summary = f"{law}：{summary}"
        if (more := len(summary) - MAX_SUMMARY) > 0:
            raise Refusal(f"摘要连同条文超过 {MAX_SUMMARY} 字，请缩短 {more} 字", "summary")
    elif law and "summary" not in EVENTS[event].needs:
        summary = by_itself(event, law)
    draft = VoucherDraft(
        book=book,
        event=event,
        occurred_on=on,
        document=document,
        summary=summary[:MAX_SUMMARY],
        amount=sum((line.amount for line in lines), ZERO),
        lines=[as_json(line) for line in lines],
        key=key,
        same_document=same_document,
        working=[step.as_json() for step in (working.steps if working else steps)],
        corrects=corrects,
        made_by=actor,
    )
    _try_out(draft, today)
    if EVENTS[event].by_law:
        return _begin(draft, actor)
    # Two windows with one number: the second sees the first's.
    lock_name(book.area.code, f"funds.document:{book.pk}:{document}")
    if not same_document and (used := used_before(book, document)):
        raise Refusal(
            f"单据号“{document}”已用于{used}；同一张单据不能记两次，确是另一笔的，请勾选并写明原因",
            "again",
        )
    return _begin(draft, actor)


@all_or_nothing()
def make_correction(
    *,
    actor: User,
    voucher: Voucher,
    right: Sequence[Decimal],
    on: date,
    today: date,
    document: str,
    key: str,
    reason: str,
    same_document: str = "",
) -> VoucherDraft:
    """Make the voucher of this year that puts right one by hand of a closed year. `right`: what
    each of its lines (`earlier.standing_lines`) should be, in yuan."""
    _begin_correction(actor, voucher, key)
    event, lines, steps = corrected(voucher, right)
    article = article_of(voucher, event, Month.of(on))
    return make_draft(
        actor=actor, book=voucher.book, event=event, on=on, today=today, document=document,
        key=key, lines=lines, same_document=same_document, corrects=voucher,
        summary=f"更正 {voucher.label}：{_why(reason)}"[:MAX_SUMMARY],
        steps=[replace(step, article=article) for step in steps],
    )  # fmt: skip


@all_or_nothing()
def make_level_move(
    *,
    actor: User,
    voucher: Voucher,
    at: int,
    level: str,
    amount: Decimal,
    on: date,
    today: date,
    document: str,
    key: str,
    reason: str,
    same_document: str = "",
) -> VoucherDraft:
    """Make the voucher of this year by which so much of a closed year's subsidy is another level's.
    `at`: which of its lines (`earlier.standing_lines`)."""
    _begin_correction(actor, voucher, key)
    lines, steps = moved_level(voucher, at, level, amount)
    article = article_of(voucher, LEVEL_MOVED, Month.of(on))
    return make_draft(
        actor=actor, book=voucher.book, event=LEVEL_MOVED, on=on, today=today, document=document,
        key=key, lines=lines, same_document=same_document, corrects=voucher,
        summary=f"改记级次 {voucher.label}：{_why(reason)}"[:MAX_SUMMARY],
        steps=[replace(step, article=article) for step in steps],
    )  # fmt: skip


def _why(reason: str) -> str:
    return given_reason(reason, asks="更正的原因")


def _begin_correction(actor: User, voucher: Voucher, key: str) -> None:
    """One correction of a voucher is on its way at a time."""
    _no_cashier(actor)
    hold(voucher)
    there = waiting_correction(voucher)
    if there is not None and there.key != key:
        raise Refusal(f"{voucher.label} 的更正已制单（{there}），请等待复核、记账")


@all_or_nothing()
def make_reversal(
    *, actor: User, voucher: Voucher, on: date, today: date, reason: str
) -> VoucherDraft:
    """Make the red-letter voucher that takes back one that was entered by hand."""
    _no_cashier(actor)
    if voucher.event == OPENING:
        raise Refusal("期初余额不在这里红冲，请在“期初余额”提出更正")
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
    if row.status != VoucherDraft.Status.APPROVED and (why := asks_approval(row)):
        raise Refusal(f"{why}，须先经审批才能记账")
    voucher = enter(row, actor=actor, today=today)
    return DRAFTS.take(row, "enter_voucher", actor=actor, voucher=voucher)


def second_approval_above(draft: VoucherDraft) -> Decimal | None:
    """The county's limit, where the draft is above it."""
    limits = BookLimit.objects.of_book(draft.book)
    limit = limits.second_approval if limits else None
    return limit if limit is not None and draft.amount > limit else None


def asks_approval(draft: VoucherDraft) -> str:
    """Why somebody has to approve it beside review and entry, in words; "" when nobody has to."""
    if (limit := second_approval_above(draft)) is not None:
        return f"{told(draft.amount)} 元超过本县大额审批限额 {told(limit)} 元"
    event = EVENTS[draft.event]
    return f"“{event.title}”不论金额大小" if event.always_approved else ""


@all_or_nothing()
def propose_limits(
    *,
    actor: User,
    book: Book,
    on: date,
    second_approval: Decimal | None,
    turnover_cash: Decimal | None,
    basis: str,
    reason: str,
) -> LimitProposal:
    """Put limits of a book forward; those in force go on until somebody else has agreed."""
    if not actor.may("funds.set_limits"):
        raise Refusal("您的角色不能提出记账限额")
    basis = given_reason(basis, asks="依据", most=60, at=("basis",))
    return LIMITS.propose(
        Asked(actor, on, basis, reason, "依据"),
        book=book,
        second_approval=second_approval,
        turnover_cash=turnover_cash,
    )


@all_or_nothing()
def decide_limits(
    row: LimitProposal, event: str, *, actor: User, on: date, reason: str = ""
) -> LimitProposal:
    """Agree, refuse or take back (an event of `LIMITS`). Agreed limits hold from now on; those
    before stay on record."""
    row = LIMITS.lock(row.pk)
    LIMITS.check(row, event, actor, reason)
    limit = None
    if event == "approve_limits":
        limit = BookLimit.objects.create(
            book=row.book,
            second_approval=row.second_approval,
            turnover_cash=row.turnover_cash,
            basis=row.evidence,
            set_by=row.proposed_by,
            agreed_by=actor,
        )
        record(actor=actor, action="funds.set_limits", subject=limit, after=audited(limit))
    return LIMITS.decided(row, event, actor=actor, on=on, reason=reason, limit=limit)


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
