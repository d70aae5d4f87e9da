"""From rows to the engine and back: the case, the usage to date, and the decision's columns.

Nothing here decides anything: the measures do (claims/adjudication), on the visit's own date,
which is the day of admission.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BigIntegerField, Q, QuerySet, Sum
from django.db.models.functions import Cast

from accounts.errors import Refusal
from claims.adjudication import (
    BillItem,
    Case,
    CaseError,
    Decision,
    Member,
    asked_dimensions,
    bill_from_lines,
    check_case,
    line_parts,
    settle,
    subject_of,
)
from claims.adjudication import Visit as EngineVisit
from claims.adjudication.wire import write_case
from claims.assistance.models import KEY, AidApplication
from claims.carried.models import CarriedAmount
from claims.carried.year import paid_before
from claims.dependence.models import SupplementPart
from claims.models import (
    BillLine,
    Settlement,
    SettlementFund,
    SettlementStep,
    UsageEntry,
    Visit,
)
from claims.recovery.models import Recovery, left_of
from desk.kept import Kept, among, given
from enrollment.cover.covering import cover_histories
from enrollment.models import AccountOpening, Enrollment, Household, Person
from enrollment.people.register import statuses_on
from lib.money import half_up, to_fen, to_yuan, told
from policies.services import Measures
from policies.terms import Terms
from policies.terms.pack import HOSPITAL

SEX = {Person.Sex.MALE: "male", Person.Sex.FEMALE: "female"}
# Begins the code of what a balance paid, beside the codes of layers (claims/shares.py).
BALANCE = "@"
# The step that tells one line's cut, as its reviewer gave it.
CUT = "review_cut"
# What the engine calls by another name than the entry does.
ENTRY_FIELDS = {
    "disease": "diseases",
    "procedure": "procedures",
    "fact": "facts",
    "reason": "reasons",
    "bill": "lines",
    "birth_date": "person",
}


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where a settlement stands in the order in which claims are settled: when its visit was first
    submitted. A cut and a settlement computed anew keep the place of the one that they replace."""

    at: datetime
    visit: int

    @classmethod
    def of(cls, settlement: Settlement) -> Self:
        at = settlement.submitted_at
        if at is None:
            raise ValueError(f"{settlement.number} is a draft and has no place")
        return cls(at, settlement.visit_id)

    def earlier(self, path: str = "") -> Q:
        """Rows of what was settled before; `path` leads to the settlement."""
        at = f"{path}submitted_at"
        return Q(**{f"{at}__lt": self.at}) | Q(**{at: self.at, f"{path}visit__lt": self.visit})

    def later(self, path: str = "") -> Q:
        """Rows of what was settled afterwards."""
        at = f"{path}submitted_at"
        return Q(**{f"{at}__gt": self.at}) | Q(**{at: self.at, f"{path}visit__gt": self.visit})


def usage_to_date(
    enrollment: Enrollment, terms: Terms, before: Place | None = None
) -> dict[str, int]:
    """Counter → fen, days or count, for the person and the household. Read it under lock_cover.

    `before`: only what was settled before that place.

    Counters of the year count this policy year's rows; those of a lifetime, a quarter, a month or a
    day all rows, for the key says which period it is. Balances are what was granted less what was
    used: two statements in all.
    """
    person, root = enrollment.person_id, enrollment.household.account_root
    rows = USED(person=person, root=root) if before is None else _used(person, root, before)
    return usage_from(enrollment, terms, rows, lambda: GRANTED(root=root))


def usage_from(
    enrollment: Enrollment,
    terms: Terms,
    rows: Iterable[tuple[str, int, int]],
    grants: Callable[[], Iterable[tuple[int, Decimal]]],
) -> dict[str, int]:
    """The same from sums that are at hand: counter, year and what was used of it; year and yuan
    granted to the household's account."""
    year = enrollment.year
    by_year: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for counter, policy_year, total in rows:
        by_year[counter][policy_year] += int(total)
    used: dict[str, int] = {}
    for counter, years in by_year.items():
        spec = terms.counters.get(counter.partition("@")[0])
        if spec is not None and spec.kind == "used":
            used[counter] = years[year] if spec.period == "year" else sum(years.values())
    if "household_account" in terms.counters:
        years = _account_years(grants(), by_year["household_account"])
        used["household_account"] = _account_balance(years, year)
    if "credit" in terms.counters:
        used["credit"] = to_fen(enrollment.credit_amount) + by_year["credit"][year]
    return used


def _together(root: int) -> QuerySet[Any, Any]:
    return Household.objects.of_account(root).order_by().values("pk")


def _used(person: int, root: int, before: Place | None = None) -> QuerySet[Any, Any]:
    """Counter, year and what was used of it, in several rows for one counter."""
    # As an array, which is asked for once: an index finds either half of the question.
    of_household = among("household_id", ArraySubquery(_together(root)))
    counted = UsageEntry.objects.filter(Q(person=person) | of_household)
    if before is not None:
        counted = counted.filter(before.earlier("settlement__"))
    rows = counted.order_by().values_list("counter", "policy_year").annotate(total=Sum("amount"))
    moved_in = carried().filter(Q(person=person) | of_household).order_by()
    brought = moved_in.values_list("counter", "policy_year").annotate(total=Sum("amount"))
    return rows.union(_aid_used(person, before), brought, all=True)


def carried() -> QuerySet[CarriedAmount]:
    """What was used before the county moved in: before all that is settled here."""
    return CarriedAmount.objects.filter(usage__is_live=True)


def _aid_used(person: int, before: Place | None) -> QuerySet[Any, Any]:
    """Counter, year and fen that applications for assistance used of caps which they share, less
    what is asked back of them."""
    aids = AidApplication.objects.standing().filter(person=person)
    if before is not None:
        aids = aids.filter(reviewed_at__lt=before.at)
    rows = aids.exclude(counter="").order_by().values_list("counter", "policy_year")
    return rows.annotate(total=aid_fen())


def aid_fen() -> Cast:
    """Fen of applications for assistance, less what is asked back of them."""
    return Cast(Sum(left_of(KEY)) * 100, BigIntegerField())


def paid_in_year(claim: Settlement) -> Decimal:
    """What the fund paid the person in the claim's year up to it (yuan), less what came back; with
    what it paid in the old system, before the county moved in."""
    upto = Q(pk=claim.pk)
    if claim.submitted_at is not None:
        upto |= Place.of(claim).earlier()
    person, year = claim.visit.person_id, claim.policy_year
    return paid_to_person(person, year, upto) + paid_before(person, year)


def paid_to_person(person: int, year: int, *which: Q) -> Decimal:
    """What the fund paid the person in a year (yuan), whatever counts toward a ceiling, less what
    came back; what balances held for the patient paid is the patient's own."""
    rows = Settlement.objects.effective().filter(*which, visit__person=person, policy_year=year)
    paid: Decimal = rows.aggregate(total=Sum("fund_amount", default=Decimal(0)))["total"]
    more = SupplementPart.objects.filter(supplement__settlement__in=rows, supplement__status="paid")
    paid += more.exclude(layer__startswith=BALANCE).aggregate(
        total=Sum("amount", default=Decimal(0))
    )["total"]
    debts: Any = Recovery.objects.filter(settlement__in=rows, payment_key="").with_received()
    for debt in debts.filter(back__gt=0).prefetch_related("parts"):
        of_fund = [part.amount for part in debt.parts.all() if part.layer[0] != BALANCE]
        paid -= min(debt.back, sum(of_fund, Decimal(0)))  # balances stand last among the parts
    return paid


def account_years(households: Collection[int], uses: Mapping[int, int]) -> dict[int, int]:
    """Year → fen granted in it to the households' common account less what was used."""
    return _account_years(_granted(households), uses)


def _granted(households: Collection[int] | QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Year and yuan, in several rows for one year: by covers, and by what was carried in."""
    covers = Enrollment.objects.active().filter(household__in=households).order_by()
    granted = covers.values_list("year").annotate(total=Sum("account_amount"))
    opened = AccountOpening.objects.filter(household__in=households).order_by()
    return granted.union(opened.values_list("year").annotate(total=Sum("amount")), all=True)


USED = Kept(lambda: _used(given("person"), given("root")))
GRANTED = Kept(lambda: _granted(_together(given("root"))))


def _account_years(
    grants: Iterable[tuple[int, Decimal]], uses: Mapping[int, int]
) -> dict[int, int]:
    years: dict[int, int] = defaultdict(int)
    for year, total in grants:
        years[year] += to_fen(total)
    for year, amount in uses.items():
        years[year] += amount
    return dict(years)


def _account_balance(years: Mapping[int, int], year: int) -> int:
    """Fen that the household's account can pay for a visit of `year`.

    Unused grants carry over (第二十六条(四)), so what later years already used of earlier grants is
    gone: the balance is the least that remains at the end of this or any later year.
    """
    remaining, least = 0, None
    for each in sorted({*years, year}):
        remaining += years.get(each, 0)
        if each >= year:
            least = remaining if least is None else min(least, remaining)
    return max(0, least or 0)


def member_of(enrollment: Enrollment, day: date, terms: Terms) -> Member:
    """The insured person as the engine knows them, with the statuses of the day (one statement;
    another for the years without a payment where the measures ask for them)."""
    person = enrollment.person_id
    free = 0
    if "claim_free" in asked_dimensions(terms):
        free = cover_histories([person], enrollment.year)[person].claim_free
    return member_with(enrollment, statuses_on([person], day)[person], free)


def member_with(enrollment: Enrollment, statuses: frozenset[str], claim_free: int) -> Member:
    """The same with what is at hand."""
    person = enrollment.person
    return Member(
        person=str(person.pk),
        household=str(enrollment.household_id),
        birth_date=person.birth_date,
        sex=SEX[Person.Sex(person.sex)],
        tier=enrollment.tier,
        residence=person.residence,
        statuses=statuses,
        consecutive_years=enrollment.consecutive_years,
        claim_free_years=claim_free,
        cover_from=enrollment.cover_first_day,
        cover_to=enrollment.cover_last_day,
    )


# From a stay back along the referrals that led to it: 乡 → 县 → 市.
CHAIN = """
WITH RECURSIVE chain (stay, visit) AS (
    SELECT id, id FROM claims_visit WHERE id = ANY(%s)
    UNION ALL
    SELECT chain.stay, v.referred_from_id FROM chain JOIN claims_visit v ON v.id = chain.visit
    WHERE v.referred_from_id IS NOT NULL
)
SELECT chain.stay, (sum(coalesce((
    SELECT d.deductible_amount FROM claims_dependent d
    WHERE d.settlement_id = s.id ORDER BY d.id DESC LIMIT 1
), s.deductible_amount)) * 100)::bigint
FROM chain JOIN claims_settlement s ON s.visit_id = chain.visit
WHERE s.status <> ALL(%s) AND s.id NOT IN (
    SELECT r.settlement_id FROM claims_recovery r WHERE r.status = 'received' AND r.is_whole
) GROUP BY chain.stay
"""


def prior_deductibles(stays: Collection[int]) -> dict[int, int]:
    """Visit id of a stay → fen of deductible borne in it and in the stays it was referred from.

    One statement. Only settlements that stand count, with what was due where they were computed
    anew after payment; a stay without one, or whose money all came back, is not in the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, [list(stays), list(Settlement.NOT_COUNTED)])
        return dict(cursor.fetchall())


def hospital_key(visit: Visit) -> str:
    """What tells hospitals apart: the institution's code, else the name on the paper bill, which is
    kept tidied (claims/services/paper.py)."""
    if visit.institution is not None:
        return visit.institution.code
    return "n-" + hashlib.sha256(visit.institution_name.encode()).hexdigest()[:16]


def engine_visit(visit: Visit, terms: Terms, prior: int | None = None) -> EngineVisit:
    """The visit as the engine knows it under these measures. `prior`: fen of the deductible that
    was borne before the referral; asked for (one statement) where it is not given."""
    assert visit.ends is not None  # whoever settles knows up to which day
    if prior is None and visit.referred_from_id is not None:
        prior = prior_deductibles([visit.referred_from_id]).get(visit.referred_from_id, 0)
    return EngineVisit(
        key=str(visit.pk or "new"),
        level=visit.level,
        place=visit.place,
        starts=visit.starts,
        ends=visit.ends,
        **visit.marks,
        prior_deductible=prior or 0,
        hospital=hospital_key(visit) if HOSPITAL in asked_dimensions(terms) else "",
        answerable=answerable(visit),
        deductible_level=visit.deductible_level,
    )


def compute(
    *,
    enrollment: Enrollment,
    visit: Visit,
    lines: Sequence[BillLine],
    measures: Measures,
    used: Mapping[str, int],
) -> Decision:
    """What the measures say about this visit and bill. Raises Refusal in the engine's words."""
    member = member_of(enrollment, visit.starts, measures.terms)
    return decide(member, visit, lines, measures.terms, used)


def decide(
    member: Member,
    visit: Visit,
    lines: Sequence[BillLine],
    terms: Terms,
    used: Mapping[str, int],
) -> Decision:
    """The same of a member that is known."""
    with _in_words():
        case, items = case_of(member, visit, lines, terms)
        decision = settle(case, terms, used)
        return replace(decision, written=(write_case(case, items, used, terms),))


@contextmanager
def _in_words() -> Iterator[None]:
    """What the engine cannot settle as it was given, as a Refusal at the input of the page."""
    try:
        yield
    except CaseError as error:
        raise Refusal(str(error), ENTRY_FIELDS.get(error.field, error.field)) from error


def case_of(
    member: Member, visit: Visit, lines: Sequence[BillLine], terms: Terms
) -> tuple[Case, list[BillItem]]:
    """The claim as the engine knows it, and the lines that its bill was made of."""
    stay = engine_visit(visit, terms)
    items = list(_items(lines))
    bill = bill_from_lines(items, terms, subject_of(member, stay, terms))
    bill = replace(
        bill,
        cut_institution=_cut_fen(lines, BillLine.Bearer.INSTITUTION),
        cut_patient=_cut_fen(lines, BillLine.Bearer.PATIENT),
    )
    return Case(member=member, visit=stay, bill=bill), items


def checked_case(
    member: Member, visit: Visit, lines: Sequence[BillLine], terms: Terms
) -> tuple[Case, list[BillItem]]:
    """The same of a claim that goes into a batch. Raises Refusal in the engine's words."""
    with _in_words():
        case, items = case_of(member, visit, lines, terms)
        check_case(case, terms)
        return case, items


def _items(lines: Iterable[BillLine]) -> Iterable[BillItem]:
    """The lines as approved.

    Unit price and quantity are those of the bill. The price is rounded up to the fen, because rules
    compare it with whole fen ("above", "up to"), which only the ceiling keeps exact.
    """
    for line in lines:
        approved = to_fen(line.approved_amount)
        if approved:
            limit = None if line.limit_amount is None else to_fen(line.limit_amount)
            yield BillItem(
                bill_class=line.bill_class,
                amount=approved,
                limit=limit,
                unit_price=int((line.unit_price * 100).to_integral_value(ROUND_CEILING)),
                units=int(line.quantity * 10_000),
                origin=line.origin,
                self_pay=_shown_self_pay(line),
            )


def lines_shown(settlement: Settlement, lines: Sequence[BillLine], terms: Terms) -> None:
    """Put beside each line what counts of it: above its limit, paid first, in the scope (yuan)."""
    visit = settlement.visit
    put_parts(visit, lines, terms, member_of(visit.enrollment, visit.starts, terms))


def put_parts(visit: Visit, lines: Sequence[BillLine], terms: Terms, member: Member) -> None:
    """The same of who is known already: no statement."""
    subject = subject_of(member, engine_visit(visit, terms, prior=0), terms)
    for line, item in zip(
        [one for one in lines if one.approved_amount], _items(lines), strict=True
    ):
        shown: Any = line
        try:
            parts = line_parts(item, terms, subject)
        except CaseError:  # older measures asked less of a line
            continue
        shown.over, shown.first, shown.counts = (to_yuan(part) for part in parts)


def _cut_fen(lines: Iterable[BillLine], bearer: BillLine.Bearer) -> int:
    """What the reviewer took off and `bearer` bears."""
    return sum(to_fen(line.cut_amount) for line in lines if line.cut_bearer == bearer)


def _shown_self_pay(line: BillLine) -> int | None:
    """Fen that the bill shows as paid first; of a line that was cut, the share of what is left."""
    if line.self_pay_amount is None:
        return None
    shown, approved = to_fen(line.self_pay_amount), to_fen(line.approved_amount)
    return half_up(shown * approved, to_fen(line.amount))


def answerable(visit: Visit) -> bool:
    """Whether the institution had an agreement with the county on that day: only then is there
    somebody who bears what the rules do not allow (第三十条)."""
    if visit.source == Visit.Source.COUNTER:
        return True
    return visit.institution_id is not None and "non_contracted" not in visit.facts


def amounts_of(decision: Decision) -> dict[str, Any]:
    """The decision as columns of Settlement, in yuan."""
    refusal = decision.refusal
    return {
        "benefit": decision.benefit,
        "ratio": decision.ratio,
        "total_amount": to_yuan(decision.total),
        "full_self_pay_amount": to_yuan(decision.full_self_pay - decision.borne),
        "borne_amount": to_yuan(decision.borne),
        "over_limit_amount": to_yuan(decision.over_limit),
        "first_self_pay_amount": to_yuan(decision.first_self_pay),
        "in_scope_amount": to_yuan(decision.in_scope),
        "deductible_amount": to_yuan(decision.deductible),
        "fund_amount": to_yuan(decision.fund_pay),
        "hospital_amount": to_yuan(decision.hospital_part),
        "beyond_amount": to_yuan(decision.beyond),
        "personal_amount": to_yuan(decision.personal),
        "account_amount": to_yuan(decision.account),
        "credit_amount": to_yuan(decision.credit),
        "cash_amount": to_yuan(decision.cash),
        "refusal_code": refusal.code if refusal else "",
        "refusal": refusal.sentence if refusal else "",
    }


def funds_of(
    settlement: Settlement, decision: Decision, measures: Measures
) -> list[SettlementFund]:
    """Unsaved rows for every layer that pays, in the order in which they pay."""
    rows = []
    for layer, amount in decision.layers.items():
        if amount:
            payer = measures.terms.payer_of(layer, decision.benefit)
            rows.append(
                SettlementFund(
                    settlement=settlement,
                    layer=layer,
                    fund_pay_type=payer.fund_pay_type,
                    book=payer.book,
                    booked_as=payer.booked_as,
                    amount=to_yuan(amount),
                )
            )
    return rows


Amount = TypeVar("Amount", int, Decimal)


def layers_shown(terms: Terms, paid: Mapping[str, Amount]) -> list[tuple[str, Amount]]:
    """Name and amount of every layer that pays, in the order of ``paid``; a layer that the measures
    do not know (of a claim brought over from elsewhere) goes by its code.

    Nothing when the base layer alone does: that is what the fund pays, and said already.
    """
    shown = {code: amount for code, amount in paid.items() if amount}
    names = terms.layer_names
    if shown.keys() <= {terms.base_layer.code}:
        return []
    return [(names.get(code, code), amount) for code, amount in shown.items()]


def steps_of(
    settlement: Settlement, lines: Sequence[BillLine], decision: Decision
) -> list[SettlementStep]:
    """Unsaved steps: first what the reviewer cut, then every step of the engine."""
    told_steps = [
        SettlementStep(
            code=step.code,
            name=step.name,
            article=step.article,
            before_amount=to_yuan(step.before),
            after_amount=to_yuan(step.after),
            parameter=step.parameter,
            sentence=step.sentence,
        )
        for step in decision.steps
    ]
    steps = [_cut_step(line) for line in lines if line.cut_amount] + told_steps
    for position, row in enumerate(steps, start=1):
        row.settlement, row.position = settlement, position
    return steps


def _cut_step(line: BillLine) -> SettlementStep:
    bearer = "就诊机构" if line.cut_bearer == BillLine.Bearer.INSTITUTION else "个人"
    return SettlementStep(
        code=CUT,
        name="审核核减",
        article="",  # the engine's own step on all cuts together cites it
        before_amount=line.amount,
        after_amount=line.approved_amount,
        parameter=line.cut_reason,
        sentence=(
            f"第{line.line_number}行“{line.item_name}”{told(line.amount)}元，审核认可"
            f"{told(line.approved_amount)}元，核减{told(line.cut_amount)}元由{bearer}承担"
            f"，原因：{line.cut_reason}。"
        ),
    )


def usage_of(
    settlement: Settlement, enrollment: Enrollment, decision: Decision
) -> list[UsageEntry]:
    """Unsaved rows for every counter that the decision moves."""
    return [
        UsageEntry(
            settlement=settlement,
            person_id=enrollment.person_id if change.owner == "person" else None,
            household_id=enrollment.household_id if change.owner == "household" else None,
            policy_year=settlement.policy_year,
            counter=change.counter,
            amount=change.delta,
        )
        for change in decision.changes
        if change.delta
    ]
