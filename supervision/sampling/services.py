"""Rates, the seed of each month, the draw, and what was found of what was drawn."""

import secrets
from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement
from desk.changes import all_or_nothing
from desk.decisions import Asked
from lib.money import to_fen, to_yuan, told
from lib.periods import Month
from lib.resident_id import masked_in
from policies.models import Pack
from supervision.models import Alert
from supervision.public.spans import Span, quarter_before, quarter_now
from supervision.sampling.draw import (
    MAX_FULL_DOUBTS,
    MAX_FULL_FROM,
    MIN_RATE,
    Drawn,
    Rates,
    Stratum,
    Unit,
    commitment,
    draw,
    risk_of,
    spelled,
)
from supervision.sampling.models import (
    FULL_DOUBTS,
    FULL_FROM,
    Sample,
    SampleItem,
    SampleList,
    SampleStratum,
    SamplingRate,
)
from supervision.sampling.workflow import ITEMS, RATES, SAMPLES

SEED_BYTES = 32  # as many bits as the digest that orders the list
# What is neither registered with the county nor named by a code (claims from elsewhere).
ELSEWHERE = "未签协议的机构"
WRITTEN = 2_000  # rows a statement


@all_or_nothing()
def propose_rates(
    *,
    actor: User,
    area: Division,
    on: date,
    usual: Decimal,
    raised: Decimal,
    large_from: Decimal,
    full_from: Decimal = FULL_FROM,
    full_doubts: int = FULL_DOUBTS,
    evidence: str,
    reason: str,
) -> SamplingRate:
    """Put rates forward; seeds that are sealed keep theirs. Raises Refusal naming the input."""
    if not actor.may("supervision.propose_sampling_rate"):
        raise Refusal("抽查率由基金监管岗提出")
    if usual < MIN_RATE:
        raise Refusal(f"一般抽查率不能低于 {MIN_RATE}%，请改为 {MIN_RATE} 以上", "usual")
    if not usual <= raised <= 100:
        raise Refusal("重点抽查率应不低于一般抽查率、不高于 100%", "raised")
    if large_from <= 0:
        raise Refusal("列为重点的金额应大于 0", "large_from")
    if full_from <= 0:
        raise Refusal("季度逐笔核查的金额应大于 0", "full_from")
    if full_from > MAX_FULL_FROM:
        raise Refusal(
            f"季度逐笔核查的金额不能高于 {told(MAX_FULL_FROM)} 元，请改小",
            "full_from",
        )
    if full_doubts < 1:
        raise Refusal("机构全部核查的疑点数应为 1 以上的整数", "full_doubts")
    if full_doubts > MAX_FULL_DOUBTS:
        raise Refusal(
            f"机构全部核查的疑点数不能高于 {MAX_FULL_DOUBTS} 笔，请改为 {MAX_FULL_DOUBTS} 以下",
            "full_doubts",
        )
    asked = Asked(actor, on, evidence, reason, "文号或会议纪要")
    return RATES.propose(
        asked, area=area, usual=usual, raised=raised, large_from=large_from,
        full_from=full_from, full_doubts=full_doubts,
    )  # fmt: skip


def _decided(area: Division) -> SamplingRate | None:
    """The latest that two people decided."""
    rows = SamplingRate.objects.filter(area=area, status=SamplingRate.Status.APPROVED)
    return rows.order_by("-pk").first()


def rates_in_force(area: Division) -> Rates:
    """The latest that two people decided, or what holds without a decision."""
    found = _decided(area)
    return Sample(**_columns_of(found)).rates if found else Rates()


def _columns_of(rate: SamplingRate) -> dict[str, Decimal]:
    return {name: getattr(rate, name) for name in ("usual", "raised", "large_from")}


@all_or_nothing()
def seal_seed(*, area: Division, month: Month, on: date) -> Sample | None:
    """Fix the month's seed and rates, by the portal itself; None where it was done before. The
    trail has the seed's digest, nobody has the seed until it draws."""
    rates = rates_in_force(area)
    return _seal(
        *(area, month, on),
        span=Sample.Span.MONTH,
        usual=Decimal(rates.usual.numerator) / rates.usual.denominator,
        raised=Decimal(rates.raised.numerator) / rates.raised.denominator,
        large_from=to_yuan(rates.large_from),
    )


@all_or_nothing()
def seal_quarter(*, area: Division, quarter: Span, on: date) -> Sample | None:
    """Fix what a quarter's full check looks at, before anybody knows its settlements: all of the
    raised risk. One that is sealed later says so (`is_amid`). None where it was done before."""
    decided = _decided(area)
    return _seal(
        *(area, quarter, on),
        span=Sample.Span.QUARTER,
        usual=Decimal(0),
        raised=Decimal(100),
        large_from=decided.full_from if decided else FULL_FROM,
        full_doubts=decided.full_doubts if decided else FULL_DOUBTS,
    )


def _seal(
    area: Division, days: Month | Span, on: date, *, span: str, **rates: Any
) -> Sample | None:
    if Sample.objects.filter(area=area, span=span, first_on=days.first).exists():
        return None
    seed = secrets.token_hex(SEED_BYTES)
    return SAMPLES.create(
        "seal_sample",
        actor=None,
        area=area,
        span=span,
        first_on=days.first,
        last_on=days.last,
        sealed_on=on,
        digest=commitment(seed),
        secret=seed,
        **rates,
    )


def seal_seeds(on: date) -> int:
    """Of every county whose measures are in force: the seed of this month and this quarter, and of
    the last ones where the portal did not run. Returns how many were sealed."""
    month = Month.of(on)
    months, quarters = (month.previous(), month), (quarter_before(on), quarter_now(on))
    ruled = Pack.objects.adopted().filter(first_day__lte=month.last, last_day__gte=month.first)
    areas = Division.objects.filter(pk__in=ruled.order_by().values("area"))
    sealed = [
        *(seal_seed(area=area, month=one, on=on) for area in areas for one in months),
        *(seal_quarter(area=area, quarter=one, on=on) for area in areas for one in quarters),
    ]
    return sum(one is not None for one in sealed)


@all_or_nothing()
def draw_sample(
    *, actor: User, row: Sample, event: str = "draw_sample", on: date, reason: str = ""
) -> Sample:
    """Write down the settlements of its time, draw from them and show the seed. Raises Refusal
    while the month or quarter goes on. The same statements however many there are."""
    sample = SAMPLES.lock(row.pk)
    SAMPLES.check(sample, event, actor)
    if sample.last_on >= on:
        raise Refusal(f"{sample.while_on}结算还没有结束，请在 {sample.last_on:%Y-%m-%d} 以后抽取")
    claims = {claim.number: claim for claim in _settlements(sample)}
    units = _units(sample, claims)
    SAMPLES.take(sample, event, actor=actor, reason=reason, seed=sample.secret)
    text = spelled(units)
    SampleList.objects.create(sample=sample, text=text, sha256=sha256(text.encode()).hexdigest())
    _write(sample, draw(sample.seed, units, sample.rates), claims)
    return sample


def _settlements(sample: Sample) -> list[Settlement]:
    """What counts of its time, with what a stratum needs. One statement."""
    doubts = Alert.objects.filter(settlement=OuterRef("pk")).exclude(status=Alert.Status.DISMISSED)
    rows = Settlement.objects.counted().filter(
        division__code__startswith=sample.area.code,
        settled_on__range=(sample.first_on, sample.last_on),
    )
    found = rows.annotate(is_doubted=Exists(doubts.order_by())).select_related("visit__institution")
    needed = ("number", "fund_amount", "visit__institution__code", "visit__institution__name")
    return list(found.only(*needed).order_by("number"))


def _units(sample: Sample, claims: dict[str, Settlement]) -> list[Unit]:
    """Of a month what screening doubts is of raised risk, of a quarter everything of an institution
    that was doubted so many times (not of those from elsewhere, which are many)."""
    rates = sample.rates
    doubted = {number for number, claim in claims.items() if vars(claim)["is_doubted"]}
    if sample.full_doubts is not None:
        doubts = Counter(_code(claims[number]) for number in doubted)
        whole = {code for code, count in doubts.items() if code and count >= sample.full_doubts}
        doubted = {number for number, claim in claims.items() if _code(claim) in whole}
    return [_unit(claim, number in doubted, rates) for number, claim in claims.items()]


def _code(claim: Settlement) -> str:
    return claim.visit.institution.code if claim.visit.institution else ""


def _unit(claim: Settlement, is_doubted: bool, rates: Rates) -> Unit:
    fund = to_fen(claim.fund_amount)
    risk = risk_of(fund=fund, is_doubted=is_doubted, large_from=rates.large_from)
    return Unit(claim.number, Stratum(_code(claim), risk), fund)


def _write(sample: Sample, drawn: list[Drawn], claims: dict[str, Settlement]) -> None:
    names = {_code(claim): _name(claim) for claim in claims.values()}
    strata = SampleStratum.objects.bulk_create(
        [
            SampleStratum(
                sample=sample,
                institution_code=one.stratum.institution,
                institution_name=names[one.stratum.institution],
                risk=one.stratum.risk,
                size=one.size,
                drawn=len(one.units),
                fund_amount=to_yuan(one.fund),
            )
            for one in drawn
        ],
        WRITTEN,
    )
    items = [
        (stratum, unit) for stratum, one in zip(strata, drawn, strict=True) for unit in one.units
    ]
    SampleItem.objects.bulk_create(
        [
            SampleItem(
                sample=sample,
                stratum=stratum,
                settlement_id=claims[unit.number].pk,
                position=position,
                fund_amount=to_yuan(unit.fund),
            )
            for position, (stratum, unit) in enumerate(items, start=1)
        ],
        WRITTEN,
    )


def _name(claim: Settlement) -> str:
    institution = claim.visit.institution
    return institution.name if institution else ELSEWHERE


@all_or_nothing()
def check_item(
    *, actor: User, item: SampleItem, event: str, error: Decimal | None = None, reason: str = ""
) -> SampleItem:
    """What the papers of one settlement say (an event of `ITEMS`). `error`: yuan that the fund paid
    too much, below zero too little, where it is wrong. Not by who had a hand in the claim. Raises
    Refusal naming the input."""
    # Before the item, as who closes the sample.
    sample = SAMPLES.lock(item.sample_id)
    if sample.status != Sample.Status.DRAWN:
        raise Refusal(f"{sample}{sample.get_status_display()}，核查结果不能再改")
    row = ITEMS.lock(item.pk)
    claim = row.settlement
    if actor.pk in {claim.entered_by_id, claim.reviewed_by_id, claim.approved_by_id}:
        raise Refusal("这张结算单由您经办或审核过，请换一人核查")
    if event != "find_item_wrong":
        error = None
    elif not error:
        raise Refusal("请填写差错金额：多付填正数，少付填负数", "error")
    elif error > row.fund_amount:
        raise Refusal(f"多付的不会超过基金支付 {told(row.fund_amount)} 元，请核对", "error")
    return ITEMS.take(row, event, actor=actor, reason=masked_in(reason), error_amount=error)


@all_or_nothing()
def close_sample(
    *, actor: User, row: Sample, event: str = "close_sample", on: date, reason: str = ""
) -> Sample:
    """Another agrees that the sample is examined. Raises Refusal while something is pending."""
    sample = SAMPLES.lock(row.pk)
    SAMPLES.check(sample, event, actor)
    if waits := sample.items.filter(status=SampleItem.Status.PENDING).count():
        raise Refusal(f"还有 {waits} 笔没有核查，请核查完再办结")
    return SAMPLES.take(sample, event, actor=actor, reason=reason)
