"""Matching lines with vouchers by rule and by hand, undoing it, and the table's two hands."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.locks import lock_name
from desk.seen import fingerprint, refuse_stale
from funds.models import ZERO, Account
from funds.reconciling.models import Adjustment, LineMatch, MatchedItem
from funds.reconciling.pairing import Entry, pair
from funds.reconciling.table import (
    Item,
    Table,
    is_collected,
    lines_of,
    table_of,
    vouchers_of,
    with_outstanding,
)
from funds.reconciling.workflow import ADJUSTMENTS, MATCHES
from lib.money import to_fen, told
from lib.periods import Month

How = LineMatch.How
COLLECTED = "收入户的流水请在“资金对账”核对，核对后这里一并勾对"


def unmatched(account: Account) -> tuple[list[Item], list[Item]]:
    """Lines and vouchers, since the first line, that are in no match."""
    lines = lines_of(account)
    since = min((one.day for one in lines), default=None)
    if since is None:
        return [], []
    both = with_outstanding(account, lines, vouchers_of(account, Month.of(since).first))
    ours, theirs = ([one for one in side if one.key and not one.group] for side in both)
    return ours, theirs


@all_or_nothing()
def match_by_rule(*, actor: User, account: Account) -> int:
    """Match what can be nothing else (`pairing.pair`); returns how many matches were made."""
    _lock(account)
    lines, vouchers = unmatched(account)
    by_key = {one.key: one for one in lines}, {one.key: one for one in vouchers}
    made = 0
    for found in pair([_entry(one) for one in lines], [_entry(one) for one in vouchers]):
        sides = [
            [known[one.key] for one in side]
            for known, side in zip(by_key, (found.lines, found.vouchers), strict=True)
        ]
        if not _reviewed(account, [*sides[0], *sides[1]]):
            _match(actor, account, How.RULE, *sides)
            made += 1
    return made


@all_or_nothing()
def match_by_hand(
    *, actor: User, account: Account, lines: Collection[int], vouchers: Collection[int]
) -> LineMatch:
    """These lines are these vouchers. Lines alone that sum to nothing may be matched as well: money
    that the bank moved by mistake and moved back. Raises Refusal where the sums differ."""
    _lock(account)
    all_lines, all_vouchers = unmatched(account)
    ours = [one for one in all_lines if one.key in set(lines)]
    theirs = [one for one in all_vouchers if one.key in set(vouchers)]
    if len(ours) != len(set(lines)) or len(theirs) != len(set(vouchers)):
        raise Refusal("所选的流水或凭证刚由别人勾对，请刷新后重选", "lines")
    if len(ours) + len(theirs) < 2:
        raise Refusal("请至少勾选两笔：流水和与它对应的凭证", "lines")
    bank, book = _sum(ours), _sum(theirs)
    if bank != book:
        raise Refusal(
            f"所选流水合计 {told(bank)} 元，所选凭证合计 {told(book)} 元，"
            f"相差 {told(bank - book)} 元，不能勾对",
            "lines",
        )
    if why := _reviewed(account, [*ours, *theirs]):
        raise Refusal(why)
    return _match(actor, account, How.HAND, ours, theirs)


@all_or_nothing()
def undo_match(*, actor: User, match: LineMatch, reason: str) -> LineMatch:
    """Take a match apart: its lines and vouchers are open again, the match stays on record."""
    row = MATCHES.lock(match.pk)
    _lock(row.account)
    MATCHES.check(row, "undo_match", actor, reason)
    items = row.items.select_related("line", "voucher")
    days = [(one.line.booked_on if one.line else one.voucher.occurred_on) for one in items]  # type: ignore[union-attr]
    if why := _in_reviewed_month(row.account, max(days)):
        raise Refusal(why)
    row.items.update(is_live=False)
    return MATCHES.take(row, "undo_match", actor=actor, reason=reason)


@all_or_nothing()
def make_adjustment(
    *, actor: User, account: Account, month: Month, balance: Decimal, on: date
) -> Adjustment:
    """Write down what the bank's paper says at the month's end; corrected while nobody reviewed."""
    if on <= month.last:
        raise Refusal(f"{month.words}还没有过完，月末以后再编制", "balance")
    row = Adjustment.objects.filter(account=account, month=month.first).first()
    if row is not None:
        return ADJUSTMENTS.move(row.pk, "correct_balance", actor=actor, balance=balance)
    row = Adjustment(account=account, month=month.first, balance=balance, made_by=actor)
    row.save(force_insert=True)
    ADJUSTMENTS.begin(row, "make_adjustment", actor=actor)
    return row


@all_or_nothing()
def review_adjustment(
    *, actor: User, adjustment: Adjustment, seen: str | None = None
) -> Adjustment:
    """Agree to the table and keep it. `seen`: the fingerprint of the table that was looked at.
    Raises Refusal while the adjusted balances differ."""
    if not is_collected(adjustment.account):
        _lock(adjustment.account)
    row = ADJUSTMENTS.lock(adjustment.pk)
    ADJUSTMENTS.check(row, "review_adjustment", actor)
    table = table_of(row.account, row.as_month, row.balance)
    refuse_stale(seen, seen_of(table))
    if table.difference:
        raise Refusal(f"调节后的余额相差 {told(table.difference)} 元，请查明后再复核")
    return ADJUSTMENTS.take(row, "review_adjustment", actor=actor, table=table.as_json())


@all_or_nothing()
def return_adjustment(*, actor: User, adjustment: Adjustment, reason: str) -> Adjustment:
    """Back to who made it: matches of its month may be changed again."""
    return ADJUSTMENTS.move(
        adjustment.pk, "return_adjustment", actor=actor, reason=reason,
        reviewed_by=None, reviewed_at=None, table=None,
    )  # fmt: skip


def seen_of(table: Table) -> str:
    return fingerprint(table.as_json())


def shown(adjustment: Adjustment | None, account: Account, month: Month) -> Table:
    """As it was reviewed, else as it is now."""
    if adjustment is not None and adjustment.table is not None:
        return Table.of(adjustment.table)
    return table_of(account, month, adjustment.balance if adjustment else None)


def _match(
    actor: User, account: Account, how: str, lines: Sequence[Item], vouchers: Sequence[Item]
) -> LineMatch:
    row = LineMatch(account=account, how=how, amount=_sum(lines), matched_by=actor)
    row.save(force_insert=True)
    MatchedItem.objects.bulk_create(
        [MatchedItem(match=row, account=account, line_id=one.key) for one in lines]
        + [MatchedItem(match=row, account=account, voucher_id=one.key) for one in vouchers]
    )
    MATCHES.begin(row, "match_lines", actor=actor)
    return row


def _lock(account: Account) -> None:
    if is_collected(account):
        raise Refusal(COLLECTED)
    lock_name(account.book.area.code, f"funds.reconciling:{account.pk}")


def _reviewed(account: Account, items: Sequence[Item]) -> str:
    return _in_reviewed_month(account, max(one.day for one in items))


def _in_reviewed_month(account: Account, last: date) -> str:
    """What happened whole by the end of a reviewed month stands in its table."""
    row = (
        Adjustment.objects.filter(
            account=account,
            month__gte=Month.of(last).first,
            status=Adjustment.Status.REVIEWED,
        )
        .order_by("month")
        .first()
    )
    return f"{row.as_month.words}的余额调节表已复核，请先退回重编" if row else ""


def _entry(one: Item) -> Entry:
    words = one.source or f"{one.number} {one.words}"
    return Entry(one.key, one.day, to_fen(one.amount), words)


def _sum(items: Sequence[Item]) -> Decimal:
    return sum((one.amount for one in items), ZERO)
