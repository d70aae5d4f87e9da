"""What the claims of an institution's month are worth by its payment methods.

The share of each is written on it (`ClearingClaim.gain`: more or less than by items), so that a
month is always the sum of its claims. What the method is about is what the residents' pooled fund
pays of them; balances held for the patient and other funds pay as settled (claims/shares.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounts.errors import Refusal
from claims.clearing import methods
from claims.clearing.methods import Case
from claims.clearing.models import ZERO, Clearing, ClearingClaim, PaymentMethod
from claims.models import Settlement, SettlementFund
from funds.models import Book
from lib.money import half_up, to_fen, to_yuan, told

HUNDREDTHS = 100  # points have two decimals
Way = PaymentMethod.Way


def share_out(clearing: Clearing) -> None:
    """Write what each claim of a locked clearing that is not paid is worth by now."""
    claims = _claims(clearing)
    before = [claim.gain for claim in claims]
    give(claims, clearing)
    changed = [one for one, gain in zip(claims, before, strict=True) if one.gain != gain]
    ClearingClaim.objects.bulk_update(changed, ["gain"])


def give(claims: Iterable[ClearingClaim], clearing: Clearing | None) -> None:
    """Set the gain of these claims, all of a clearing (None: that is not there yet). Raises Refusal
    for a DIP group without points."""
    for method, some in _by_method(claims):
        left = budget_left(method, clearing) if method.way == Way.BUDGET else 0
        for claim, gain in _gains(method, some, left):
            claim.gain = gain


def wrong_shares(clearing: Clearing) -> Iterator[ClearingClaim]:
    """Claims of a stated month that are not worth what its method gives. Of a budget nobody can
    tell afterwards: what was left of it has moved on."""
    for method, claims in _by_method(_claims(clearing)):
        if method.way != Way.BUDGET:
            yield from (claim for claim, gain in _gains(method, claims, 0) if claim.gain != gain)


def _claims(clearing: Clearing) -> list[ClearingClaim]:
    rows = clearing.claims.live().filter(method__isnull=False)
    rows = rows.select_related("method", "settlement__visit")
    return list(rows.prefetch_related("settlement__funds").order_by("settlement_id"))


def _by_method(
    claims: Iterable[ClearingClaim],
) -> Iterator[tuple[PaymentMethod, list[ClearingClaim]]]:
    """Claims by item are of none."""
    groups: dict[PaymentMethod, list[ClearingClaim]] = defaultdict(list)
    for claim in claims:
        if claim.method is not None:
            groups[claim.method].append(claim)
    yield from sorted(groups.items(), key=lambda group: group[0].pk)


def _gains(
    method: PaymentMethod, claims: Sequence[ClearingClaim], left: int
) -> Iterator[tuple[ClearingClaim, Decimal]]:
    cases = _cases(method, claims)
    given = worth(method, cases, left)
    for claim in claims:
        number = claim.settlement_id
        yield claim, to_yuan(given[number] - cases[number].items)


def worth(method: PaymentMethod, cases: Mapping[int, Case], left: int) -> dict[int, int]:
    """Fen of each case of the month by the method, whatever order they came in: a fen that cannot
    be shared goes by the number of the settlement. `left`: of the year's budget."""
    numbers = sorted(cases)
    fen = _by_way(method, [cases[one] for one in numbers], left)
    return dict(zip(numbers, fen, strict=True))


def _by_way(method: PaymentMethod, cases: Sequence[Case], left: int) -> list[int]:
    rate, way = to_fen(method.rate or ZERO), method.way
    if way == Way.HEAD:
        return methods.by_head(cases, method.heads or 0, rate)
    if way == Way.BED_DAY:
        return methods.by_bed_day(cases, rate)
    if way == Way.DISEASE:
        return methods.by_disease(cases, _hundredths(method))
    if way == Way.BUDGET:
        return methods.by_budget(cases, left)
    if way == Way.POINTS:
        weights = _hundredths(method)
        points = sum(weights.get(case.group, 0) for case in cases)
        try:
            return methods.by_points(cases, weights, half_up(points * rate, HUNDREDTHS))
        except ValueError as error:
            raise Refusal(
                f"{error}：请先在“付费方式”补充该分组的分值并经审批，再申报", "month"
            ) from None
    return methods.by_item(cases)


def _hundredths(method: PaymentMethod) -> dict[str, int]:
    """Code → fen, or hundredths of a point."""
    return {code: to_fen(text) for code, text in method.prices.items()}


def _cases(method: PaymentMethod, claims: Sequence[ClearingClaim]) -> dict[int, Case]:
    """Settlement → case. An agreed code means all codes that begin with it, the longest first: an
    agreement that prices K35 prices K35.9."""
    before = _settled_before([claim.settlement for claim in claims])
    codes = sorted(method.prices, key=len, reverse=True)
    found = {}
    for claim in claims:
        row = claim.settlement
        code = row.visit.diagnosis_code.upper()
        agreed = next((one for one in codes if code.startswith(one)), code)
        found[row.pk] = Case(
            items=pooled_fen(row), days=bed_days(row, before), disease=agreed, group=agreed
        )
    return found


def pooled_fen(settlement: Settlement) -> int:
    """What the residents' pooled fund pays of it by items."""
    resident = Book.FundType.RESIDENT
    return sum(to_fen(fund.amount) for fund in settlement.funds.all() if fund.book == resident)


def _settled_before(settlements: Sequence[Settlement]) -> Mapping[int, list[Settlement]]:
    """Visit → the parts in which its stay was settled, of stays with more than one."""
    parts: dict[int, list[Settlement]] = defaultdict(list)
    visits = [one.visit_id for one in settlements if one.visit.bed]
    rows = Settlement.objects.filter(visit__in=visits, charged_to__isnull=False)
    for one in rows.exclude(status=Settlement.Status.WITHDRAWN).order_by("charged_to"):
        parts[one.visit_id].append(one)
    return parts


def bed_days(settlement: Settlement, before: Mapping[int, list[Settlement]]) -> int:
    """Days in bed that it settles: the day of admission counts, that of discharge does not, a stay
    of one day is one. Of a stay in parts, those that its earlier parts have not."""
    visit = settlement.visit
    if not visit.bed:
        return 0
    last = settlement.charged_to or visit.ends
    assert last is not None

    def until(day: date) -> int:
        return max(1, (day - visit.starts).days)

    earlier = [
        part.charged_to
        for part in before.get(visit.pk, [])
        if part.pk != settlement.pk and part.charged_to and part.charged_to < last
    ]
    return until(last) - (until(max(earlier)) if earlier else 0)


def budget_left(method: PaymentMethod, clearing: Clearing | None) -> int:
    """Fen of the year's budget that no other month has taken, deductions not counted: what a
    dispute gives back was in it. The decisions are locked, so that two months never take the same.
    """
    alike = PaymentMethod.objects.filter(
        institution=method.institution_id,
        care=method.care,
        way=Way.BUDGET,
        first_month__year=method.first_month.year,
    )
    list(alike.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    others = ClearingClaim.objects.live().filter(method__in=alike)
    if clearing is not None:
        others = others.exclude(clearing=clearing)
    gain: Decimal = others.aggregate(total=Sum("gain", default=ZERO))["total"]
    funds = SettlementFund.objects.filter(
        settlement__in=others.values("settlement"), book=Book.FundType.RESIDENT
    )
    items: Decimal = funds.aggregate(total=Sum("amount", default=ZERO))["total"]
    return to_fen((method.budget or ZERO) - items - gain)


def carried_by_none(ways: Iterable[PaymentMethod], there: Iterable[int] = ()) -> Iterator[str]:
    """Amounts by head for which the month has no claim (`there`: the methods of its claims). A
    month leads down to claims: what none carries waits until two people put it to a later one."""
    seen = set(there)
    for method in ways:
        if method.way == Way.HEAD and method.pk not in seen:
            amount = (method.rate or ZERO) * (method.heads or 0)
            yield (
                f"{method.care_name}按人头的定额 {told(amount)} 元没有结算单可列，本月不付："
                "请为下一个有结算单的月份另定付费方式，把这笔并入标准"
            )
