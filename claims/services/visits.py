"""The visit of an entry: dates and answers checked, as an unsaved row."""

from datetime import date

from accounts.errors import Refusal
from claims.asked import answer_field, answer_problem
from claims.entries import VisitFacts
from claims.models import Visit
from enrollment.models import Person
from institutions.models import Institution
from institutions.registry.columns import Levels
from policies.terms import Terms

# One digit; what measures allow for a delivery may count each child.
MAX_BABIES = 9


def check_dates(visit: VisitFacts, on: date) -> date:
    """Discharge not before admission, nothing in the future, a diagnosis. Returns the last day."""
    if visit.ends is None:
        raise Refusal("请填写出院日期", "ends")
    if visit.ends < visit.starts:
        raise Refusal("出院日期早于入院日期，请核对", "ends")
    if visit.ends > on:
        raise Refusal(f"出院（就诊）日期不能晚于今天 {on}，请核对", "ends")
    if not visit.diagnosis.strip():
        raise Refusal("请填写诊断", "diagnosis")
    check_babies(visit)
    return visit.ends


def check_babies(visit: VisitFacts) -> None:
    if not 0 <= visit.babies <= MAX_BABIES:
        raise Refusal(f"婴儿数应为 0 至 {MAX_BABIES}，请核对", "babies")


def visit_row(
    visit: VisitFacts,
    *,
    person: Person,
    source: str,
    institution: Institution | None,
    name: str,
    level: str,
    place: str,
    registered: Institution | None = None,
    facts: frozenset[str],
    terms: Terms,
    consent_signed: bool = False,
) -> Visit:
    """An unsaved Visit; cover, household and division follow with the lock. `registered`: the
    institution as it was on the first day (`as_of`), where its levels for deductible and price
    limit stand.

    Raises Refusal naming the field when an answer that the kind of care asks for cannot stand.
    """
    care = terms.cares.get(visit.care)
    if care is not None:
        problem = answer_problem(terms, care, visit.answers)
        if problem is not None:
            raise Refusal(problem[1], answer_field(problem[0]))
    beside = Levels(level) if registered is None else Levels.of(registered)
    return Visit(
        person=person,
        source=source,
        institution=institution,
        institution_name=name,
        level=level,
        deductible_level=beside.deductible,
        price_level=beside.price,
        place=place,
        care=visit.care,
        bed=care is not None and care.bed,
        counts_as_stay=care is not None and care.counts_as_stay,
        answers=dict(visit.answers),
        consent_signed=consent_signed,
        referral=visit.referral,
        starts=visit.starts,
        ends=visit.ends,
        diagnosis_code=visit.diagnosis_code.strip(),
        diagnosis=visit.diagnosis.strip(),
        diseases=sorted(visit.diseases),
        procedures=sorted(visit.procedures),
        facts=sorted(facts),
        reasons=sorted(visit.reasons),
        babies=visit.babies,
        referred_from_id=visit.referred_from,
        alike_reason=visit.alike_reason,
    )
