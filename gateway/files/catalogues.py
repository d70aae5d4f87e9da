"""The files of the catalogues (1301–1315): which rows, in which version, what stands in a column.

A version is the moment of the latest change in it, twenty digits; a row's own is when it changed.
Whoever hands a version in gets what changed behind it: moments are given in the order of the
commits (institutions, migration 0008), so nothing is ever missed. What the measures say (1309,
1310) changes with them: its version is when they were adopted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone

from accounts.models import Division
from gateway.files.models import StoredFile
from gateway.files.services import edition_of
from gateway.interface.answering import file_rows
from institutions.categories import CATEGORY_NAMES
from institutions.models import CatalogueItem, CatalogueQuerySet
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms
from supervision.extracts.codes import LIST_TYPES, LIST_TYPES_OF_CATEGORIES, ORIGINS

NOTHING = "0"  # the version of who has nothing yet
VERSION = "%Y%m%d%H%M%S%f"
DIGITS = 20
WESTERN, HERBAL, SERVICE, MATERIAL = "101", "102", "201", "301"
YES, NO = "1", "0"
CLASSES: Mapping[str, str] = {"A": "甲", "B": "乙", "C": "丙"}
ORIGIN_NAMES: Mapping[str, str] = {"1": "国内", "2": "进口"}
CHINESE_DRUG = "chinese_drug"
OUTPATIENT_CHRONIC = "14"  # med_type 门诊慢特病
CHUNK = 2_000


def list_type(item: CatalogueItem) -> str:
    """The national kind of catalogue that an item belongs to."""
    return LIST_TYPES_OF_CATEGORIES.get(item.category) or LIST_TYPES[item.catalogue]


def items_of(area: Division, kind: str) -> CatalogueQuerySet:
    """All items of the kind, also those that ended."""
    rows = CatalogueItem.objects.filter(area=area)
    special = {code: name for name, code in LIST_TYPES_OF_CATEGORIES.items()}
    if kind in special:
        return rows.filter(category=special[kind])
    catalogues = [name for name, code in LIST_TYPES.items() if code == kind]
    return rows.filter(catalogue__in=catalogues).exclude(category__in=special.values())


def version_of(at: datetime) -> str:
    """A moment as a version: the same for ever, later moments are larger."""
    return at.astimezone(UTC).strftime(VERSION)


def moment_of(version: str) -> datetime | None:
    """The moment that a version means; None of one that is none of ours, which knows nothing."""
    if len(version) != DIGITS or not (version.isascii() and version.isdecimal()):
        return None
    try:
        return datetime.strptime(version, VERSION).replace(tzinfo=UTC)
    except ValueError:
        return None


Row = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What a catalogue has beyond a version: its latest version, how many rows, and how to read
    them. `since`: the version it begins behind, one of ours."""

    version: str
    since: str
    count: int
    rows: Callable[[], Iterator[Row]]


# -- items of the catalogue -----------------------------------------------------------------------


def _common(item: CatalogueItem) -> Row:
    """The columns that all files of items have, by their titles."""
    ended = item.last_day is not None and item.last_day < timezone.localdate(item.changed_at)
    version = version_of(item.changed_at)
    return {
        "医疗目录编码": item.code,
        "开始日期": item.first_day,
        "结束日期": item.last_day,
        "有效标志": NO if ended else YES,
        "唯一记录号": str(item.pk),
        "版本号": version,
        "版本名称": f"{version[:8]} 版",
    }


def _dated(item: CatalogueItem) -> Row:
    changed = timezone.localtime(item.changed_at)
    return {
        "数据创建时间": item.first_day,
        "数据更新时间": changed,
        "下发标志": YES,
        "生效时间": item.first_day,
        "失效时间": item.last_day,
    }


def _drug(item: CatalogueItem) -> Row:
    origin = ORIGINS.get(item.origin, "")
    essential = YES if item.is_essential else NO
    return {
        **_common(item),
        **_dated(item),
        "药品通用名": item.name,
        "药品类别": WESTERN,
        "药品类别名称": CATEGORY_NAMES.get(item.category, ""),
        "中成药标志": YES if item.category == CHINESE_DRUG else NO,
        "生产地类别": origin,
        "生产地类别名称": ORIGIN_NAMES.get(origin, ""),
        "最小销售单位": item.unit,
        "最小计价单位": item.unit,
        "拼音助记码": item.initials,
        "特殊限价药品标志": NO if item.price_limit is None else YES,
        "限制使用标志": YES if item.is_limited else NO,
        "基本药物标志": essential,
        "基本药物标志名称": "是" if item.is_essential else "否",
        "国家医保药品目录甲乙类标识": CLASSES[item.payment_class],
    }


def _herb(item: CatalogueItem) -> Row:
    return {
        **_common(item),
        **_dated(item),
        "单味药名称": item.name,
        "药材名称": item.name,
        "国家医保支付政策": f"{CLASSES[item.payment_class]}类",
    }


def _service(item: CatalogueItem) -> Row:
    return {
        **_common(item),
        "计价单位": item.unit,
        "计价单位名称": item.unit,
        "服务项目类别": CATEGORY_NAMES.get(item.category, ""),
        "医疗服务项目名称": item.name,
        "下发标志": YES,
        "生效时间": item.first_day,
    }


def _material(item: CatalogueItem) -> Row:
    origin = ORIGINS.get(item.origin, "")
    return {
        **_common(item),
        "耗材名称": item.name,
        "生产地类别": origin,
        "生产地类别名称": ORIGIN_NAMES.get(origin, ""),
        "最小销售单位": item.unit,
        "限制使用标志": YES if item.is_limited else NO,
    }


ITEMS: Mapping[str, tuple[str, Callable[[CatalogueItem], Row]]] = {
    "1301": (WESTERN, _drug),
    "1302": (HERBAL, _herb),
    "1305": (SERVICE, _service),
    "1306": (MATERIAL, _material),
    "1306A": (MATERIAL, _material),
}


def _items(infno: str, area: Division, since: str) -> Known:
    """Two statements, and one when the file is written."""
    kind, told = ITEMS[infno]
    rows = items_of(area, kind)
    latest = rows.order_by("-changed_at").values_list("changed_at", flat=True).first()
    after = moment_of(since)
    version = version_of(latest) if latest else NOTHING
    # What is asked with is rounded down to a version of ours: as many files as there are versions.
    last = rows.filter(changed_at__lte=after) if after else rows.none()
    known = last.order_by("-changed_at").values_list("changed_at", flat=True).first()
    new = rows.filter(changed_at__gt=known) if known else rows
    new = new.filter(changed_at__lte=latest) if latest else rows.none()

    def read() -> Iterator[Row]:
        for item in new.order_by("code", "first_day").iterator(chunk_size=CHUNK):
            yield told(item)

    return Known(version, version_of(known) if known else NOTHING, new.count(), read)


# -- what the measures say ------------------------------------------------------------------------


def pack_of(area: Division, on: date) -> Pack | None:
    """The measures in force on the day."""
    return Pack.objects.in_force(area.code, on).first()


def chronic_diseases(terms: Terms) -> dict[str, str]:
    """Code → name of the diseases for which measures pay out-patients by themselves."""
    cares = {code for code, care in terms.cares.items() if care.med_type[:2] == OUTPATIENT_CHRONIC}
    names = terms.vocabulary.get("disease", {})
    found = {
        code
        for benefit in terms.benefits
        for clause in benefit.condition.when
        if any(test.dimension == "care" and test.values & cares for test in clause)
        for test in clause
        if test.dimension == "disease"
        for code in test.values
    }
    return {code: name for code, name in names.items() if code in found}


def packages(terms: Terms) -> dict[str, tuple[str, str]]:
    """Code of a benefit that is one price for the whole treatment → its name, the operations."""
    names = terms.vocabulary.get("procedure", {})
    return {
        one.code: (
            one.name,
            "、".join(
                sorted(
                    names.get(code, code)
                    for test in one.condition.tests()
                    if test.dimension == "procedure"
                    for code in test.values
                )
            ),
        )
        for one in terms.benefits
        if one.package is not None
    }


def _chronic_rows(pack: Pack, version: str) -> Iterator[Row]:
    for code, name in chronic_diseases(terms_of(pack)).items():
        yield _of_pack(pack, version, code) | {
            "门慢门特病种目录代码": code,
            "门慢门特病种大类名称": name,
            "门慢门特病种细分类名称": name,
            "门慢门特病种名称": name,
            "门慢门特病种大类代码": code,
            "医保区划": pack.area.code,
        }


def _package_rows(pack: Pack, version: str) -> Iterator[Row]:
    for code, (name, operations) in packages(terms_of(pack)).items():
        yield _of_pack(pack, version, code) | {
            "病种结算目录ID": code,
            "按病种结算病种目录代码": code,
            "按病种结算病种名称": name,
            "限定手术操作名称": operations,
        }


def _of_pack(pack: Pack, version: str, code: str) -> Row:
    return {
        "有效标志": YES,
        "唯一记录号": f"{pack.pk}-{code}"[:40],
        "数据创建时间": pack.first_day,
        "数据更新时间": timezone.localtime(pack.adopted_at) if pack.adopted_at else None,
        "版本号": version,
        "版本名称": str(pack),
        "备注": f"{pack.first_day} 至 {pack.last_day}",
    }


MEASURES: Mapping[str, Callable[[Pack, str], Iterator[Row]]] = {
    "1309": _chronic_rows,
    "1310": _package_rows,
}


def _measures(infno: str, area: Division, since: str, on: date) -> Known:
    """The whole list where anything was adopted, or came into force, since."""
    pack = pack_of(area, on)
    if pack is None:
        return Known(NOTHING, NOTHING, 0, lambda: iter(()))
    begun = Pack.objects.adopted().filter(area=area, first_day__lte=on, adopted_at__isnull=False)
    moments = [
        max(
            one.adopted_at, datetime.combine(one.first_day, time(), timezone.get_current_timezone())
        )
        for one in begun
        if one.adopted_at is not None
    ]
    version = version_of(max(moments))
    if since >= version and moment_of(since):
        return Known(version, version, 0, lambda: iter(()))
    rows = list(MEASURES[infno](pack, version))
    return Known(version, NOTHING, len(rows), lambda: iter(rows))


# -- files ----------------------------------------------------------------------------------------

# What the county does not keep: nothing is charged or paid by these.
NOT_KEPT: Mapping[str, str] = {
    "1303": "医疗机构制剂",
    "1307": "疾病与诊断",
    "1308": "手术操作",
    "1311": "日间手术病种",
    "1313": "肿瘤形态学",
    "1314": "中医疾病",
    "1315": "中医证候",
}
FILES = frozenset({*ITEMS, *MEASURES, *NOT_KEPT})


def catalogue_file(infno: str, *, area: Division, since: str, on: date) -> tuple[StoredFile, str]:
    """The file with what is new since a version, made once for everybody; and what to tell."""
    told = ""
    if infno in NOT_KEPT:
        known = Known(NOTHING, NOTHING, 0, lambda: iter(()))
        told = f"本县不维护{NOT_KEPT[infno]}目录，请使用国家标准目录；文件为空"
    elif infno in MEASURES:
        known = _measures(infno, area, since, on)
    else:
        known = _items(infno, area, since)
    file = edition_of(
        area=area,
        infno=infno,
        edition=f"{known.since}-{known.version}",
        name=f"{infno}_{known.version}.txt",
        make=lambda: (iter(file_rows(infno, known.rows())), known.count),
        on=on,
    )
    return file, told
