"""补偿月报, 机构监测表, 三重保障表: what care cost and who bore it, by settlement date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from claims.models import BillLine, Settlement
from claims.prescriptions import DRUGS
from enrollment.models import IdentityStatus
from institutions.models import Institution, Level
from lib.money import to_yuan
from lib.periods import Month
from reports.activity import EVERYTHING, Activities, Spans, activities, settled
from reports.behind import claims, spans
from reports.grids import NO_BOOKS, Cell, Grid, Head
from reports.indicators import Activity, growth, quotient, ratio
from reports.population import covered, township_of
from reports.statements.asked import Asked, Told

# 再入院: into the same hospital within so many days of leaving it. No norm; the rule of screening
# A05 takes 10–15 days.
READMITTED = timedelta(days=15)
PERIODS = {"month": "本月", "year": "本年累计", "last_year": "上年同月"}


def care_of(asked: Asked) -> Activities:
    base = asked.terms.base_layer.code
    return activities(area=asked.area, month=asked.month, base_layer=base)


def _yuan(fen: int | None, address: str = "") -> Cell:
    return Cell(None if fen is None else to_yuan(fen), "yuan", address)


def tell_benefits(asked: Asked) -> Told:
    care, terms = care_of(asked), asked.terms
    covers = covered(asked.area, terms.year.of(asked.day), asked.day)
    enrolled = dict(covers.values_list(township_of("division__code")).annotate(Count("pk")))
    levels = {**dict(Level.choices), **terms.vocabulary["level"]}
    kinds = (
        _By("乡镇", "township", asked.townships(), enrolled),
        _By("机构级别", "level", levels, {}),
        _By("就医类别", "care", terms.vocabulary["care"], {}),
    )
    everybody = sum(enrolled.values())
    grids = tuple(_benefit_grid(care, asked.month, everybody, by) for by in kinds)
    return Told(
        grids,
        "按结算日期；受益面 = 基金有支付的人数 ÷ 参保人数（月末时点），只按乡镇和合计计算",
    )


@dataclass(frozen=True, slots=True)
class _By:
    """What a table has a row for: `names` by code, and persons covered where they are known."""

    noun: str
    kind: str
    names: Mapping[str, str]
    enrolled: Mapping[str, int]


def _benefit_grid(care: Activities, month: Month, everybody: int, by: _By) -> Grid:
    dates = spans(month)
    has_past = bool(care.of("last_year").visits)

    def line(code: str, name: str, period: str, people: int) -> list[Cell]:
        key = (by.kind, code) if code else EVERYTHING
        done = care.of(period, *key)
        where = claims(dates[period], **({by.kind: code} if code else {}))
        helped = care.beneficiaries[period].get(key, 0)
        cells = [
            Cell(done.visits, "count", where),
            Cell(care.persons[period].get(key, 0), "count", where),
            _yuan(done.cost, where),
            _yuan(done.in_scope, where),
            _yuan(done.paid, where),
            _yuan(quotient(done.cost, done.visits)),
            _yuan(quotient(done.paid, done.compensated)),
            Cell(ratio(done.paid, done.cost), "ratio"),
            Cell(ratio(helped, people), "ratio"),
        ]
        if period == "last_year" and not has_past:
            cells = [Cell(None, one.unit, missing=NO_BOOKS) for one in cells]
        return [Cell(name if period == "month" else ""), Cell(PERIODS[period]), *cells]

    order = list(by.names)
    codes = sorted(
        care.codes(by.kind), key=lambda one: (order.index(one) if one in order else 99, one)
    )
    rows = [
        line(code, by.names.get(code, code), period, by.enrolled.get(code, 0))
        for code in codes
        for period in PERIODS
    ]
    totals = [line("", "合计", period, everybody) for period in PERIODS]
    strong = frozenset(range(len(rows), len(rows) + len(totals)))
    titles = (
        ("人次", "count"), ("人数", "count"), ("总费用", "yuan"), ("可补偿费用", "yuan"),
        ("补偿额", "yuan"), ("次均费用", "yuan"), ("次均补偿", "yuan"), ("补偿比", "ratio"),
        ("受益面", "ratio"),
    )  # fmt: skip
    heads = [Head(by.noun), Head("期间"), *(Head(title, unit) for title, unit in titles)]  # type: ignore[arg-type]
    return Grid(f"按{by.noun}", heads, [*rows, *totals], strong=strong)


def tell_institutions(asked: Asked) -> Told:
    care, month = care_of(asked), asked.month
    codes = {code for kind, code in care.sums["month"] if kind == "institution"}
    names = dict(Institution.objects.filter(code__in=codes).values_list("code", "name"))
    drugs, billed = _bills(asked)
    back = _readmissions(asked)
    dates = spans(month)["month"]

    def cells(code: str, kind: str) -> list[Cell]:
        stay = "stay" if kind == "all" else f"stay {kind}"
        done, before = care.of("month", kind, code), care.of("previous", kind, code)
        stays = care.of("month", stay, code)
        where = claims(dates, institution=code)
        is_all = kind == "all"
        drug = sum(drugs.values(), Decimal(0)) if is_all else drugs.get(code, Decimal(0))
        bill = sum(billed.values(), Decimal(0)) if is_all else billed.get(code, Decimal(0))
        again = sum(back.values()) if is_all else back.get(code, 0)
        average = quotient(done.cost, done.visits)
        earlier = quotient(before.cost, before.visits)
        return [
            Cell(done.visits, "count", where),
            Cell(stays.visits, "count", claims(dates, institution=code, only="stay")),
            _yuan(done.cost, where),
            _yuan(done.paid, where),
            _yuan(average),
            Cell(None if not (average and earlier) else growth(average, earlier), "ratio"),
            _yuan(quotient(stays.cost, stays.visits)),
            Cell(_hundredths(stays), "hundredth"),
            Cell(ratio(int(drug * 100), int(bill * 100)), "ratio"),
            Cell(ratio(done.off_catalogue, done.cost), "ratio"),
            Cell(ratio(done.paid, done.cost), "ratio"),
            Cell(ratio(again, stays.visits), "ratio"),
        ]

    order = sorted(codes, key=lambda one: (-care.of("month", "institution", one).paid, one))
    rows = [
        [
            Cell(code if code in names else "", "code"),
            Cell(names.get(code, code)),
            *cells(code, "institution"),
        ]
        for code in order
    ]
    heads = [
        Head("机构代码", "code"), Head("机构"), Head("人次", "count"), Head("其中住院", "count"),
        Head("总费用", "yuan"), Head("基金支付", "yuan"), Head("次均费用", "yuan"),
        Head("次均环比", "ratio"), Head("次均住院费用", "yuan"), Head("次均住院日", "hundredth"),
        Head("药占比", "ratio"), Head("目录外比", "ratio"), Head("补偿比", "ratio"),
        Head("再入院率", "ratio"),
    ]  # fmt: skip
    total = [Cell("", "code"), Cell("合计"), *cells("", "all")]
    grid = Grid("机构监测", heads, rows, total if rows else (), widths={1: 28})
    return Told(
        (grid,),
        f"{month.year} 年 {month.month} 月，按结算日期；药占比按明细的费用类别；"
        "再入院 = 出院 15 日内又住进同一医院；环比与上月比",
    )


def _hundredths(stays: Activity) -> Decimal | None:
    found = quotient(stays.days, stays.visits, 100)
    return None if found is None else to_yuan(found)


INSTITUTION = Coalesce(F("visit__institution__code"), F("visit__institution_name"))


def _bills(asked: Asked) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Institution → yuan of drugs, and of all lines, of the month's settlements. One statement."""
    month = asked.month
    of_month = Settlement.objects.counted().filter(
        division__code__startswith=asked.area.code,
        settled_on__range=(month.first, month.last),
        visit=OuterRef("visit"),
        part=OuterRef("part"),
    )
    rows: Any = (
        BillLine.objects.filter(Exists(of_month.order_by()), is_live=True)
        .order_by()
        .values(at=INSTITUTION)
        .annotate(
            drugs=Sum("amount", filter=Q(category__in=DRUGS), default=Decimal(0)),
            billed=Sum("amount"),
        )
    )
    found = list(rows)
    return {one["at"]: one["drugs"] for one in found}, {one["at"]: one["billed"] for one in found}


def _readmissions(asked: Asked) -> dict[str, int]:
    """Institution → stays of the month that followed another there within the days. One
    statement."""
    stays = settled(asked.area, Spans(asked.month)).filter(
        settled_on__range=(asked.month.first, asked.month.last),
        charged_to=None,
        visit__counts_as_stay=True,
        visit__institution__isnull=False,
    )
    earlier = Settlement.objects.counted().filter(
        visit__person=OuterRef("visit__person"),
        visit__institution=OuterRef("visit__institution"),
        visit__counts_as_stay=True,
        visit__ends__gte=OuterRef("visit__starts") - READMITTED,
        visit__ends__lte=OuterRef("visit__starts"),
    )
    again = stays.filter(Exists(earlier.exclude(visit=OuterRef("visit")).order_by()))
    rows = again.values_list("visit__institution__code").annotate(Count("pk"))
    return dict(rows)


LAYERS = ("month", "year")


def tell_three_layers(asked: Asked) -> Told:
    care = care_of(asked)
    names = dict(IdentityStatus.Code.choices)
    dates = spans(asked.month)

    def cells(period: str, kind: str, code: str, status: str) -> list[Cell]:
        done = care.of(period, kind, code)
        span = dates[period]
        basic = done.paid - done.serious - done.assistance
        serious = claims(span, status=status, only="serious")
        aid = claims(span, status=status, only="assistance")
        return [
            Cell(done.visits, "count", claims(span, status=status)),
            _yuan(done.cost, claims(span, status=status)),
            _yuan(basic, claims(span, status=status)),
            Cell(done.serious_visits, "count", serious),
            _yuan(done.serious, serious),
            Cell(done.assisted, "count", aid),
            _yuan(done.assistance, aid),
            _yuan(done.personal, claims(span, status=status)),
            Cell(ratio(done.cost - done.personal, done.cost), "ratio"),
        ]

    codes = [code for code in names if code in care.codes("status")]
    grids = tuple(
        Grid(
            {"month": "本月", "year": "本年累计"}[period],
            _LAYER_HEADS,
            [[Cell(names[code]), *cells(period, "status", code, code)] for code in codes],
            [Cell("合计（一人多种身份不重复）"), *cells(period, "statuses", "", "any")],
        )
        for period in LAYERS
    )
    return Told(
        grids,
        "按结算日期和当日的身份；一站式结算的三重保障，依申请的救助见“医疗救助情况表”；"
        "保障比例 =（总费用 − 个人负担）÷ 总费用",
    )


_LAYER_HEADS: Sequence[Head] = (
    Head("困难身份"),
    Head("人次", "count"),
    Head("总费用", "yuan"),
    Head("基本医保", "yuan"),
    Head("大病人次", "count"),
    Head("大病保险", "yuan"),
    Head("救助人次", "count"),
    Head("医疗救助", "yuan"),
    Head("个人负担", "yuan"),
    Head("保障比例", "ratio"),
)
