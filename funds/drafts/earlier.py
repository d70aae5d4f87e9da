"""Vouchers by hand of a closed year that were wrong (更正以前年度): what each line stands at, and
what makes it right in this year's books.

The rules know no way into a closed year: what is recovered or refunded of an earlier one is other
income or other expense of this one (E09, E11), and so is what was booked wrong (decision 0038). A
subsidy that was booked as another level's goes from one level to the other, and no total changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.errors import Refusal
from desk.locks import lock_name
from funds.chart import CHART_NAMES, MONEY, printed
from funds.drafts.lines import lines_of
from funds.drafts.models import VoucherDraft
from funds.drafts.workflow import ON_ITS_WAY
from funds.events import (
    BANKS,
    CORRECTIONS,
    EVENTS,
    FUNDING_LEVELS,
    LEVEL_MOVED,
    PURPOSES,
    Choice,
    Event,
    level_of,
)
from funds.law.overspends import TOGETHER
from funds.law.working import Step
from funds.models import ZERO, Account, Period, Posting, Voucher
from funds.services.posting import EventLine
from lib.money import told
from lib.periods import Month

GAINED, LOST = CORRECTIONS
SUBSIDY = "subsidy_received"
_PURPOSE_OF = {account: purpose for purpose, account in BANKS.accounts.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of the voucher. `line`: its dimensions, with the bank account as purpose and what was
    booked; `stands`: that with what corrected it since; `comes_in`: whether money came with it."""

    line: EventLine
    stands: Decimal
    comes_in: bool

    @property
    def about(self) -> str:
        level = FUNDING_LEVELS.get(self.line.funding_level, "")
        return "、".join(part for part in (PURPOSES[self.line.purpose], level) if part)

    def event_to(self, right: Decimal) -> str:
        """The event that makes it `right`; "" where it is."""
        if right == self.stands:
            return ""
        return GAINED if (right > self.stands) == self.comes_in else LOST


def standing_lines(voucher: Voucher) -> list[Standing]:
    """The lines that may be corrected. Raises Refusal where the voucher has another way back."""
    if why := _another_way(voucher):
        raise Refusal(why)
    what = EVENTS[voucher.event]
    since = _corrected(voucher)
    found = []
    for line in lines_of(voucher.draft):
        purpose, comes_in = _bank_of(what, line)
        own = replace(line, purpose=purpose)
        _, more = since.pop(_about(own), (own, ZERO))
        found.append(Standing(own, line.amount + (more if comes_in else -more), comes_in))
    # Levels that the voucher does not name and something of it was moved to.
    moved_to = [(line, more) for line, more in since.values() if more]
    return [*found, *(Standing(replace(line, amount=ZERO), more, True) for line, more in moved_to)]


def corrected(
    voucher: Voucher, right: Sequence[Decimal]
) -> tuple[str, list[EventLine], tuple[Step, ...]]:
    """Event, lines and calculation that make the lines `right`. Raises Refusal where some rise and
    some fall, which are two vouchers."""
    lines = standing_lines(voucher)
    pairs = list(zip(lines, right, strict=True))
    events = {event for one, amount in pairs if (event := one.event_to(amount))}
    if not events:
        raise Refusal("应为金额与现在的相同，无须更正", "right_0")
    if len(events) > 1:
        raise Refusal("有的行要增加、有的要减少：请分两次制单，一次只改同一方向的", "right_0")
    event = events.pop()
    changed = [(one, amount) for one, amount in pairs if amount != one.stands]
    steps = tuple(
        Step(
            one.about,
            amount - one.stands,
            f"应为 {told(amount)} − 现为 {told(one.stands)}（原记 {told(one.line.amount)}）",
        )
        for one, amount in changed
    )
    moved = [replace(one.line, amount=abs(amount - one.stands)) for one, amount in changed]
    return event, moved, steps


def moved_level(
    voucher: Voucher, at: int, level: str, amount: Decimal
) -> tuple[list[EventLine], tuple[Step, ...]]:
    """Lines and calculation that move so much of a line (its place in `standing_lines`) to the
    level whose money it was. Raises Refusal where the line has not so much."""
    if voucher.event != SUBSIDY:
        raise Refusal("只有财政补助分资金级次，其他凭证不用改记级次")
    lines = standing_lines(voucher)
    one = lines[at]
    if level == one.line.funding_level:
        raise Refusal("改记的级次与现在的相同，无须更正", "level")
    if amount > one.stands:
        raise Refusal(_no_more(one, f"改记 {told(amount)} 元"), "amount")
    right = _about(replace(one.line, funding_level=level))
    there = sum((other.stands for other in lines if _about(other.line) == right), ZERO)
    sides = ((one.line.funding_level, one.stands, -amount), (level, there, amount))
    steps = tuple(
        Step(
            FUNDING_LEVELS[name],
            more,
            f"现为 {told(now)}，改记后为 {told(now + more)}",
        )
        for name, now, more in sides
    )
    return [replace(one.line, amount=amount, purpose=f"to_{level}")], steps


def _no_more(one: Standing, what: str) -> str:
    return f"“{one.about}”现为 {told(one.stands)} 元，不能再{what}"


def check_correction(draft: VoucherDraft, lines: Sequence[EventLine]) -> None:
    """Refuse what would leave a line below zero, or whose voucher has another way back by now."""
    voucher = draft.corrects
    assert voucher is not None
    hold(voucher)
    by_about = {_about(one.line): one for one in standing_lines(voucher)}
    is_moved = draft.event == LEVEL_MOVED
    for line in lines:
        one = by_about[_about(_wrong(voucher, line) if is_moved else line)]
        takes = is_moved or one.comes_in == (draft.event == LOST)
        if takes and line.amount > one.stands:
            what = f"{'改记' if is_moved else '减少'} {told(line.amount)} 元"
            raise Refusal(f"{_no_more(one, what)}；制单以后已有别的更正，请退回后重新制单")


def hold(voucher: Voucher) -> None:
    """Two who correct one voucher: the second finds what the first made."""
    lock_name(voucher.book.area.code, f"funds.earlier:{voucher.pk}")


def article_of(voucher: Voucher, event: str, month: Month) -> str:
    """The account of this year that takes it, as the chart of the month prints it."""
    version = voucher.book.chart_at(month)
    roles = {GAINED: "4501-earlier", LOST: "5401-earlier", LEVEL_MOVED: "4101-central"}
    role = roles[event]
    return f"{dict(CHART_NAMES)[version]} {printed(version, role).general_told}"


def _another_way(voucher: Voucher) -> str:
    return _undone_elsewhere(voucher) or _red_letter_serves(voucher)


def _undone_elsewhere(voucher: Voucher) -> str:
    if not voucher.is_manual or getattr(voucher, "draft", None) is None:
        return "业务自动生成的凭证请在原业务中更正（追回待遇、退还保费、退汇等）"
    if voucher.reversal_of_id is not None:
        return "红字凭证不能更正；请更正它以后重新登记的那张凭证"
    if red := Voucher.objects.filter(reversal_of=voucher).first():
        return f"凭证 {voucher.label} 已由 {red.label} 红冲，不用更正"
    if voucher.event == LEVEL_MOVED:
        return "改记级次有错的，请在原补助凭证上再改记一次"
    if voucher.event in TOGETHER:
        return "超支分担请在“风险基金与结余”按办法计算后退还或补收，不在这里更正"
    return ""


def _red_letter_serves(voucher: Voucher) -> str:
    year = voucher.occurred_on.year
    kinds = (Account.Kind.INCOME, Account.Kind.EXPENSE)
    if not Posting.objects.filter(voucher=voucher, account__kind__in=kinds).exists():
        return "这张凭证没有收入、支出，结账后仍可在未结账的月份红冲，不用更正以前年度"
    december = Period.objects.filter(book=voucher.book_id, year=year, month=12).first()
    if december is None or december.status == Period.Status.OPEN:
        return f"{year}年还没有年终结账，请直接红冲，红冲日期填 {year}-12-31 或以前未结账的日期"
    return ""


def waiting_correction(voucher: Voucher) -> VoucherDraft | None:
    return VoucherDraft.objects.filter(corrects=voucher, status__in=ON_ITS_WAY).first()


def corrections(voucher: Voucher) -> list[VoucherDraft]:
    """Those in the books that were not taken back."""
    rows = VoucherDraft.objects.filter(corrects=voucher, status=VoucherDraft.Status.POSTED)
    return list(rows.filter(voucher__reversal=None).select_related("voucher").order_by("pk"))


def _corrected(voucher: Voucher) -> dict[tuple[object, ...], tuple[EventLine, Decimal]]:
    """What a line is about → the line, and by how much more its bank account has since, or its
    level."""
    found: dict[tuple[object, ...], tuple[EventLine, Decimal]] = {}
    for draft in corrections(voucher):
        for line, more in _changes(voucher, draft):
            _, before = found.get(_about(line), (line, ZERO))
            found[_about(line)] = line, before + more
    return found


def _changes(voucher: Voucher, draft: VoucherDraft) -> Iterator[tuple[EventLine, Decimal]]:
    for line in lines_of(draft):
        if draft.event == LEVEL_MOVED:
            wrong = _wrong(voucher, line)
            yield wrong, -line.amount
            yield replace(wrong, funding_level=level_of(line.purpose)), line.amount
        else:
            yield line, line.amount if draft.event == GAINED else -line.amount


def _wrong(voucher: Voucher, line: EventLine) -> EventLine:
    """Of a line that moves a level the line of the voucher that it takes from."""
    return replace(line, purpose=_bank_of(EVENTS[voucher.event], line)[0])


def _bank_of(what: Event, line: EventLine) -> tuple[str, bool]:
    """The bank account that the line moved, and whether money came in."""
    for side, comes_in in ((what.debit, True), (what.credit, False)):
        code = side.accounts.get(line.purpose, "") if isinstance(side, Choice) else side
        if code in MONEY:
            return _PURPOSE_OF[code], comes_in
    raise ValueError(f"{what.name} moves no bank account")


def _about(line: EventLine) -> tuple[object, ...]:
    town = line.township.pk if line.township else None
    return (
        line.purpose,
        line.funding_level,
        line.tier,
        town,
        line.institution_code,
        line.policy_year,
    )
