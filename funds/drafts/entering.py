"""How what was made by hand becomes a voucher: subsidies, transfers, interest, and red letters of
those. The only door: the database refuses a voucher by hand that no draft brought."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from desk.locks import lock_name
from funds.balances import balance_of
from funds.drafts.earlier import check_correction
from funds.drafts.lines import lines_of
from funds.drafts.models import BookLimit, VoucherDraft
from funds.events import EVENTS
from funds.law.by_hand import by_itself, law_of
from funds.law.overspends import TOGETHER, clear, hold, taken_back, untold_town
from funds.law.working import still_due
from funds.law.workings import work_out
from funds.models import MANUAL_KEY, Posting, Voucher
from funds.named import account_of
from funds.services.posting import EventLine, post_event, reverse_voucher
from lib.money import told


def enter(draft: VoucherDraft, *, actor: User, today: date) -> Voucher:
    """Book the draft: who made it prepared the voucher, `actor` enters it. Raises Refusal for a
    date after `today` and for what arises elsewhere (premiums, claims, closing)."""
    if draft.occurred_on > today:
        raise Refusal("日期不能晚于今天，请按回单日期填写", "on")
    if draft.reverses is not None:
        return _reverse(draft, draft.reverses, actor)
    what, lines = EVENTS[draft.event], lines_of(draft)
    if draft.event in TOGETHER:
        hold(draft.book, (line.policy_year for line in lines))
    if what.by_law:
        _check_still_due(draft, lines)
    elif draft.corrects is not None:
        check_correction(draft, lines)
    elif not what.manual:
        raise Refusal(f"“{what.title}”由业务自动记账，不能手工登记", "event")
    _check_dimensions(draft, lines)
    if draft.event == "overspend_received":
        _check_town_told(draft, lines)
    voucher = post_event(
        event=draft.event,
        area=draft.book.area,
        on=draft.occurred_on,
        key=f"{MANUAL_KEY}{draft.key}",
        source=draft.document,
        actor=actor,
        preparer=draft.made_by,
        lines=lines,
        summary=draft.summary,
        fund_type=draft.book.fund_type,
    )
    if draft.event == "overspend_received":
        clear(voucher, lines, actor)
    _check_turnover_cash(draft)
    return voucher


def _reverse(draft: VoucherDraft, voucher: Voucher, actor: User) -> Voucher:
    """Red-letter a voucher that was entered by hand; others are undone where they arose."""
    if not voucher.is_manual:
        raise Refusal("业务自动生成的凭证请在原业务中撤销，不能直接红冲")
    if voucher.event in TOGETHER:
        years = Posting.objects.filter(voucher=voucher).values_list("policy_year", flat=True)
        hold(draft.book, years)
    how: dict[str, Any] = {"actor": actor, "on": draft.occurred_on, "reason": draft.summary}
    red = reverse_voucher(preparer=draft.made_by, voucher=voucher, **how)
    taken_back(voucher, **how)
    return red


def _check_still_due(draft: VoucherDraft, lines: Sequence[EventLine]) -> None:
    """Refuse what was worked out from the measures and is not due any more."""
    years = {line.policy_year for line in lines}
    if not draft.working or len(years) != 1 or (year := years.pop()) is None:
        raise Refusal(f"“{EVENTS[draft.event].title}”按办法计算，请在“风险基金与结余”制单", "event")
    # Two that are due once only: the second sees what the first has entered.
    lock_name(draft.book.area.code, f"funds.law:{draft.book.pk}:{draft.event}:{year}")
    now = work_out(draft.event, draft.book, year, draft.occurred_on)
    if problem := still_due(lines, now):
        raise Refusal(problem)


def _check_dimensions(draft: VoucherDraft, lines: Sequence[EventLine]) -> None:
    """Refuse a line without a dimension that its event needs (`Event.needs`), and a township's
    money without the township; the county's share of its own pool has none (第二十六条(三))."""
    what = EVENTS[draft.event]
    if "summary" in what.needs and not draft.summary:
        raise Refusal(f"“{what.title}”须写明用途和批准机关", "summary")
    for line in lines:
        is_town = line.funding_level == "township" and "township" in what.asks
        for name in (*what.needs, *(["township"] if is_town else [])):
            if name != "summary" and not getattr(line, name):
                title = str(Posting._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                raise Refusal(f"“{what.title}”须填写{title}，否则日后分不清是谁的款", name)


def _check_town_told(draft: VoucherDraft, lines: Sequence[EventLine]) -> None:
    """Refuse an institution's payment that would clear nothing of what it owes for townships, since
    none is named; for the county's own pool somebody says so in the summary."""
    law = law_of(draft.event, draft.book, lines)
    if draft.summary not in ("", by_itself(draft.event, law)):
        return
    for line in lines:
        if owed := untold_town(draft.book, line):
            raise Refusal(
                f"没有填写乡镇，收款不会核销挂账；现有应收街镇超支分担：{owed}。"
                "缴的是这笔的请选择乡镇，属于县级统筹超支的请在摘要写明",
                "township",
            )


def _check_turnover_cash(draft: VoucherDraft) -> None:
    """支出户余额不超过核定周转金 (财社〔2017〕144号): asked of what funds it, once it is posted."""
    limits = BookLimit.objects.of_book(draft.book)
    if draft.event != "expenditure_funded" or limits is None or limits.turnover_cash is None:
        return
    account = account_of("expenditure_funded", "debit")
    held = balance_of(draft.book, account, draft.occurred_on)
    if held > limits.turnover_cash:
        raise Refusal(
            f"拨款后支出户余额为 {told(held)} 元，超过核定周转金 {told(limits.turnover_cash)} 元"
            f"（{limits.basis}），请核对用款计划或减少拨款",
            "amount",
        )
