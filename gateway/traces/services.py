"""Keeping sales with their codes, freeing codes, and who is told of a code that is sold twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import BillLine, Settlement, Visit
from desk.changes import all_or_nothing
from gateway.rules.models import rule_in_force
from gateway.traces.models import DrugSale, NoCodeItem, TraceCode
from gateway.traces.packs import units_in
from institutions.models import (
    Institution,
)
from institutions.sent_models import CodeMapping
from supervision.rules import Certainty, Hit
from supervision.rules.sold_twice import RULE
from supervision.services import note_found

# Categories of the catalogue whose packs bear codes; herbs are weighed out.
WITH_CODES = ("western_drug", "chinese_drug")
MAX_FINDING = 300
TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Sold:
    """One line of a sale. `columns`: of DrugSale; `codes`: of the packs, as they were scanned."""

    columns: Mapping[str, Any]
    codes: Sequence[str] = ()
    visit: Visit | None = None
    settlement: Settlement | None = None

    @property
    def is_return(self) -> bool:
        return bool(self.columns["quantity"] < 0)


@dataclass(frozen=True)
class Recorded:
    """What was kept of a line, and the codes of it that were sold already."""

    sale: DrugSale
    again: list[str] = field(default_factory=list)


@all_or_nothing()
def record_sales(*, actor: User, institution: Institution, sold: Sequence[Sold]) -> list[Recorded]:
    """Keep the lines of a sale with their codes. A code that was sold already is kept all the same
    and is a lead for supervision; a return frees the codes that it names. Raises Refusal."""
    if not actor.may("claims.enter_counter"):
        raise Refusal("商品销售由定点医药机构上传")
    area = Division.objects.get(code=institution.division.county_code)
    sales = DrugSale.objects.bulk_create(
        DrugSale(
            institution=institution, visit=one.visit, settlement=one.settlement,
            recorded_by=actor, **one.columns,
        )
        for one in sold
    )  # fmt: skip
    returned = {code for one in sold if one.is_return for code in one.codes}
    if returned:
        own = TraceCode.objects.live().filter(area=area, sale__institution=institution)
        _free(own.filter(code__in=returned), actor)
    rows = [
        TraceCode(
            sale=sale, area=area, code=code, position=place, is_first=True,
            units=one.columns["quantity"] / len(one.codes),
        )
        for sale, one in zip(sales, sold, strict=True)
        if not one.is_return
        for place, code in enumerate(one.codes)
    ]  # fmt: skip
    again = _insert(rows)
    if again:
        tell_leads(area=area)
    found = defaultdict(list)
    for row in again:
        found[row.sale_id].append(row.code)
    return [Recorded(sale, found[sale.pk]) for sale in sales]


def _insert(rows: Sequence[TraceCode]) -> list[TraceCode]:
    """Write the codes, each as the first where it is; those that were sold already.

    In the order of the codes, as everybody writes them, so that two messages with the same codes
    wait for each other and never both ways. ON CONFLICT waits for whoever sells the code at this
    moment, and gives way once that is kept.
    """
    left = sorted(rows, key=lambda row: (row.code, row.sale_id, row.position))
    again: list[TraceCode] = []
    for _ in range(TRIES):
        if not left:
            return again
        TraceCode.objects.bulk_create(left, ignore_conflicts=True)
        sales = {row.sale_id for row in left}
        kept = set(TraceCode.objects.filter(sale__in=sales).values_list("sale_id", "position"))
        late = [row for row in left if (row.sale_id, row.position) not in kept]
        written, left = _beside_the_first(late)
        again += written
    if left:
        raise Refusal("追溯码正由多家机构同时办理，请稍后重发")
    return again


def _beside_the_first(
    late: Sequence[TraceCode],
) -> tuple[list[TraceCode], list[TraceCode]]:
    """Write those whose code is sold already; which of them are leads, and which to try once more
    since the first was freed meanwhile."""
    if not late:
        return [], []
    codes = {row.code for row in late}
    live = TraceCode.objects.live().filter(area=late[0].area_id, code__in=codes)
    locked = live.filter(is_first=True).select_for_update(no_key=True, of=("self",))
    firsts = {row.code: row for row in locked.select_related("sale").order_by("code")}
    opened = [row for row in firsts.values() if row.sale.is_split]
    sold: dict[str, Decimal] = {}
    if opened:
        parts = live.filter(sale__is_split=True, again_of=None).order_by().values("code")
        sold = dict(parts.annotate(sum=Sum("units")).values_list("code", "sum"))
    packs = _packs(opened)
    beside = [row for row in late if row.code in firsts]
    for row in beside:
        row.is_first, first = False, firsts[row.code]
        total = sold.get(row.code, Decimal(0)) + row.units
        if _is_part(row.sale, first.sale) and total <= packs.get(row.code, total):
            sold[row.code] = total
        else:
            row.again_of = first
    TraceCode.objects.bulk_create(beside)
    again = [row for row in beside if row.again_of is not None]
    return again, [row for row in late if row.code not in firsts]


def _is_part(sale: DrugSale, first: DrugSale) -> bool:
    """Of a pack that was opened (拆零) one institution sells the parts, and nobody the whole."""
    return sale.is_split and first.is_split and sale.institution_id == first.institution_id


def _packs(opened: Sequence[TraceCode]) -> dict[str, int]:
    """Code → how many units its pack holds, as far as the agreed mapping of the seller says it. One
    statement, none where no pack was opened."""
    if not opened:
        return {}
    rows = CodeMapping.objects.filter(
        status=CodeMapping.Status.AGREED,
        institution__in={row.sale.institution_id for row in opened},
        own_code__in={row.sale.own_code for row in opened},
    )
    held = {(row.institution_id, row.own_code): units_in(row.pack) for row in rows.order_by("pk")}
    found = {row.code: held.get((row.sale.institution_id, row.sale.own_code)) for row in opened}
    return {code: units for code, units in found.items() if units}


@all_or_nothing()
def free_codes(*, actor: User, visit: Visit) -> int:
    """The settlement of the visit was taken back: the packs are in the shop again. How many codes;
    what was found about them stays with supervision."""
    return _free(TraceCode.objects.live().filter(sale__visit=visit), actor)


def _free(rows: Any, actor: User) -> int:
    """Free them; where one was the first and its code is sold elsewhere as well, that one is the
    first from now on."""
    locked = rows.order_by("code", "pk").select_for_update(no_key=True, of=("self",))
    freed = list(locked)
    if not freed:
        return 0
    TraceCode.objects.filter(pk__in=[row.pk for row in freed]).update(
        freed_at=timezone.now(), freed_by=actor
    )
    codes = [row.code for row in freed if row.is_first]
    left = TraceCode.objects.live().filter(area=freed[0].area_id, code__in=codes)
    heirs = left.order_by("code", "pk").distinct("code").values_list("pk", flat=True)
    TraceCode.objects.filter(pk__in=list(heirs)).update(is_first=True)
    return len(freed)


def missing_codes(visit: Visit, lines: Iterable[BillLine], on: date) -> list[str]:
    """Names of the medicines on these lines of the visit that were told without a trace code,
    where the county settles nothing without one on that day; the no-code list is excepted. Three
    statements at most, one where the county asks for none."""
    assert visit.institution is not None
    area = visit.institution.division.county_code
    rule = rule_in_force(area)
    if rule is None or not rule.asks_for_codes(on):
        return []
    wanted = {line.item_code: line.item_name for line in lines if line.category in WITH_CODES}
    if not wanted:
        return []
    without = NoCodeItem.objects.valid_on(on).filter(area__code=area, code__in=wanted)
    told = TraceCode.objects.live().filter(sale__visit=visit, sale__code__in=wanted)
    right = {*without.values_list("code", flat=True), *told.values_list("sale__code", flat=True)}
    return [name for code, name in wanted.items() if code not in right]


@all_or_nothing()
def tell_leads(*, area: Division | None = None) -> int:
    """Tell supervision of codes that were sold twice, on the settlement of the later sale, else on
    that of the first one; of what has no settlement yet once it has. How many were told.

    Four statements however many.
    """
    rows = TraceCode.objects.again().filter(told_at=None)
    rows = rows.filter(Q(sale__visit__isnull=False) | Q(again_of__sale__visit__isnull=False))
    if area is not None:
        rows = rows.filter(area=area)
    related = ("sale__institution", "again_of__sale__institution")
    untold = list(rows.select_related(*related).order_by("pk"))
    visits = {row.sale.visit_id for row in untold} | {
        row.again_of.sale.visit_id for row in untold if row.again_of
    }
    settled = Settlement.objects.effective().filter(visit__in=visits - {None}).order_by("pk")
    latest = dict(settled.values_list("visit", "pk"))
    found: dict[int, list[TraceCode]] = defaultdict(list)
    for row in untold:
        assert row.again_of is not None
        for sale in (row.sale, row.again_of.sale):
            if settlement := latest.get(sale.visit_id or 0):
                found[settlement].append(row)
                break
    hits = [
        Hit(
            rule=RULE.code, certainty=Certainty.SUSPECT, settlement=settlement,
            finding=_finding(rows_of),
        )
        for settlement, rows_of in found.items()
    ]  # fmt: skip
    if hits:
        note_found(hits=hits)
        told = [row.pk for rows_of in found.values() for row in rows_of]
        TraceCode.objects.filter(pk__in=told).update(told_at=timezone.now())
    return sum(len(rows_of) for rows_of in found.values())


def _finding(rows: Sequence[TraceCode]) -> str:
    """In words for who looks into it: the first in full, how many more."""
    row = rows[0]
    assert row.again_of is not None
    more = f"；另有 {len(rows) - 1} 个追溯码也已售出过" if len(rows) > 1 else ""
    said = f"{row.sale.name}的追溯码 {row.code}：{_sold(row.again_of)}售出，{_sold(row)}再次售出"
    return f"{said[: MAX_FINDING - len(more)]}{more}"


def _sold(row: TraceCode) -> str:
    at: datetime = timezone.localtime(row.sale.sold_at)
    return f"{row.sale.institution} {at:%Y-%m-%d %H:%M}"
