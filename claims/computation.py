"""From rows to the engine and back: the case, the usage to date, and the decision's columns.

Nothing here decides anything: the measures do (claims/adjudication), on the visit's own date,
which is the day of admission.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Sum

from accounts.errors import Refusal
from claims.adjudication import (
    BillItem,
    Case,
    CaseError,
    Decision,
    Member,
    asked_dimensions,
    bill_from_lines,
    settle,
    subject_of,
)
from claims.adjudication import Visit as EngineVisit
from claims.models import (
    BillLine,
    Settlement,
    SettlementFund,
    SettlementStep,
    UsageEntry,
    Visit,
)
from enrollment.cover.covering import cover_histories
from enrollment.models import Enrollment, Household, Person
from enrollment.people.register import statuses_on
from lib.money import half_up, to_fen, to_yuan, told
from policies.services import Measures
from policies.terms import Step, Terms
from policies.terms.pack import HOSPITAL

SEX = {Person.Sex.MALE: "male", Person.Sex.FEMALE: "female"}
# What the engine calls by another name than the entry does.
ENTRY_FIELDS = {
    "disease": "diseases",
    "procedure": "procedures",
    "fact": "facts",
    "reason": "reasons",
    "bill": "lines",
    "birth_date": "person",
}


def usage_to_date(enrollment: Enrollment, terms: Terms) -> dict[str, int]:
    """Counter → fen, days or count, for the person and the household. Read it under lock_cover.

    Counters of the year count this policy year's rows; those of a lifetime, a quarter, a month or a
    day all rows, for the key says which period it is. Balances are what was granted less what was
    used: two statements in all.
    """
    year = enrollment.year
    home = enrollment.household
    together = Household.objects.sharing_account_with(home).order_by().values("pk")
    # As an array, which is asked for once: an index finds either half of the question.
    of_household = Func(
        F("household_id"), ArraySubquery(together), arg_joiner=" = ANY (",
        template="%(expressions)s)", output_field=BooleanField(),
    )  # fmt: skip
    by_year: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = (
        UsageEntry.objects.filter(Q(person=enrollment.person_id) | of_household)
        .values_list("counter", "policy_year")
        .annotate(total=Sum("amount"))
    )
    for counter, policy_year, total in rows:
        by_year[counter][policy_year] += total
    used: dict[str, int] = {}
    for counter, years in by_year.items():
        spec = terms.counters.get(counter.partition("@")[0])
        if spec is not None and spec.kind == "used":
            used[counter] = years[year] if spec.period == "year" else sum(years.values())
    if "household_account" in terms.counters:
        used["household_account"] = _account_balance(
            account_years(together, by_year["household_account"]), year
        )
    if "credit" in terms.counters:
        used["credit"] = to_fen(enrollment.credit_amount) + by_year["credit"][year]
    return used


def account_years(
    households: Collection[int] | QuerySet[Any, Any], uses: Mapping[int, int]
) -> dict[int, int]:
    """Year → fen granted in it to the households' common account less what was used."""
    grants = (
        Enrollment.objects.active()
        .filter(household__in=households)
        .order_by()
        .values_list("year")
        .annotate(total=Sum("account_amount"))
    )
    years = defaultdict(int, {year: to_fen(total) for year, total in grants})
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
    person = enrollment.person
    free = 0
    if "claim_free" in asked_dimensions(terms):
        free = cover_histories([person.pk], enrollment.year)[person.pk].claim_free
    return Member(
        person=str(person.pk),
        household=str(enrollment.household_id),
        birth_date=person.birth_date,
        sex=SEX[Person.Sex(person.sex)],
        tier=enrollment.tier,
        residence=person.residence,
        statuses=statuses_on([person.pk], day)[person.pk],
        consecutive_years=enrollment.consecutive_years,
        claim_free_years=free,
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
SELECT chain.stay, (sum(s.deductible_amount) * 100)::bigint
FROM chain JOIN claims_settlement s ON s.visit_id = chain.visit
WHERE s.status <> ALL(%s) GROUP BY chain.stay
"""


def prior_deductibles(stays: Collection[int]) -> dict[int, int]:
    """Visit id of a stay → fen of deductible borne in it and in the stays it was referred from.

    One statement. Only settlements that stand count; a stay without one is not in the answer.
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


def engine_visit(visit: Visit, terms: Terms) -> EngineVisit:
    """The visit as the engine knows it under these measures."""
    prior = 0
    if visit.referred_from_id is not None:
        prior = prior_deductibles([visit.referred_from_id]).get(visit.referred_from_id, 0)
    return EngineVisit(
        key=str(visit.pk or "new"),
        care=visit.care,
        level=visit.level,
        place=visit.place,
        referral=visit.referral,
        starts=visit.starts,
        ends=visit.ends,
        diseases=frozenset(visit.diseases),
        procedures=frozenset(visit.procedures),
        facts=frozenset(visit.facts),
        reasons=frozenset(visit.reasons),
        babies=visit.babies,
        prior_deductible=prior,
        hospital=hospital_key(visit) if HOSPITAL in asked_dimensions(terms) else "",
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
    terms = measures.terms
    member, stay = member_of(enrollment, visit.starts, terms), engine_visit(visit, terms)
    try:
        items = list(_items(visit, lines, measures))
        bill = bill_from_lines(items, terms, subject_of(member, stay, terms))
        return settle(Case(member=member, visit=stay, bill=bill), terms, used)
    except CaseError as error:
        raise Refusal(str(error), ENTRY_FIELDS.get(error.field, error.field)) from error


def _items(visit: Visit, lines: Iterable[BillLine], measures: Measures) -> Iterable[BillItem]:
    """The lines as approved; what the reviewer took off counts as not payable.

    Unit price and quantity are those of the bill. The price is rounded up to the fen, because rules
    compare it with whole fen ("above", "up to"), which only the ceiling keeps exact.
    """
    not_payable = bearer_of_cuts(visit, measures)
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
        cut = to_fen(line.cut_amount)
        if cut:
            yield BillItem(bill_class=not_payable, amount=cut)


def _shown_self_pay(line: BillLine) -> int | None:
    """Fen that the bill shows as paid first; of a line that was cut, the share of what is left."""
    if line.self_pay_amount is None:
        return None
    shown, approved = to_fen(line.self_pay_amount), to_fen(line.approved_amount)
    return half_up(shown * approved, to_fen(line.amount))


def bearer_of_cuts(visit: Visit, measures: Measures) -> str:
    """The bill class that takes up what a reviewer cuts.

    An institution under agreement bears what it should not have charged (第三十条); on a paper
    bill from elsewhere the patient does, because nobody there answers to the county.
    """
    kind = "institution" if visit.source == Visit.Source.COUNTER else "self_pay"
    return measures.class_of_kind(kind) or measures.class_of_kind("self_pay")


def amounts_of(decision: Decision) -> dict[str, Any]:
    """The decision as columns of Settlement, in yuan."""
    refusal = decision.refusal
    return {
        "benefit": decision.benefit,
        "ratio": decision.ratio,
        "total_amount": to_yuan(decision.total),
        "full_self_pay_amount": to_yuan(decision.full_self_pay),
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
    settlement: Settlement,
    visit: Visit,
    lines: Sequence[BillLine],
    decision: Decision,
    measures: Measures,
) -> list[SettlementStep]:
    """Unsaved steps: first what the reviewer cut, then every step of the engine."""
    # Measures without a class that could bear a cut are fine until something is cut.
    bearer = measures.terms.bill.classes.get(bearer_of_cuts(visit, measures))
    article = bearer.article if bearer else ""
    steps = [_cut_step(visit, line, article) for line in lines if line.cut_amount]
    cut = sum(to_fen(line.cut_amount) for line in lines)
    name_of_cuts = f"class_{bearer.code}" if bearer and cut else ""
    told_steps = [
        _with_cuts(step, cut) if step.code == name_of_cuts else step for step in decision.steps
    ]
    steps += [
        SettlementStep(
            code=step.code,
            name=step.name,
            article=step.article,
            before_amount=to_yuan(step.before),
            after_amount=to_yuan(step.after),
            parameter=step.parameter,
            sentence=step.sentence,
        )
        for step in told_steps
    ]
    for position, row in enumerate(steps, start=1):
        row.settlement, row.position = settlement, position
    return steps


def _with_cuts(step: Step, cut: int) -> Step:
    """What was cut counts in this class, but is not what the class is called."""
    name = "审核核减" if step.before == cut else f"{step.name}和审核核减"
    return replace(step, name=name, sentence=step.sentence.replace(step.name, name, 1))


def _cut_step(visit: Visit, line: BillLine, article: str) -> SettlementStep:
    bearer = "就诊机构" if visit.source == Visit.Source.COUNTER else "个人"
    return SettlementStep(
        code="review_cut",
        name="审核核减",
        article=article,
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
