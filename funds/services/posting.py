"""Posting a voucher: an event and its lines become balanced postings, once per key, for ever."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.locks import lock_name
from desk.reasons import given_reason
from funds.account_uses import options_of, use_problem
from funds.balances import book_of
from funds.events import (
    EVENTS,
    FUNDING_LEVELS,
    LEVEL_MOVED,
    OPENING,
    PURPOSES,
    Choice,
    Event,
    Side,
    level_of,
)
from funds.models import ZERO, Account, Book, Period, Posting, Voucher
from funds.records import amount_text, content_record
from funds.services.books import open_months_through, refuse_before
from funds.services.covering import check_covered, check_left_of_opening
from funds.verify import content_digest
from lib.divisions import lies_inside
from lib.money import told
from lib.periods import Month

# What numeric(14,2), the amount of every posting, holds.
MAX_AMOUNT = Decimal("999999999999.99")


@dataclass(frozen=True, slots=True)
class EventLine:
    """One part of an event, with what it is about.

    `amount`: yuan, more than zero, at most two decimals. `funding_level`, `purpose`: keys of
    FUNDING_LEVELS and PURPOSES (funds/events.py), needed where the event's account follows them.
    """

    amount: Decimal
    township: Division | None = None
    tier: str = ""
    policy_year: int | None = None
    institution_code: str = ""
    funding_level: str = ""
    purpose: str = ""


# What a line is about beside its township, under the names that parts of payments have too.
DIMENSIONS = ("tier", "policy_year", "institution_code", "funding_level", "purpose")


@dataclass(frozen=True, slots=True)
class Leg:
    """A line with its two accounts. `credited`: what the credit side is about, where that is
    something else than the debit side."""

    debit: str
    credit: str
    line: EventLine
    credited: EventLine | None = None


def post_event(
    *,
    event: str,
    area: Division,
    on: date,
    key: str,
    source: str,
    actor: User | None,
    lines: Sequence[EventLine],
    summary: str = "",
    fund_type: str = Book.FundType.RESIDENT,
    preparer: User | None = None,
) -> Voucher:
    """Book one event as one voucher and return it; `voucher.label` is its printed number.

    `key` names the event for ever ("settlement:34"): the same key with the same content returns the
    voucher that is there, with other content it is refused. `source` is what the voucher refers to,
    without personal data. `preparer`: who made it, where `actor` enters what another has made.
    Call it last in your transaction: it holds the month's counter.

    Raises Refusal when there is no book, the month is closed, a line is wrong, the key is taken, or
    an account has not so much or may not receive or pay such things.
    """
    what = EVENTS[event]
    if what.debit is None or what.credit is None:
        raise ValueError(f"{event} arises from closing a year and cannot be posted by hand")
    if not key or not source:
        raise ValueError("a voucher needs a key and a source")
    if not lines:
        raise Refusal("凭证没有内容：请至少填写一行金额", "amount")
    _check_lines(lines, area)
    with transaction.atomic():
        book = book_of(area, fund_type)
        legs = [_leg(what, book, line, on) for line in lines]
        return post_legs(
            book=book,
            event=event,
            on=on,
            key=key,
            source=source,
            actor=actor,
            legs=legs,
            summary=summary,
            preparer=preparer,
        )


def post_legs(
    *,
    book: Book,
    event: str,
    on: date,
    key: str,
    source: str,
    actor: User | None,
    legs: Sequence[Leg],
    summary: str = "",
    preparer: User | None = None,
) -> Voucher:
    """Post legs whose accounts are already known. Must be called inside a transaction."""
    accounts = {account.code: account for account in book.accounts.all()}
    postings = _postings(legs, accounts)
    if sum((posting.debit for posting in postings), ZERO) > MAX_AMOUNT:
        raise Refusal(f"一张凭证的合计不能超过 {told(MAX_AMOUNT)} 元，请核对金额", "amount")
    for posting in postings:
        if wrong := use_problem(posting.account.code, event, pays=posting.credit > 0):
            raise Refusal(wrong, "purpose")
    voucher = Voucher(
        book=book,
        occurred_on=on,
        event=event,
        summary=summary or EVENTS[event].title,
        source=source,
        key=key,
        amount=sum((posting.debit for posting in postings), ZERO),
    )
    return _write(voucher, postings, actor, preparer)


def post_balances(
    *,
    book: Book,
    event: str,
    on: date,
    key: str,
    source: str,
    actor: User,
    preparer: User,
    postings: Sequence[Posting],
) -> Voucher:
    """Post lines that are balances, not legs of pairs; together they balance. Must be called inside
    a transaction."""
    total = sum((posting.debit for posting in postings), ZERO)
    if total > MAX_AMOUNT:
        raise Refusal(f"一张凭证的合计不能超过 {told(MAX_AMOUNT)} 元，请核对金额", "amount")
    voucher = Voucher(
        book=book,
        occurred_on=on,
        event=event,
        summary=EVENTS[event].title,
        source=source,
        key=key,
        amount=total,
    )
    return _write(voucher, postings, actor, preparer)


@transaction.atomic
def reverse_voucher(
    *,
    actor: User | None,
    voucher: Voucher,
    on: date,
    reason: str,
    preparer: User | None = None,
) -> Voucher:
    """Correct a voucher by a red-letter one: the same lines on the same sides, with minus signs.

    Raises Refusal when it is itself red, was reversed before, is later than `on`, or would change
    the income or expense of a year that is over (that goes through 追回以前年度待遇 and the like).
    """
    reason = given_reason(reason, asks="红冲的原因")
    # Two who reverse one voucher: the second finds the first's reversal and is refused.
    original = Voucher.objects.select_for_update(of=("self",)).with_postings().get(pk=voucher.pk)
    if original.reversal_of_id is not None:
        raise Refusal("红字凭证不能再红冲；请按正确的内容重新登记一笔")
    red = Voucher.objects.filter(reversal_of=original).first()
    if red is not None:
        raise Refusal(f"凭证 {original.label} 已由 {red.label} 红冲，不能重复红冲")
    if on < original.occurred_on:
        raise Refusal(f"红冲日期不能早于原凭证日期 {original.occurred_on}", "on")
    lines = list(original.postings.all())
    if on.year != original.occurred_on.year and any(
        posting.account.kind in {Account.Kind.INCOME, Account.Kind.EXPENSE} for posting in lines
    ):
        raise Refusal(f"以前年度的收入、支出不能红冲，{_instead(original)}", "on")
    mirrored = [
        Posting(
            line=posting.line,
            account=posting.account,
            debit=-posting.debit,
            credit=-posting.credit,
            **posting.dimensions(),
        )
        for posting in lines
    ]
    return _write(
        Voucher(
            book=original.book,
            occurred_on=on,
            event=original.event,
            summary=f"红冲 {original.label}：{reason}"[:200],
            source=original.source,
            key=f"reversal:{original.label}",
            amount=-original.amount,
            reversal_of=original,
        ),
        mirrored,
        actor,
        preparer,
    )


def _check_lines(lines: Iterable[EventLine], area: Division) -> None:
    for line in lines:
        if not isinstance(line.amount, Decimal):
            raise TypeError("amounts are Decimal yuan")
        if not line.amount.is_finite() or line.amount != round(line.amount, 2):
            raise Refusal(f"金额“{line.amount}”不对：小数最多两位（到分）", "amount")
        if not ZERO < line.amount <= MAX_AMOUNT:
            raise Refusal(f"金额“{line.amount}”不对：应大于零；冲减请用红冲或退还事项", "amount")
        town = line.township
        if town is not None and (
            town.level != Division.Level.TOWNSHIP or not lies_inside(town.code, area.code)
        ):
            raise Refusal(f"{town.name}不是{area.name}的乡镇，请重新选择", "township")
        if line.funding_level and line.funding_level not in FUNDING_LEVELS:
            raise Refusal(f"没有资金来源“{line.funding_level}”", "funding_level")


def _leg(event: Event, book: Book, line: EventLine, on: date) -> Leg:
    debit = _account_code(event, event.debit, line)
    credit = _account_code(event, event.credit, line)
    later = line.policy_year is not None and line.policy_year > on.year
    if event.deferred and book.defers_advance_premium and later:
        income, stand_in = event.deferred
        debit = stand_in if debit == income else debit
        credit = stand_in if credit == income else credit
    if event.name == LEVEL_MOVED:
        right = level_of(line.purpose)
        return Leg(debit, credit, line, replace(line, funding_level=right))
    return Leg(debit, credit, line)


def _account_code(event: Event, side: Side | None, line: EventLine) -> str:
    if isinstance(side, Choice):
        code = side.accounts.get(getattr(line, side.by))
        if code is None:
            names = PURPOSES if side.by == "purpose" else FUNDING_LEVELS
            wanted = "、".join(names[name] for name in options_of(event))
            raise Refusal(f"“{event.title}”须从以下选择一项：{wanted}", side.by)
        return code
    return str(side)


def _postings(legs: Sequence[Leg], accounts: dict[str, Account]) -> list[Posting]:
    """Debits, then credits; lines of the same account and the same dimensions become one."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    towns: dict[int | None, Division | None] = {None: None}
    for side in ("debit", "credit"):
        for leg in legs:
            line, code = leg.line, getattr(leg, side)
            if side == "credit" and leg.credited is not None:
                line = leg.credited
            town = line.township.pk if line.township else None
            towns[town] = line.township
            where = (
                side,
                code,
                line.funding_level,
                line.tier,
                town,
                line.institution_code,
                line.policy_year,
            )
            sums[where] = sums.get(where, ZERO) + line.amount
    postings = []
    for place, (where, amount) in enumerate(sums.items(), start=1):
        side, code, level, tier, town, institution, year = where
        if code not in accounts:
            raise Refusal(f"本账套没有科目 {code}，这类事项不能记入本账套", "event")
        postings.append(
            Posting(
                line=place,
                account=accounts[code],
                debit=amount if side == "debit" else ZERO,
                credit=amount if side == "credit" else ZERO,
                funding_level=level,
                tier=tier,
                township=towns[town],
                institution_code=institution,
                policy_year=year,
            )
        )
    return postings


def _write(
    voucher: Voucher, postings: Sequence[Posting], actor: User | None, preparer: User | None
) -> Voucher:
    """Give the voucher its number and write it, unless its key is there already."""
    voucher.line_count = len(postings)
    voucher.content_digest = content_digest(content_record(voucher, postings))
    lock_name(voucher.book.area.code, f"funds.key:{voucher.book_id}:{voucher.key}")
    there = Voucher.objects.filter(book=voucher.book_id, key=voucher.key).first()
    if there is not None:
        if there.content_digest == voucher.content_digest:
            return there
        raise Refusal(
            f"这笔业务已记入凭证 {there.label}，内容却与这次不同；请先核对那张凭证，需要更正时红冲"
        )
    voucher.prepared_by = preparer or actor
    voucher.preparer = voucher.prepared_by.name if voucher.prepared_by else "系统"
    if voucher.event != OPENING:
        refuse_before(voucher.book, Month.of(voucher.occurred_on))
    voucher.period_id, voucher.number = _take_number(voucher.book, Month.of(voucher.occurred_on))
    voucher.posted_at = timezone.now()
    voucher.save(force_insert=True)
    for posting in postings:
        posting.voucher = voucher
        posting.period_id = voucher.period_id
    Posting.objects.bulk_create(postings)
    check_covered(voucher, postings)
    check_left_of_opening(voucher, postings)
    record(
        actor=actor,
        action="funds.reverse" if voucher.reversal_of_id else "funds.post",
        subject=voucher,
        after={
            "label": voucher.label,
            "event": voucher.event,
            "amount": amount_text(voucher.amount),
            "key": voucher.key,
        },
    )
    return voucher


def _take_number(book: Book, month: Month) -> tuple[int, int]:
    taken = Period.objects.take_number(book, month)
    if taken is None:
        if not Period.objects.filter(book=book).at(month).exists():
            open_months_through(book, month)
        # Somebody else may have begun the month in between, so ask again before saying no.
        taken = Period.objects.take_number(book, month)
    if taken is None:
        raise Refusal(f"{month.words}已结账，不能再记账；请记入未结账的月份", "on")
    return taken


def _instead(original: Voucher) -> str:
    """What to do in the new year about a voucher of the old one: while its December is open the red
    letter still belongs there."""
    year = original.occurred_on.year
    december = Period.objects.filter(book=original.book_id, year=year, month=12)
    if december.filter(status=Period.Status.OPEN).exists():
        return f"{year}年还没有年终结账，红冲日期请填 {year}-12-31 或以前未结账的日期"
    if original.is_manual:
        return "请在这张凭证的页面办理“更正以前年度”"
    return "请按“追回以前年度待遇”或“退还以前年度保费”登记"
