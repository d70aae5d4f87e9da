"""Who bore much of a year's costs: found, handed down to townships, answered (应救未救).

Only visits to medical institutions count (剔除诊所、药店、卫生室): what somebody buys at a pharmacy
or a village clinic makes nobody poor at once, and is not what these lists are for.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.assistance.figures import decided, own_pay, rules_of
from claims.assistance.models import AidApplication, AidCase
from claims.assistance.workflow import CASES
from claims.carried.year import own_before
from claims.models import Settlement, SettlementFund
from desk.changes import all_or_nothing
from enrollment.models import Enrollment
from enrollment.people.listed import held_on
from funds.models import Book
from lib.money import to_yuan
from policies.services import terms_of
from policies.terms import AidRules

CLINICS = ("village", "pharmacy")
# Civil affairs: is the family poor in the sense of the measures?
CHECKS = {"case_is_poor": True, "case_is_not_poor": False}
MAX_AT_ONCE = 200  # handed down by one click; a page shows fewer


@all_or_nothing()
def find_cases(*, actor: User, area: Division, year: int, on: date) -> int:
    """Point out everybody of the county whose own pay of the year reaches a threshold and is not
    pointed out yet; the sums of open cases follow what was settled since. Returns how many are new.

    Set-based but for the sums of those who reach the lowest threshold: few of a county's people.
    """
    covers = Enrollment.objects.active().filter(year=year, division__code__startswith=area.code)
    first = covers.select_related("pack").order_by("-pk").first()
    if first is None:
        raise Refusal(f"{area.name} {year} 年度没有参保人")
    rules = rules_of(terms_of(first.pack))
    if not rules.warnings:
        raise Refusal("办法没有写高额自付的预警线")
    sums = _sums(area, year, rules)
    open_cases = {
        case.person_id: case for case in AidCase.objects.filter(policy_year=year, person__in=sums)
    }
    people = covers.filter(person__in=sums).select_related("person", "division")
    listed = _should_have(list(sums), year, rules, on)
    new = 0
    for cover in people.order_by("person"):
        fen = sums[cover.person_id]
        warning = rules.warning(fen)
        assert warning is not None
        columns: dict[str, Any] = {
            "own_amount": to_yuan(fen),
            "level": warning.name,
            "is_listed": cover.person_id in listed,
        }
        case = open_cases.get(cover.person_id)
        if case is None:
            CASES.create(
                "find_aid_case",
                actor=actor,
                person=cover.person,
                division=cover.division,
                policy_year=year,
                found_on=on,
                **columns,
            )
            new += 1
        elif case.status == AidCase.Status.FOUND:
            AidCase.objects.filter(pk=case.pk).update(**columns)
    return new


def _sums(area: Division, year: int, rules: AidRules) -> dict[int, int]:
    """Person → fen of own pay, of those who reach the lowest threshold."""
    rows = decided(Settlement.objects.all()).filter(
        division__code__startswith=area.code, policy_year=year, cash_amount__gt=0
    )
    rows = rows.exclude(visit__level__in=CLINICS)
    # Own pay is never more than cash: who paid less of that is not even read.
    lowest = to_yuan(rules.warnings[0].above)
    sums: dict[int, int] = defaultdict(int, _old(area, year))
    many = rows.order_by().values("visit__person").annotate(cash=Sum("cash_amount"))
    enough = Q(visit__person__in=many.filter(cash__gte=lowest).values("visit__person"))
    rows = rows.filter(enough | Q(visit__person__in=list(sums))).select_related("visit")
    for row, fen in own_pay(rows):
        sums[row.visit.person_id] += fen
    return {person: fen for person, fen in sums.items() if rules.warning(fen) is not None}


def _old(area: Division, year: int) -> dict[int, int]:
    """The same of what the old system settled before the county moved in."""
    clinic = Q(institution__level__in=CLINICS) | Q(institution=None, facts__level__in=CLINICS)
    return own_before(year, ~clinic, division__code__startswith=area.code)


def _should_have(people: Sequence[int], year: int, rules: AidRules, on: date) -> set[int]:
    """Those who hold a status that a kind is for, and got nothing: by a claim's layer or applied
    for."""
    statuses = {code for kind in rules.kinds for rate in kind.rates for code in rate.statuses}
    held = {
        person
        for person, rows in held_on(people, on).items()
        if any(row.code in statuses for row in rows)
    }
    paid = SettlementFund.objects.filter(
        book=Book.FundType.ASSISTANCE,
        settlement__in=Settlement.objects.counted().filter(policy_year=year),
        settlement__visit__person__in=held,
    ).values_list("settlement__visit__person", flat=True)
    asked = AidApplication.objects.filter(
        person__in=held, policy_year=year, status__in=(*AidApplication.STANDING, "applied")
    ).values_list("person", flat=True)
    return held - set(paid) - set(asked)


@all_or_nothing()
def hand_down(*, actor: User, cases: Sequence[AidCase], on: date) -> int:
    """Give cases to their townships, to be answered within the county's days. Raises Refusal."""
    if not cases:
        raise Refusal("请勾选要下放的人员")
    if len(cases) > MAX_AT_ONCE:
        raise Refusal(f"一次最多下放 {MAX_AT_ONCE} 人")
    for case in cases:
        cover = (
            Enrollment.objects.active()
            .filter(person=case.person_id, year=case.policy_year)
            .select_related("pack")
            .first()
        )
        if cover is None:
            raise Refusal(f"{case} 的参保已失效，请核实后办结")
        days = rules_of(terms_of(cover.pack)).task_days
        CASES.move(case.pk, "hand_down_case", actor=actor, due_on=on + timedelta(days=days))
    return len(cases)


@all_or_nothing()
def answer(*, actor: User, case: AidCase, event: str, reason: str) -> AidCase:
    """The township told the person, or says why nobody applies; the county closes what it looked
    into; civil affairs says what it found out about the family. Raises Refusal."""
    if event not in CHECKS:
        return CASES.move(case.pk, event, actor=actor, reason=reason)
    row = CASES.lock(case.pk)
    reason = CASES.check(row, event, actor, reason)
    # What the township or the county answered stays beside it.
    return CASES.take(
        row, event, actor=actor, reason=reason, is_poor=CHECKS[event], finding=reason,
        answer=row.answer,
    )  # fmt: skip
