"""2001: whether each fund pays for a person on each day of a span, and why not.

What the answer promises is what settling asks as well: the cover of the day, the institution's
agreement, the county's kind of care, and for whom a benefit or a layer is meant. What only the
visit itself tells (facts, diseases, amounts) is not looked at; where it decides, a benefit counts
as one that may be had.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from accounts.errors import Refusal
from claims.adjudication import Visit as EngineVisit
from claims.adjudication import subject_of
from claims.computation import member_of
from enrollment.cover.models import LateEntry
from enrollment.models import Enrollment, Person
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.local import care_of, disease_codes, extra_of
from gateway.people import RESIDENTS
from gateway.presented import person_shown
from gateway.transactions.people import NO, YES, day_of
from institutions.models import Agreement, Institution
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Care, Terms
from policies.terms.conditions import DIMENSION_NAMES, Condition, Subject

OF_FUNDS = "01"  # trt_chk_type 基金项检查
RESIDENT_FUND = "390100"  # told of days for which there are no measures
# What is known of a person and a place before the visit: the rest may still turn out to be so.
KNOWN = frozenset({"care", "level", "tier", "residence", "sex", "age_group", "age", "status",
                   "years", "claim_free"})  # fmt: skip
# No norm: a year back and one ahead is more than any visit lasts.
MOST_DAYS = 731
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days of which the same is so. `why`: what stands against every fund, "" for nothing."""

    first: date
    last: date
    why: str
    cover: Enrollment | None = None
    terms: Terms | None = None


def check(asked: Asked) -> Answer:
    """2001."""
    row = asked.row()
    person = person_shown(asked, row["psn_no"])
    first = day_of(row["begntime"])
    last = day_of(row["endtime"]) if "endtime" in row else first
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise Refusal("结束时间应不早于开始时间、相隔不超过两年", at=("data", "endtime"))
    whole = _against_all(asked, row)
    rows: list[dict[str, Any]] = []
    for span in _spans(asked, person, first, last, whole):
        rows += _funds(asked, row, span)
    return {"trtinfo": rows}


def _against_all(asked: Asked, row: Row) -> str:
    """What stands against every fund, whatever the day."""
    if row["insutype"] != RESIDENTS:
        return f"本县只办理城乡居民基本医疗保险（{RESIDENTS}），请核对险种"
    area = asked.institution.division.county_code
    code = row["fixmedins_code"]
    if not Institution.objects.filter(code=code, division__code__startswith=area).exists():
        return f"{code} 不是本县登记的定点机构"
    return ""


# -- days -----------------------------------------------------------------------------------------


def _spans(asked: Asked, person: Person, first: date, last: date, whole: str) -> Iterator[Span]:
    """The span cut where anything changes: five statements, however long it is."""
    area = asked.institution.division.county_code
    packs = list(Pack.objects.adopted().filter(area__code=area))
    covers = list(
        Enrollment.objects.filter(person=person)
        .exclude(status=Enrollment.Status.CANCELLED)
        .select_related("person", "household", "pack")
        .order_by("cover_first_day")
    )
    waits = {one.enrollment_id: one for one in LateEntry.objects.filter(enrollment__in=covers)}
    agreements = _agreements(asked.row()["fixmedins_code"])
    known = Known(person, packs, covers, waits, agreements, whole)
    yield from _joined([known.span(*days) for days in _cut(known, first, last)])


def _cut(known: "Known", first: date, last: date) -> list[tuple[date, date]]:
    """First and last day of each part in which nothing changes."""
    edges = {first, last + DAY}
    for one in known.covers:
        edges |= {one.cover_first_day, one.cover_last_day + DAY}
    for agreement in known.agreements:
        edges |= {agreement.first_day, agreement.last_day + DAY}
        for _, begins, ends in agreement.spans:
            edges |= {begins, ends + DAY} if ends else {begins}
    for pack in known.packs:
        edges |= {pack.first_day, pack.last_day + DAY}
    if known.person.death_date is not None:
        edges.add(known.person.death_date + DAY)
    ordered = sorted(edge for edge in edges if first <= edge <= last + DAY)
    return [(begins, ends - DAY) for begins, ends in pairwise(ordered)]


@dataclass(frozen=True)
class Known:
    """What decides about a day. `whole`: what stands against all of them."""

    person: Person
    packs: Sequence[Pack]
    covers: Sequence[Enrollment]
    waits: Mapping[int, LateEntry]
    agreements: Sequence[Agreement]
    whole: str

    def span(self, first: date, last: date) -> Span:
        """The days as their first one is."""
        pack = next((one for one in self.packs if one.first_day <= first <= one.last_day), None)
        if pack is None:
            return Span(first, last, self.whole or f"{first} 没有已采用的政策办法")
        terms = terms_of(pack)
        cover = next(
            (
                one
                for one in self.covers
                if one.status == Enrollment.Status.ACTIVE
                and one.cover_first_day <= first <= one.cover_last_day
            ),
            None,
        )
        return Span(first, last, self._why(first, cover, terms), cover, terms)

    def _why(self, day: date, cover: Enrollment | None, terms: Terms) -> str:
        died = self.person.death_date
        if self.whole:
            return self.whole
        if died is not None and day > died:
            return f"登记的死亡日期是 {died}，此后不享受待遇"
        if cover is None:
            return _uncovered(self.covers, self.waits, terms, day)
        return _no_agreement(self.agreements, day)


def _uncovered(
    covers: Sequence[Enrollment], waits: Mapping[int, LateEntry], terms: Terms, day: date
) -> str:
    year = terms.year.of(day)
    of_year = [one for one in covers if one.year == year]
    later = next((one for one in of_year if day < one.cover_first_day), None)
    if later is not None and later.status == Enrollment.Status.ACTIVE:
        wait = waits.get(later.pk)
        source = f"（{wait.source}）" if wait else ""
        return f"在等待期内，待遇自 {later.cover_first_day} 起{source}"
    if any(one.status == Enrollment.Status.PENDING for one in of_year):
        return f"{year} 年度已登记参保、尚未缴费（{terms.cover.article}）"
    if of_year:
        spans = "、".join(f"{one.cover_first_day} 至 {one.cover_last_day}" for one in of_year)
        return f"待遇期是 {spans}，不含这些天（{terms.cover.article}）"
    return f"没有 {year} 年度的参保缴费记录（{terms.cover.article}）"


def _agreements(code: str) -> list[Agreement]:
    return list(Agreement.objects.filter(institution__code=code).with_steps())


def _no_agreement(agreements: Sequence[Agreement], day: date) -> str:
    """As settling sees it: signed, and on that day neither stopped nor ended."""
    here = [one.state_on(day) for one in agreements if one.first_day <= day <= one.last_day]
    if Agreement.Status.SIGNED in here:
        return ""
    if here:
        return f"机构的定点协议{here[0].label}，期间费用不予支付"
    return "机构在这些天没有定点协议，费用不予支付"


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Neighbours of which the same is so are one."""
    held: Span | None = None
    for span in spans:
        if held and held.terms is span.terms and (held.why, held.cover) == (span.why, span.cover):
            held = replace(held, last=span.last)
            continue
        if held:
            yield held
        held = span
    if held:
        yield held


# -- funds ----------------------------------------------------------------------------------------


def _funds(asked: Asked, row: Row, span: Span) -> Iterator[dict[str, Any]]:
    """A row for each fund that the measures name; of one that pays in several ways, whether any of
    them is open."""
    reasons = dict.fromkeys(_codes(span.terms), span.why)
    if not span.why and span.cover is not None and span.terms is not None:
        try:
            care = care_of(span.terms, row["med_type"], extra_of(asked, row), node="data")
        except Refusal as refusal:  # the county has no such kind of care, or several
            reasons = dict.fromkeys(reasons, refusal.message)
        else:
            reasons = _reasons(row, span.terms, care, span.cover, span.first)
    for code, why in reasons.items():
        yield {
            "psn_no": row["psn_no"],
            "trt_chk_type": OF_FUNDS,
            "fund_pay_type": code,
            "trt_enjymnt_flag": NO if why else YES,
            "begndate": span.first,
            "enddate": span.last,
            "trt_chk_rslt": why,
        }


def _codes(terms: Terms | None) -> list[str]:
    """The national codes of all funds, the base layer's first, each once."""
    if terms is None:
        return [RESIDENT_FUND]
    codes = [terms.base_layer.payer.fund_pay_type]
    codes += [one.fund_pay_type for one in terms.benefits if one.fund_pay_type]
    codes += [one.payer.fund_pay_type for one in terms.layers]
    return list(dict.fromkeys(codes))


def _reasons(row: Row, terms: Terms, care: Care, cover: Enrollment, day: date) -> dict[str, str]:
    """Code of the fund → why it does not pay on the day, "" where it may."""
    subject, known = _subject(row, terms, care, cover, day)
    base = terms.base_layer.payer.fund_pay_type
    found: dict[str, str] = {}
    open_benefits = [one for one in terms.benefits if subject.may_meet(one.condition, known)]
    for benefit in terms.benefits:
        code = benefit.fund_pay_type or base
        if benefit in open_benefits:
            found[code] = ""
        elif found.get(code) != "":
            found[code] = f"{care.name}没有由这项基金支付的待遇（{terms.otherwise.article}）"
    for layer in terms.layers:
        code = layer.payer.fund_pay_type
        if not open_benefits:
            told = f"{terms.otherwise.name}（{terms.otherwise.article}）"
        elif subject.may_meet(layer.condition, known):
            told = ""
        else:
            what = _failing(layer.condition, subject, known)
            told = f"{layer.name}：{what}不符合（{layer.article}）"
        if found.get(code) != "":
            found[code] = told
    return {code: found.get(code, terms.otherwise.name) for code in _codes(terms)}


def _subject(
    row: Row, terms: Terms, care: Care, cover: Enrollment, day: date
) -> tuple[Subject, frozenset[str]]:
    """The person on the day in this care, and which dimensions of it are known."""
    diseases = disease_codes(terms, row.get("dise_codg", ""), row.get("dise_name", ""))
    level = Institution.objects.values_list("level", flat=True).get(code=row["fixmedins_code"])
    visit = EngineVisit(
        key="asked", care=care.code, level=level, starts=day, ends=day, diseases=diseases
    )
    subject = subject_of(member_of(cover, day, terms), visit, terms)
    return subject, KNOWN | {"disease"} if diseases else KNOWN


def _failing(condition: Condition, subject: Subject, known: frozenset[str]) -> str:
    """What of the person or the care stands against it, named as the measures do."""
    names = [
        DIMENSION_NAMES.get(test.dimension, test.dimension)
        for clause in condition.when
        for test in clause
        if test.dimension in known and not subject.may_meet(Condition(((test,),)), known)
    ]
    return "、".join(dict.fromkeys(names)) or "条件"


TRANSACTIONS = {"2001": Transaction(check)}
