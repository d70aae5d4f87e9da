"""The county's rule, payment methods, money in advance and deposits given back: one proposes, a
second decides, the fund pays."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.accounts import area_of, deposits_of
from claims.clearing.gates import Position, against, months_payable
from claims.clearing.models import (
    Clearing,
    ClearingRule,
    DepositReturn,
    MoneyDecision,
    PaymentMethod,
    Prepayment,
)
from claims.clearing.standing import PREPAYMENT_KEY, RETURN_KEY
from claims.clearing.sums import returned
from claims.clearing.workflow import METHODS, PREPAYMENTS, RETURNS, RULES
from desk.changes import all_or_nothing
from desk.decisions import Asked
from funds.named import fund_position, spent_at
from funds.payments.institutions import institution_payee
from funds.payments.services import Part, order_payment
from funds.services import EventLine, post_event
from institutions.models import Institution
from institutions.trust.models import WHOLE, TrustGrade
from lib.money import to_fen, to_yuan, told
from policies.models import Pack
from policies.services import terms_of


@all_or_nothing()
def propose_rule(
    *,
    actor: User,
    first_month: date,
    deposit_percent: int,
    full_score: int,
    days_to_answer: int,
    evidence: str,
    reason: str,
    on: date,
) -> ClearingRule:
    """The county's numbers for clearing, from a month on; another decides. Raises Refusal."""
    if actor.division is None:
        raise Refusal("您的账号不属于统筹区，不能提出月结规程")
    return RULES.propose(
        Asked(actor, on, evidence, reason),
        area=actor.division,
        first_month=first_month.replace(day=1),
        deposit_percent=deposit_percent,
        full_score=full_score,
        days_to_answer=days_to_answer,
    )


# -- by what a month is paid --------------------------------------------------------------------


def cares_of(area_code: str, day: date) -> dict[str, str]:
    """Code → name of the kinds of care of the measures in force; none where none are."""
    pack = Pack.objects.in_force(area_code, day).first()
    return dict(terms_of(pack).vocabulary["care"]) if pack else {}


@all_or_nothing()
def propose_method(
    *,
    actor: User,
    institution: Institution,
    care: str,
    way: str,
    first_month: date,
    rate: Decimal | None,
    heads: int | None,
    budget: Decimal | None,
    prices: Mapping[str, str],
    evidence: str,
    reason: str,
    on: date,
) -> PaymentMethod:
    """By what the institution's months are paid for a kind of care until the end of that year;
    another decides. `prices`: code → yuan, or points. Raises Refusal at the input."""
    area, month = area_of(institution), first_month.replace(day=1)
    cares = cares_of(area.code, month)
    if care not in cares:
        words = "施行的办法没有这一就医类别，请重新选择；办法还没有采用的，请先采用"
        raise Refusal(f"{month:%Y-%m} {words}", "care")
    if way not in PaymentMethod.Way.values:
        raise Refusal("请选择付费方式", "way")
    rule = ClearingRule.objects.in_force(area.code)
    if rule is None or month < rule.first_month:
        words = "县里这个月还没有月结，付费方式随月结施行：请改选月份或先采用月结规程"
        raise Refusal(words, "first_month")
    _refuse_declared(institution, month)
    given = {"rate": rate, "heads": heads, "budget": budget, "prices": dict(prices)}
    return METHODS.propose(
        Asked(actor, on, evidence, reason, "协议编号"),
        area=area,
        institution=institution,
        care=care,
        care_name=cares[care],
        way=way,
        first_month=month,
        **_numbers(way, given),
    )


def _refuse_declared(institution: Institution, month: date) -> None:
    """What a month was declared by stands; it is withdrawn first, or the method begins later."""
    rows = Clearing.objects.standing().filter(
        institution=institution, month__gte=month, month__year=month.year
    )
    if (last := rows.order_by("-month").first()) is not None:
        raise Refusal(
            f"{institution} {last.month_name}已经申报，付费方式请自其后的月份起；"
            "尚未核对的，可由机构先撤回申报",
            "first_month",
        )


NUMBERS = {
    "rate": "标准（元）",
    "heads": "人数",
    "budget": "年度总额（元）",
    "prices": "编码和金额（分值）",
}


# What is more is a slip of the hand: yuan, people; fen or hundredths of a point.
MOST = {"rate": 100_000, "heads": 2_000_000}
MAX_PRICE = 100_000_000


def _numbers(way: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that the method asks for, and no others. Raises Refusal at the input."""
    asks = PaymentMethod.ASKS[way]
    name = PaymentMethod.Way(way).label
    for column, title in NUMBERS.items():
        is_there = given[column] not in (None, {})
        if column in asks and not is_there:
            raise Refusal(f"{name}要填写“{title}”，请按协议填写", column)
        if column not in asks and is_there:
            raise Refusal(f"{name}不用“{title}”，请清空", column)
    for column, most in MOST.items():
        if column in asks and not 0 < given[column] <= most:
            raise Refusal(f"“{NUMBERS[column]}”应大于 0、不超过 {most:,}，请核对", column)
    if "budget" in asks and given["budget"] < 0:
        raise Refusal("“年度总额（元）”不能小于 0", "budget")
    for code, text in given["prices"].items():
        try:
            fen = to_fen(text)
        except ValueError:
            fen = 0
        if not code or not 0 < fen <= MAX_PRICE:
            words = f"“{code} {text}”不对：每行一个编码和一个大于 0、不到百万、最多两位小数的数"
            raise Refusal(words, "prices")
    return {column: value for column, value in given.items() if column in asks}


@all_or_nothing()
def decide_method(
    row: PaymentMethod, event: str, *, actor: User, on: date, reason: str = ""
) -> PaymentMethod:
    """Agreed to, refused, or taken back. Raises Refusal once a month of it was declared."""
    row = METHODS.lock(row.pk)
    if event == "approve_payment_method":
        _refuse_declared(row.institution, row.first_month)
    return METHODS.decided(row, event, actor=actor, on=on, reason=reason)


# -- in advance --------------------------------------------------------------------------------


def gates_of(
    institution: Institution, amount: Decimal, on: date
) -> tuple[list[str], dict[str, str]]:
    """What stands against paying so much in advance, and what the gates saw (for the row)."""
    area = area_of(institution)
    seen = fund_position(area, on)
    paid = spent_at(area, institution.code, on)
    position = Position(
        to_fen(seen.balance), to_fen(seen.income), to_fen(seen.expense), seen.months
    )
    months = months_payable(position)
    graded = TrustGrade.objects.in_force(institution.pk, on.year)
    facts = {
        "balance": told(seen.balance),
        "income": told(seen.income),
        "expense": told(seen.expense),
        "months": "" if months is None else f"{months // 10}.{months % 10}",
        "paid": told(paid),
        "grade": graded.get_grade_display() if graded else "",
    }
    share = graded.prepaid if graded else WHOLE
    found = against(position, to_fen(paid), to_fen(amount), share=share, grade=facts["grade"])
    return found, facts


@all_or_nothing()
def propose_prepayment(
    *,
    actor: User,
    institution: Institution,
    amount: Decimal,
    evidence: str,
    reason: str,
    on: date,
) -> Prepayment:
    """Money in advance for this year, if all gates are open. Raises Refusal with what is not."""
    found, seen = gates_of(institution, amount, on)
    if found:
        raise Refusal("；".join(found), "amount")
    return PREPAYMENTS.propose(
        Asked(actor, on, evidence, reason),
        area=area_of(institution),
        institution=institution,
        year=on.year,
        amount=amount,
        seen=seen,
    )


@all_or_nothing()
def decide_prepayment(
    row: Prepayment, event: str, *, actor: User, on: date, reason: str = ""
) -> Prepayment:
    """The second hand; with the agreement the payment is asked for. The gates are asked again."""
    row = PREPAYMENTS.lock(row.pk)
    if event == "approve_prepayment" and (found := gates_of(row.institution, row.amount, on)[0]):
        raise Refusal("；".join(found))
    row = PREPAYMENTS.decided(row, event, actor=actor, on=on, reason=reason)
    if event == "approve_prepayment":
        _order(
            row,
            f"{PREPAYMENT_KEY}{row.pk}",
            event="prepayment_out",
            what="医保预付金",
            actor=actor,
            on=on,
        )
    return row


# -- deposits ----------------------------------------------------------------------------------


@all_or_nothing()
def propose_return(
    *,
    actor: User,
    institution: Institution,
    year: int,
    score: int,
    evidence: str,
    reason: str,
    on: date,
    bands: tuple[int, int] | None = None,
) -> DepositReturn:
    """What the year's assessment gives back of the deposits (claims/clearing/sums.py). `bands`: the
    full score of the form that was assessed by, and the hundredths that a point below it takes.
    Raises Refusal before the year is over, or where nothing was kept."""
    area = area_of(institution)
    rule = ClearingRule.objects.in_force(area.code)
    kept = deposits_of(institution, year)
    if rule is None or not kept:
        raise Refusal(f"{institution} {year} 年没有预留质量保证金", "year")
    if on.year <= year:
        raise Refusal("年度考核在次年进行，年度未满不能返还", "year")
    if institution.clearings.owed().filter(month__year=year).exists():
        raise Refusal(f"{institution} {year} 年还有月结没有付清，请先办结", "year")
    if not 0 <= score <= 100:
        raise Refusal("考核得分为 0 至 100", "score")
    full, off = bands or (rule.full_score, 0)
    return RETURNS.propose(
        Asked(actor, on, evidence, reason, "考核文件"),
        area=area,
        institution=institution,
        year=year,
        score=score,
        kept_amount=kept,
        amount=to_yuan(returned(to_fen(kept), score, full, off)),
    )


@all_or_nothing()
def propose_correction(
    *,
    actor: User,
    row: DepositReturn,
    score: int,
    bands: tuple[int, int],
    evidence: str,
    reason: str,
    on: date,
) -> DepositReturn:
    """The assessment was changed for the better after its deposits were returned: what was taken
    too much goes back; both rows stay. Raises Refusal where nothing is owed by it."""
    first = RETURNS.lock(row.pk)
    if first.status != first.Status.APPROVED or first.corrects_id is not None:
        raise Refusal("原来的保证金返还还没有批准，请撤回后按新的得分重新提出")
    given = DepositReturn.objects.filter(corrects=first, status=first.Status.APPROVED)
    had = first.amount + sum((one.amount for one in given), Decimal(0))
    due = to_yuan(returned(to_fen(first.kept_amount), score, *bands))
    if due <= had:
        raise Refusal(f"按 {score} 分应返还 {told(due)} 元，已返还 {told(had)} 元，不用补返")
    return RETURNS.propose(
        Asked(actor, on, evidence, reason, "考核文件"),
        area=first.area,
        institution=first.institution,
        year=first.year,
        score=score,
        corrects=first,
        kept_amount=first.kept_amount - had,
        amount=due - had,
    )


@all_or_nothing()
def decide_return(
    row: DepositReturn, event: str, *, actor: User, on: date, reason: str = ""
) -> DepositReturn:
    """The second hand: what goes back is asked to be paid, what does not is the fund's. Of a
    correction the fund's income is less by what goes back now."""
    row = RETURNS.lock(row.pk)
    row = RETURNS.decided(row, event, actor=actor, on=on, reason=reason)
    if event != "approve_deposit_return":
        return row
    if row.corrects_id is not None:
        _book_deposit(row, "deposit_forfeit_undone", row.amount, on)
    elif row.amount < row.kept_amount:
        _book_deposit(row, "deposit_forfeited", row.kept_amount - row.amount, on)
    if row.amount:
        _order(
            row,
            f"{RETURN_KEY}{row.pk}",
            event="deposit_returned",
            what="质量保证金返还",
            actor=actor,
            on=on,
        )
    return row


def _book_deposit(row: DepositReturn, event: str, amount: Decimal, on: date) -> None:
    post_event(
        event=event,
        area=row.area,
        on=on,
        key=f"{RETURN_KEY}{row.pk}:kept",
        source=f"{row.year} 年度考核 {row.score} 分",
        actor=row.proposed_by,
        lines=[EventLine(amount=amount, institution_code=row.institution.code)],
    )


def _order(row: MoneyDecision, key: str, *, event: str, what: str, actor: User, on: date) -> None:
    order_payment(
        actor=actor,
        area=row.area,
        division=row.institution.division,
        township=None,
        key=key,
        event=event,
        source=f"{what} {row.institution.name}"[:120],
        payee=institution_payee(row.institution, on),
        parts=[Part(amount=row.amount, institution_code=row.institution.code)],
        on=on,
    )
