"""What everybody is due at the year's end, read from decided claims; a list of it as rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import transaction

from accounts.errors import Refusal
from claims.assistance.figures import decided, own_pay
from claims.assistance.models import KEY as AID_KEY
from claims.assistance.models import AidApplication
from claims.carried.year import own_before
from claims.models import Settlement
from claims.paying.against import against_resting
from claims.paying.payees import household_payee
from claims.recovery.models import left_of
from claims.second.models import KEY, SecondPayment, SecondRun
from claims.second.rules import due_of, scaled
from desk.jobs import Tell
from enrollment.models import Enrollment
from lib.money import to_fen, to_yuan
from policies.models import Pack
from policies.services import Measures, terms_of
from policies.terms import SecondRule

AT_ONCE = 1_000  # rows written at a time
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Due:
    """Fen of one person: borne in the year, due of it and not given yet, to be paid."""

    own: int
    due: int
    amount: int


def measures_of(area_code: str, year: int) -> Measures:
    """Those in force on the last day of the year. Raises Refusal when they know no second
    compensation."""
    found = Measures.on(area_code=area_code, day=date(year, 12, 31))
    if found.terms.second is None:
        raise Refusal(f"{found.terms.title}没有写年终二次补偿，不能试算", "year")
    return found


def rule_of(pack: Pack) -> SecondRule:
    rule = terms_of(pack).second
    assert rule is not None
    return rule


def own_of(
    rule: SecondRule, year: int, people: Any, *, area: str = "", before: datetime | None = None
) -> dict[int, int]:
    """Person → fen of own pay in the year, of what the old system settled too, less what assistance
    gave for it. `people`: keys or a subquery; `area`: a code. Five statements.

    `before`: of assistance only what was reviewed before a list was agreed to. What came after it
    has counted the list as given by others (claims/assistance/figures.py), and not the reverse.
    """
    here = {"division__code__startswith": area}
    rows = decided(Settlement.objects.filter(visit__person__in=people, **here)).filter(
        policy_year=year, visit__care__in=rule.care, cash_amount__gt=0
    )
    old = own_before(year, person__in=people, care__in=rule.care, **here)
    found: dict[int, int] = defaultdict(int, old)
    for row, fen in own_pay(rows.select_related("visit").order_by("pk")):
        found[row.visit.person_id] += fen
    aids = AidApplication.objects.standing().filter(
        policy_year=year, care__overlap=list(rule.care), person__in=found
    )
    if before is not None:
        aids = aids.filter(reviewed_at__lt=before)
    for person, left in aids.annotate(left=left_of(AID_KEY)).values_list("person", "left"):
        found[person] -= to_fen(left)
    return {person: fen for person, fen in found.items() if fen > 0}


def given_of(year: int, people: Collection[int]) -> dict[int, int]:
    """Person → fen that lists of the year have given already, as they were due; with those of a
    list that was agreed to and is not asked for yet, less what is asked back."""
    rows = SecondPayment.objects.given().filter(run__year=year, person__in=people)
    found: dict[int, int] = defaultdict(int)
    for row in rows.annotate(left=left_of(KEY)):
        found[row.person_id] += _still(row)
    return found


def _still(row: SecondPayment) -> int:
    """Fen of what was due that are not asked back: paid, and due, is the share of the list. `left`
    is annotated."""
    left: Decimal = row.left  # type: ignore[attr-defined]
    return to_fen(row.due_amount) * to_fen(left) // to_fen(row.amount)


def dues(run: SecondRun) -> dict[int, Due]:
    """Everybody's of the run's area and year, as claims stand now. Whose cover was taken back has
    borne nothing as an insured person."""
    rule = rule_of(run.pack)
    covered = Enrollment.objects.active().filter(year=run.year).order_by().values("person")
    own = own_of(rule, run.year, covered, area=run.area.code)
    given = given_of(run.year, own)
    rest = {one: due_of(rule, fen) - given.get(one, 0) for one, fen in own.items()}
    rest = {one: fen for one, fen in sorted(rest.items()) if fen > 0}
    budget, total = None if run.budget is None else to_fen(run.budget), sum(rest.values())
    found = {one: Due(own[one], fen, scaled(fen, budget, total)) for one, fen in rest.items()}
    return {one: due for one, due in found.items() if due.amount}


def write_list(run: SecondRun, tell: Tell) -> Mapping[str, Any]:
    """The rows of the run; what a worker that died has left of it goes first."""
    tell(10, "读取结算单")
    found = dues(run)
    if not found:
        raise Refusal(f"{run.year} 年度没有自付超过补偿起点的参保人，或者都已补偿")
    covers = Enrollment.objects.active().filter(year=run.year, person__in=found)
    rows = []
    for at, cover in enumerate(covers.select_related("person__household").order_by("division")):
        rows.append(_row(run, cover, found[cover.person_id]))
        if at % AT_ONCE == 0:
            tell(20 + 70 * at // len(found), "查找收款账户")
    with transaction.atomic():
        run.payments.all().delete()
        SecondPayment.objects.bulk_create(rows, batch_size=AT_ONCE)
    return {
        "number_of": len(rows),
        "due_amount": sum((row.due_amount for row in rows), ZERO),
        "amount": sum((row.amount for row in rows), ZERO),
    }


def _row(run: SecondRun, cover: Enrollment, due: Due) -> SecondPayment:
    payee = household_payee(cover.person, date(run.year, 12, 31))
    return SecondPayment(
        run=run,
        person=cover.person,
        cover=cover,
        division_id=cover.division_id,
        own_amount=to_yuan(due.own),
        due_amount=to_yuan(due.due),
        amount=to_yuan(due.amount),
        payee=payee["payee_name"],
        account=payee["payee_account"],
        account_index=payee["payee_account_index"],
    )


def due_now(rows: Collection[SecondPayment]) -> dict[int, int]:
    """Payment → fen that would be paid of it as claims stand now, in the share of its list. What
    was given last is the first that is not due any more."""
    found: dict[int, int] = {}
    for year in {row.run.year for row in rows}:
        people = {row.person_id for row in rows if row.run.year == year}
        found |= _due_of_year(year, people)
    return {row.pk: found.get(row.pk, 0) for row in rows}


def claim_problems(rows: Collection[SecondPayment]) -> dict[int, str]:
    """Payment → what stands against paying a claim that it rests on: any of the year that counts
    toward its own pay. The others are left out."""
    found: dict[int, str] = {}
    for year in {row.run.year for row in rows}:
        mine = [row for row in rows if row.run.year == year]
        care = {one for row in mine for one in rule_of(row.run.pack).care}
        claims = decided(Settlement.objects.all()).filter(
            policy_year=year,
            visit__person__in={row.person_id for row in mine},
            visit__care__in=care,
            cash_amount__gt=0,
        )
        against = against_resting(claims)
        people = claims.filter(pk__in=against).values_list("visit__person", "pk")
        words = {person: against[pk] for person, pk in people.order_by("-pk")}
        found |= {
            row.pk: f"{words[row.person_id]}，办结以后才能支付"
            for row in mine
            if row.person_id in words
        }
    return found


def _due_of_year(year: int, people: Collection[int]) -> dict[int, int]:
    """Of all that stands of the year's lists, list after list."""
    standing = SecondPayment.objects.standing().filter(run__year=year, person__in=people)
    standing = standing.annotate(left=left_of(KEY)).select_related(
        "run__pack", "run__grant__orders"
    )
    found: dict[int, int] = {}
    gone: dict[int, int] = defaultdict(int)
    lists = groupby(standing.order_by("run__grant__orders", "pk"), attrgetter("run"))
    for run, payments in lists:
        rule = rule_of(run.pack)
        agreed_at = run.grant.orders.requested_at
        own = own_of(rule, year, people, before=agreed_at)
        for row in payments:
            rest = due_of(rule, own.get(row.person_id, 0)) - gone[row.person_id]
            due = max(0, min(_still(row), rest))
            gone[row.person_id] += due
            found[row.pk] = due * to_fen(row.amount) // to_fen(row.due_amount)
    return found
