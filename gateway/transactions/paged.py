"""Catalogues as pages (1304, 1312, 1316–1319): a page of rows as the output itself.

`updt_time` asks for what changed from that day on, `query_date` for what holds on a day. The last
page is the one that is not full.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.errors import Refusal
from claims.classification import classify
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.files.catalogues import HERBAL, NO, YES, items_of, list_type
from gateway.files.services import area_of
from gateway.people import RESIDENTS
from institutions.models import (
    CatalogueItem,
    CatalogueQuerySet,
)
from institutions.sent_models import CodeMapping
from policies.models import Pack
from policies.services import terms_of
from policies.terms import BillClass, Terms
from supervision.extracts import codes

MAX_PAGE = 1_000
# hilist_lmtpric_type 一级及以下、二级、三级: ours are the same for all.
LEVELS = ("1", "2", "3")
BY_PATIENT = "1"  # overlmt_dspo_way: what is above the limit is the patient's
FIRST_PAY = "10"  # selfpay_prop_type 目录先自付比例
CPND = {True: "1", False: "9"}  # lmt_cpnd_type 单复方均可用 of herbs, 其他 of all else
USE = "1"  # hilist_use_type: prints no dictionary
WHOLE = Decimal(1)
PARTS = Decimal(10_000)


@dataclass(frozen=True)
class Page:
    """Which rows of all are asked for, counted from 0."""

    first: int
    size: int

    @property
    def slice(self) -> slice:
        return slice(self.first, self.first + self.size)


def page_of(row: Row) -> Page:
    """Raises Refusal naming the field."""
    number, size = int(row["page_num"]), int(row["page_size"])
    if number < 1:
        raise Refusal("当前页数从 1 起", at=("data", "page_num"))
    if not 1 <= size <= MAX_PAGE:
        raise Refusal(f"本页数据量应为 1 至 {MAX_PAGE}，请分页取", at=("data", "page_size"))
    return Page((number - 1) * size, size)


def _of_area(asked: Asked, name: str = "insu_admdvs") -> bool:
    """Whether the area that is asked for is ours; where none is, ours is meant."""
    area = asked.institution.division.county_code
    return asked.row().get(name) in {None, area}


def _items(asked: Asked) -> CatalogueQuerySet:
    """The items of the institution's area that the message asks for by day, code and kind."""
    row = asked.row()
    area = area_of(asked.institution)
    kind = row.get("list_type")
    rows = items_of(area, kind) if kind else CatalogueItem.objects.filter(area=area)
    if not _of_area(asked) or not _of_area(asked, "poolarea_no"):
        rows = rows.none()
    since = datetime.combine(row["updt_time"], time(), timezone.get_current_timezone())
    rows = rows.filter(changed_at__gte=since)
    if "query_date" in row:
        rows = rows.valid_on(row["query_date"])
    if "hilist_code" in row:
        rows = rows.filter(code=row["hilist_code"])
    if "begndate" in row:
        rows = rows.filter(first_day__gte=row["begndate"])
    if "enddate" in row:
        rows = rows.filter(last_day__lte=row["enddate"])
    if "rid" in row:
        rid = row["rid"].split("-")[0]
        rows = rows.filter(pk=int(rid)) if rid.isdecimal() and len(rid) < 19 else rows.none()
    if "vali_flag" in row:
        ended = Q(last_day__lt=asked.on)
        rows = rows.exclude(ended) if row["vali_flag"] == YES else rows.filter(ended)
    return rows.order_by("code", "first_day", "pk")


def _about(asked: Asked, item: CatalogueItem, rid: str = "") -> dict[str, Any]:
    """What all these answers say of an item."""
    area = asked.institution.division.county_code
    changed = timezone.localtime(item.changed_at)
    ended = item.last_day is not None and item.last_day < asked.on
    return {
        "hilist_code": item.code,
        "insu_admdvs": area,
        "begndate": item.first_day,
        "enddate": item.last_day,
        "vali_flag": NO if ended else YES,
        "rid": rid or str(item.pk),
        "updt_time": changed,
        "crte_time": item.first_day,
        "poolarea_no": area,
    }


# -- 1304, 1312, 1316 -----------------------------------------------------------------------------


def ethnic_medicines(asked: Asked) -> Answer:
    """1304: the county keeps none."""
    page_of(asked.row())
    asked.warn("本县不维护民族药品目录，请使用国家标准目录；没有记录")
    return {"": []}


def insured_items(asked: Asked) -> Answer:
    """1312."""
    row = asked.row()
    page = page_of(row)
    rows = _items(asked)
    if "hilist_name" in row:
        rows = rows.filter(name__contains=row["hilist_name"])
    if "pinyin" in row:
        rows = rows.filter(initials__startswith=row["pinyin"].lower())
    if "chrgitm_lv" in row:
        wanted = [one for one, code in codes.PAYMENT_CLASSES.items() if code == row["chrgitm_lv"]]
        rows = rows.filter(payment_class__in=wanted)
    if "med_chrgitm_type" in row:
        kinds = [one for one, code in codes.CHARGES.items() if code == row["med_chrgitm_type"]]
        rows = rows.filter(category__in=kinds)
    if "lmt_used_flag" in row:
        rows = rows.filter(is_limited=row["lmt_used_flag"] == YES)
    if not _is_plain(row):
        rows = rows.none()
    return {"": [_about(asked, item) | _insured(item) for item in rows[page.slice]]}


def _is_plain(row: Row) -> bool:
    """Whether rows like ours are asked for: all may be used for all care."""
    plain = {"med_use_flag": YES, "matn_used_flag": YES, "hilist_use_type": USE}
    return all(row.get(name) in {None, value} for name, value in plain.items())


def _insured(item: CatalogueItem) -> dict[str, Any]:
    kind = list_type(item)
    return {
        "hilist_name": item.name,
        "med_chrgitm_type": codes.CHARGES.get(item.category, codes.CHARGES["other"]),
        "chrgitm_lv": codes.PAYMENT_CLASSES[item.payment_class],
        "lmt_used_flag": YES if item.is_limited else NO,
        "list_type": kind,
        "med_use_flag": YES,
        "matn_used_flag": YES,
        "hilist_use_type": USE,
        "lmt_cpnd_type": CPND[kind == HERBAL],
        "pinyin": item.initials,
    }


def same_codes(asked: Asked) -> Answer:
    """1316: the county calls every item by its one code, so each stands for itself."""
    row = asked.row()
    page = page_of(row)
    rows = _items(asked)
    if "med_list_codg" in row:
        rows = rows.filter(code=row["med_list_codg"])
    return {
        "": [
            _about(asked, item) | {"med_list_codg": item.code, "list_type": list_type(item)}
            for item in rows[page.slice]
        ]
    }


# -- 1317 -----------------------------------------------------------------------------------------

# Title of a detail as 3301 kept it → field of this answer.
DETAILS: Mapping[str, str] = {
    "剂型": "dosform",
    "规格": "spec",
    "包装": "pacspec",
    "计价单位": "prcunt",
    "批准文号": "aprvno",
    "项目内涵": "item_cont",
    "除外内容": "exct_cont",
    "备注": "memo",
}


def own_codes(asked: Asked) -> Answer:
    """1317: what the institution itself calls the items, as the county agreed to it."""
    row = asked.row()
    page = page_of(row)
    rows = CodeMapping.objects.filter(institution=asked.institution, decided_by__isnull=False)
    rows = rows.exclude(status=CodeMapping.Status.REFUSED)
    if not _of_area(asked) or row.get("fixmedins_code") not in {None, asked.institution.code}:
        rows = rows.none()
    given = {
        "own_code": row.get("medins_list_codg"),
        "kind": row.get("list_type"),
        "code": row.get("med_list_codg"),
        "own_name__contains": row.get("medins_list_name"),
        "first_day__gte": row.get("begndate"),
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    since = datetime.combine(row["updt_time"], time(), timezone.get_current_timezone())
    rows = rows.filter(Q(decided_at__gte=since) | Q(withdrawn_at__gte=since))
    if "query_date" in row:
        holding = CodeMapping.objects.holding(row["query_date"]).order_by().values("pk")
        rows = rows.filter(pk__in=holding)
    if "vali_flag" in row:
        holds = CodeMapping.objects.holding(asked.on).order_by().values("pk")
        rows = rows.filter(pk__in=holds) if row["vali_flag"] == YES else rows.exclude(pk__in=holds)
    found = rows.select_related("proposed_by").order_by("own_code", "pk")[page.slice]
    return {"": [_mapping(asked, one) for one in found]}


def _mapping(asked: Asked, one: CodeMapping) -> dict[str, Any]:
    ends = one.withdrawn_on or one.last_day
    holds = one.withdrawn_on is None and (one.last_day is None or one.last_day >= asked.on)
    area = asked.institution.division.county_code
    details = {DETAILS[title]: text for title, text in one.details if title in DETAILS}
    return details | {
        "fixmedins_code": asked.institution.code,
        "medins_list_codg": one.own_code,
        "medins_list_name": one.own_name,
        "insu_admdvs": area,
        "list_type": one.kind,
        "med_list_codg": one.code,
        "begndate": one.first_day,
        "enddate": ends,
        "vali_flag": YES if holds else NO,
        "rid": str(one.pk),
        "updt_time": _local(one.withdrawn_at or one.decided_at),
        "crter_id": str(one.proposed_by_id),
        "crter_name": one.proposed_by.name,
        "crte_time": _local(one.proposed_at),
        "crte_optins_no": area,
        "poolarea_no": area,
    }


def _local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at else None


# -- 1318 -----------------------------------------------------------------------------------------


def price_limits(asked: Asked) -> Answer:
    """1318: a row for each level of hospitals; the limit is the same."""
    row = asked.row()
    page = page_of(row)
    rows = _items(asked).filter(price_limit__isnull=False)
    if row.get("overlmt_dspo_way") not in {None, BY_PATIENT}:
        rows = rows.none()
    wanted = row.get("hilist_lmtpric_type")
    levels = LEVELS if wanted is None else (wanted,)
    first, last = page.first // len(levels), -(-(page.first + page.size) // len(levels))
    told = [
        _about(asked, item, f"{item.pk}-{level}")
        | {
            "hilist_lmtpric_type": level,
            "overlmt_dspo_way": BY_PATIENT,
            "hilist_pric_uplmt_amt": item.price_limit,
        }
        for item in rows[first:last]
        for level in levels
    ]
    start = page.first - first * len(levels)
    return {"": told[start : start + page.size]}


# -- 1319 -----------------------------------------------------------------------------------------


def first_self_pay(asked: Asked) -> Answer:
    """1319: what the measures of each time leave to the patient first, by the days on which both
    the item and the measures are in force. The statements grow with the measures, not with items.
    """
    row = asked.row()
    page = page_of(row)
    wanted = {"selfpay_prop_psn_type": RESIDENTS, "selfpay_prop_type": FIRST_PAY}
    if any(row.get(name) not in {None, value} for name, value in wanted.items()):
        return {"": []}
    told: list[dict[str, Any]] = []
    varied = False
    for pack, item in _pairs(asked, page):
        ratio, is_fixed = _ratio(terms_of(pack), item)
        varied = varied or not is_fixed
        about = _about(asked, item, f"{item.pk}-{pack.pk}") | wanted
        told.append(about | _days(pack, item, asked.on) | {"selfpay_prop": ratio})
    if varied:
        asked.warn(
            "部分项目的先自付比例随审批、急诊、单价或产地等情况变化，这里是没有这些情况时的比例"
        )
    return {"": told}


def _pairs(asked: Asked, page: Page) -> Iterator[tuple[Pack, CatalogueItem]]:
    """The page's measures and items, the earlier measures first."""
    area = area_of(asked.institution)
    packs = Pack.objects.adopted().filter(area=area).order_by("first_day")
    if "query_date" in asked.row():
        day = asked.row()["query_date"]
        packs = packs.filter(first_day__lte=day, last_day__gte=day)
    skip, left = page.first, page.size
    for pack in packs:
        rows = _items(asked).filter(first_day__lte=pack.last_day)
        rows = rows.filter(Q(last_day=None) | Q(last_day__gte=pack.first_day))
        count = rows.count()
        if skip < count:
            found = list(rows[skip : skip + left])
            yield from ((pack, item) for item in found)
            left -= len(found)
        skip = max(0, skip - count)
        if not left:
            return


def _days(pack: Pack, item: CatalogueItem, on: date) -> dict[str, Any]:
    """The days that both share."""
    ends = pack.last_day if item.last_day is None else min(item.last_day, pack.last_day)
    return {
        "begndate": max(item.first_day, pack.first_day),
        "enddate": ends,
        "vali_flag": NO if ends < on else YES,
    }


def _ratio(terms: Terms, item: CatalogueItem) -> tuple[Decimal, bool]:
    """The share that is paid first, and whether it is the same whatever the visit tells."""
    code = classify(
        payment_class=item.payment_class,
        category=item.category,
        consent_signed=True,
        classes=terms.bill.classes,
    )
    rule = terms.bill.classes.get(code)
    if rule is None or rule.kind != "covered":
        return WHOLE, True
    share, is_fixed = _share(rule)
    return share, is_fixed and not rule.line_shares


def _share(rule: BillClass) -> tuple[Decimal, bool]:
    """Of a table with conditions the row for all the rest; where there is none, the most."""
    rows = rule.shares.rows if rule.shares else ()
    if not rows:
        return Decimal(0), not rule.billed
    last = rows[-1]
    is_rest = not last.condition.when and not last.condition.unless
    value = last.value if is_rest else max(row.value for row in rows)
    return Decimal(value) / PARTS, len({row.value for row in rows}) == 1


TRANSACTIONS = {
    "1304": Transaction(ethnic_medicines),
    "1312": Transaction(insured_items),
    "1316": Transaction(same_codes),
    "1317": Transaction(own_codes),
    "1318": Transaction(price_limits),
    "1319": Transaction(first_self_pay),
}
