"""The facts of many claims as columns: one NumPy array per fact, one position per claim.

Categories are stored as positions in the pack's vocabulary, flags as bits of an int64, money
as int64 fen.  ``Cases.from_cases`` encodes and checks ``Case`` values; a caller that has a
year of claims in columns already may fill ``Cases`` directly with the same encoding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.cases import Bill, Case, Member, Visit
from lib.json_lines import FieldError
from lib.periods import age_on
from policies.terms import (
    CATEGORIES,
    DIMENSION_NAMES,
    FLAGS,
    Subject,
    Terms,
    dimensions_of,
)
from policies.terms.pack import HOSPITAL_KEY

Fen = NDArray[np.int64]
Mask = NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
MAX_BILL = 10**11  # fen; far above any bill, far below what a product with a ratio may reach


CaseError = FieldError  # a case that cannot be settled as given


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """``n`` claims in the order in which they are to be settled.

    ``person`` and ``household`` number the owners 0, 1, 2 …; their names stand in ``persons``
    and ``households``, as those of ``hospital`` (which only packs that count by hospital ask) in
    ``hospitals``.  ``counted_on`` is the day by which a visit belongs to a year, a month, a week.
     ``money`` arrays have one row per bill class, in the pack's order;
    the optional ones are ``None`` when nothing of the kind occurs.
    """

    keys: Sequence[str]
    person: Fen
    household: Fen
    persons: Sequence[str]
    households: Sequence[str]
    counted_on: NDArray[np.int64]  # days since 1970-01-01
    in_cover: Mask
    categories: dict[str, NDArray[np.int64]]
    flags: dict[str, NDArray[np.int64]]
    numbers: dict[str, NDArray[np.int64]]
    prior_deductible: Fen
    amounts: Fen
    over_limit: Fen | None = None
    own_amount: Fen | None = None
    own_self_pay: Fen | None = None
    observed: Fen | None = None
    hospital: Fen | None = None
    hospitals: Sequence[str] = ()
    answerable: Mask | None = None
    cut_institution: Fen | None = None
    cut_patient: Fen | None = None
    # Position of the level by which the deductible is borne; None where it is everyone's own.
    deductible_level: Fen | None = None

    @property
    def allowed(self) -> Fen:
        """What counts of each bill for any payment: its classes, without what a reviewer cut."""
        allowed: Fen = self.amounts.sum(axis=0)
        return allowed

    @property
    def total(self) -> Fen:
        """What each bill comes to: what is allowed and what a reviewer cut."""
        return self.with_cuts(self.allowed)

    def with_cuts(self, allowed: Fen) -> Fen:
        """`total` where ``allowed`` is known: to sum the classes takes a pass for each."""
        for cut in (self.cut_institution, self.cut_patient):
            allowed = allowed if cut is None else allowed + cut
        return allowed

    def __len__(self) -> int:
        return len(self.person)

    @classmethod
    def from_cases(cls, cases: Sequence[Case], terms: Terms) -> Cases:
        """Encode ``cases``.  Raises ``CaseError`` naming the first thing that is wrong."""
        if not cases:
            raise CaseError("cases", "没有要结算的费用")
        for case in cases:
            check_case(case, terms)
        members, visits = [c.member for c in cases], [c.visit for c in cases]
        person, persons = _number([m.person for m in members])
        household, households = _number([m.household for m in members])
        hospital, hospitals = _number([v.hospital for v in visits])
        ages = [
            max(0, age_on(m.birth_date, v.starts)) for m, v in zip(members, visits, strict=True)
        ]
        return cls(
            keys=[v.key for v in visits],
            person=person,
            household=household,
            persons=persons,
            households=households,
            counted_on=_ints((day_of(v, terms) - EPOCH).days for v in visits),
            hospital=hospital,
            hospitals=hospitals,
            answerable=np.array([v.answerable for v in visits]),
            in_cover=np.array([_in_cover(case, terms) for case in cases]),
            categories=_categories(cases, ages, terms),
            flags=_flags(cases, terms),
            numbers={
                "age": _ints(ages),
                "years": _ints(m.consecutive_years for m in members),
                "claim_free": _ints(m.claim_free_years for m in members),
                "days": _ints(v.days for v in visits),
                "babies": _ints(v.babies for v in visits),
            },
            prior_deductible=_ints(v.prior_deductible for v in visits),
            deductible_level=_deductible_levels(visits, terms),
            **_money([c.bill for c in cases], terms),
        )


def _ints(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, dtype=np.int64)


def _number(names: Sequence[str]) -> tuple[Fen, list[str]]:
    order: dict[str, int] = {}
    numbers = [order.setdefault(name, len(order)) for name in names]
    return np.array(numbers, dtype=np.int64), list(order)


def day_of(visit: Visit, terms: Terms) -> date:
    """The day by which the visit belongs to a year, to measures and to a cover."""
    return terms.year.day(visit.starts, visit.ends)


def _in_cover(case: Case, terms: Terms) -> bool:
    member, day = case.member, day_of(case.visit, terms)
    after = member.cover_from is None or day >= member.cover_from
    return after and (member.cover_to is None or day <= member.cover_to)


def _category_values(case: Case) -> dict[str, str]:
    member, visit = case.member, case.visit
    return {
        "care": visit.care,
        "level": visit.level,
        "place": visit.place,
        "referral": visit.referral,
        "tier": member.tier,
        "residence": member.residence,
        "sex": member.sex,
    }


def _flag_values(case: Case) -> dict[str, frozenset[str]]:
    visit = case.visit
    return {
        "status": case.member.statuses,
        "disease": visit.diseases,
        "procedure": visit.procedures,
        "fact": visit.facts,
        "reason": visit.reasons,
    }


def _categories(
    cases: Sequence[Case], ages: Sequence[int], terms: Terms
) -> dict[str, NDArray[np.int64]]:
    encoded = {}
    values = [_category_values(case) for case in cases]
    for case_values, age in zip(values, ages, strict=True):
        case_values["age_group"] = terms.age_group(age)
    for dimension in CATEGORIES:
        positions = {code: at for at, code in enumerate(terms.vocabulary.get(dimension, {}))}
        encoded[dimension] = _ints(positions.get(each[dimension], -1) for each in values)
    return encoded


def _deductible_levels(visits: Sequence[Visit], terms: Terms) -> NDArray[np.int64] | None:
    if not any(visit.deductible_level for visit in visits):
        return None
    positions = {code: at for at, code in enumerate(terms.vocabulary.get("level", {}))}
    return _ints(positions.get(visit.deductible_level or visit.level, -1) for visit in visits)


def _flags(cases: Sequence[Case], terms: Terms) -> dict[str, NDArray[np.int64]]:
    values = [_flag_values(case) for case in cases]
    encoded = {}
    for dimension in FLAGS:
        bits = flag_bits(terms, dimension)
        encoded[dimension] = _ints(sum(bits[code] for code in each[dimension]) for each in values)
    return encoded


def flag_bits(terms: Terms, dimension: str) -> dict[str, int]:
    """The bit of every code of a flag dimension."""
    return {code: 1 << at for at, code in enumerate(terms.vocabulary.get(dimension, {}))}


def _money(bills: Sequence[Bill], terms: Terms) -> dict[str, Any]:
    codes = list(terms.bill.classes)
    amounts = np.array(
        [[bill.amounts.get(code, 0) for bill in bills] for code in codes], dtype=np.int64
    )
    optional: dict[str, Any] = {"amounts": amounts}
    for name in ("over_limit", "own_amount", "own_self_pay"):
        if any(getattr(bill, name) for bill in bills):
            rows = [[getattr(bill, name).get(code, 0) for bill in bills] for code in codes]
            optional[name] = np.array(rows, dtype=np.int64)
    for name in ("observed", "cut_institution", "cut_patient"):
        if any(getattr(bill, name) for bill in bills):
            optional[name] = _ints(getattr(bill, name) for bill in bills)
    return optional


# -- checking one case -------------------------------------------------------------------------


def check_case(case: Case, terms: Terms) -> None:
    """Raises ``CaseError`` naming the first thing that is wrong."""
    visit = case.visit
    if visit.ends < visit.starts:
        raise CaseError("ends", f"出院日期 {visit.ends} 早于入院日期 {visit.starts}，请更正")
    day = day_of(visit, terms)
    if not terms.covers(day):
        raise CaseError(
            "starts",
            f"{day} 不在《{terms.title}》有效期 {terms.valid_from} 至 "
            f"{terms.valid_to} 内，请选用当日有效的办法",
        )
    if case.member.birth_date > visit.ends:
        raise CaseError("birth_date", "出生日期晚于出院日期，请更正")
    _check_codes(case, terms)
    if visit.hospital and not re.fullmatch(HOSPITAL_KEY, visit.hospital):
        raise CaseError("hospital", "医院代码用字母、数字、点、横线，不超过 24 位")
    _check_bill(case.bill, terms)
    if visit.prior_deductible < 0 or visit.babies < 0:
        raise CaseError("prior_deductible", "转诊前已付起付额和婴儿数不能为负数")


def _check_codes(case: Case, terms: Terms) -> None:
    needed = needed_dimensions(terms)
    for dimension, value in _category_values(case).items():
        name = DIMENSION_NAMES[dimension]
        known = terms.vocabulary.get(dimension, {})
        if value and known and value not in known:
            raise CaseError(dimension, f"{name}“{value}”不在办法中，可用：{_listed(known)}")
        if not value and dimension in needed:
            raise CaseError(dimension, f"没有填写{name}，办法按{name}规定待遇，请补填")
    level, levels = case.visit.deductible_level, terms.vocabulary.get("level", {})
    if level and level not in levels:
        raise CaseError("level", f"起付线级别“{level}”不在办法中，可用：{_listed(levels)}")
    for dimension, values in _flag_values(case).items():
        known = terms.vocabulary.get(dimension, {})
        for code in sorted(values - set(known)):
            name = DIMENSION_NAMES[dimension]
            raise CaseError(dimension, f"{name}“{code}”不在办法中，可用：{_listed(known)}")


def _check_bill(bill: Bill, terms: Terms) -> None:
    for amounts in (bill.amounts, bill.over_limit, bill.own_amount, bill.own_self_pay):
        for code, amount in amounts.items():
            if code not in terms.bill.classes:
                known = _listed(terms.bill.classes)
                raise CaseError("bill", f"费用类别“{code}”不在办法中，可用：{known}")
            if amount < 0 or amount > MAX_BILL:
                raise CaseError("bill", f"费用类别“{code}”的金额不合理，应为零到十亿元")
    if not all(0 <= cut <= MAX_BILL for cut in (bill.cut_institution, bill.cut_patient)):
        raise CaseError("bill", "审核核减的金额不合理，应为零到十亿元")
    for code in bill.amounts.keys() | bill.over_limit.keys() | bill.own_amount.keys():
        over, own = bill.over_limit.get(code, 0), bill.own_amount.get(code, 0)
        self_pay = bill.own_self_pay.get(code, 0)
        if terms.bill.classes[code].billed and over + own < bill.amounts.get(code, 0):
            name = terms.bill.classes[code].name
            raise CaseError("bill", f"{name}按票据所列先自付，请填写先自付金额")
        if over + own > bill.amounts.get(code, 0) or self_pay > own:
            raise CaseError("bill", f"费用类别“{code}”的超限价或先自付部分大于该类费用，请更正")


def _listed(codes: Collection[str]) -> str:
    return "、".join(codes) or "（无）"


def subject_of(member: Member, visit: Visit, terms: Terms) -> Subject:
    """The dimensions of one visit, for looking up single rows."""
    age = max(0, age_on(member.birth_date, visit.starts))
    case = Case(member=member, visit=visit, bill=Bill(amounts={}))
    return Subject(
        categories=_category_values(case) | {"age_group": terms.age_group(age)},
        flags=_flag_values(case),
        numbers={
            "age": age,
            "years": member.consecutive_years,
            "claim_free": member.claim_free_years,
            "days": visit.days,
            "babies": visit.babies,
        },
    )


@lru_cache(maxsize=64)
def asked_dimensions(terms: Terms) -> frozenset[str]:
    """What some rule about claims reads of a case: dimensions, and ``prior_deductible``."""
    rules = (terms.bill, terms.refusals, terms.benefits, terms.layers, terms.wallets)
    counted = {counter.by for counter in terms.counters.values() if counter.by}
    return frozenset(dimensions_of(rules) | counted)


@lru_cache(maxsize=64)
def needed_dimensions(terms: Terms) -> frozenset[str]:
    """The dimensions that a case must state, because some rule speaks of them."""
    return asked_dimensions(terms) & (frozenset(CATEGORIES + FLAGS) - {"age_group"})
