"""The screening rules asked of one bill that is not settled yet (明细审核 事前、事中).

The same functions judge it as judge the settled claims: what they need is gathered here of one
visit, in a bounded number of statements.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Substr

from accounts.clock import today
from accounts.models import Division
from claims.filings.models import Filing
from claims.models import SettlementQuerySet, Visit
from desk.kept import Kept, given
from enrollment.models import Person
from institutions.models import Agreement, Institution, InstitutionQuerySet
from institutions.registry.columns import Levels
from policies.terms import Terms
from supervision.claim_rows import VILLAGE_DIGITS, as_columns, counted_claims, facts_of
from supervision.gathering import INJURED, Batch, denied_to, wards_of
from supervision.library.reading import library_of
from supervision.rules import SCREENS, ClaimFacts, Hit, Known, Moment
from supervision.rules.facts import Charge, Injury, Ward
from supervision.thresholds.reading import in_force

# Stands for its settlement, and is later than any.
NOT_SETTLED = 2**63 - 1
# Stands for a visit that is not registered: no row has it.
NO_VISIT = 0


def _place() -> InstitutionQuerySet:
    held = Agreement.objects.filter(institution=OuterRef("pk")).holding(given("day"))
    rows = Institution.objects.as_of(given("day")).filter(pk=given("institution"))
    return rows.annotate(designated=Exists(held))


def _others() -> SettlementQuerySet:
    """Settled claims; of a stay that is settled in parts not those before."""
    return counted_claims().filter(visit__bed=True).exclude(visit=given("visit"))


def _next_door() -> SettlementQuerySet:
    rows = _others().annotate(village=Substr("division__code", 1, VILLAGE_DIGITS))
    return rows.filter(
        village=given("village"),
        visit__institution_name=given("name"),
        visit__starts=given("day"),
    )


PLACE = Kept(_place)
STAYS = Kept(lambda: as_columns(_others().filter(visit__person=given("person"))))
NEIGHBOURS = Kept(lambda: as_columns(_next_door()))


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What is asked about. Amounts in fen; `visit`: where it is registered, so that it is not
    compared with itself. `ends`: so far, where the patient lies in the bed."""

    person: Person
    institution: Institution
    visit: Visit | None
    terms: Terms
    care: str
    starts: date
    ends: date
    diagnosis_code: str
    diagnosis: str
    total: int
    off_catalogue: int
    charges: Sequence[Charge]
    facts: Collection[str] = ()


def judged(bill: Bill, moment: Moment, codes: Collection[str] = ()) -> list[Hit]:
    """What the rules of that moment find, as today's version of the county has them, certain first;
    `codes`: of these rules alone."""
    says = in_force(bill.institution.division.county_code, today())
    screens = [
        screen
        for screen in SCREENS
        if moment in screen.rule.moments
        and screen.rule.code not in says.off
        and (not codes or screen.rule.code in codes)
    ]
    claim = _claim(bill)
    known = replace(_known(bill, claim), bounds=says.bounds)
    hits = [
        hit
        for screen in screens
        for hit in screen.find([claim], known)
        if hit.settlement == NOT_SETTLED
    ]
    return sorted(hits, key=lambda hit: (hit.certainty != "certain", hit.rule))


def _claim(bill: Bill) -> ClaimFacts:
    care = bill.terms.cares[bill.care]
    here: Any = PLACE.first(day=bill.starts, institution=bill.institution.pk)
    levels = Levels.of(here)
    division = bill.person.household.division
    return ClaimFacts(
        settlement=NOT_SETTLED,
        number="本次",
        person=bill.person.pk,
        village=division.code[:VILLAGE_DIGITS],
        institution=bill.institution.code,
        institution_name=bill.institution.name,
        designated=here.designated,
        level=levels.own,
        price_level=levels.price,
        care=bill.care,
        bed=care.bed,
        counts_as_stay=care.counts_as_stay,
        starts=bill.starts,
        ends=bill.ends,
        diagnosis=bill.diagnosis_code or bill.diagnosis,
        total=bill.total,
        off_catalogue=bill.off_catalogue,
        death_date=bill.person.death_date,
        sex=bill.person.sex,
        born_on=bill.person.birth_date,
    )


def _known(bill: Bill, claim: ClaimFacts) -> Known:
    """As `gathering.gather` fills it, of the one bill."""
    area = Division(code=bill.institution.division.county_code)
    batch = Batch(area, [claim], {})
    # Bills on paper alone are known by the hospitals elsewhere and by their invoices.
    return Known(
        stays=_stays(bill, claim),
        neighbours=_neighbours(bill, claim),
        limits={NOT_SETTLED: bill.terms.bill.consent_limit},
        terms={NOT_SETTLED: bill.terms},
        outlived=[claim],
        charges={NOT_SETTLED: bill.charges},
        injuries=_injuries(bill, claim),
        wards=_wards(bill, batch),
        denied=denied_to(batch),
        library=library_of(area.code, {charge.code for charge in bill.charges}),
    )


def _own(bill: Bill) -> int:
    return NO_VISIT if bill.visit is None else bill.visit.pk


def _stays(bill: Bill, claim: ClaimFacts) -> list[ClaimFacts]:
    if not claim.bed:
        return []
    rows = STAYS(visit=_own(bill), person=bill.person.pk)
    return [*(facts_of(row) for row in rows), claim]


def _neighbours(bill: Bill, claim: ClaimFacts) -> list[ClaimFacts]:
    if not claim.counts_as_stay:
        return []
    rows = NEIGHBOURS(
        visit=_own(bill), village=claim.village, name=claim.institution_name, day=claim.starts
    )
    return [*(facts_of(row) for row in rows), claim]


def _injuries(bill: Bill, claim: ClaimFacts) -> list[Injury]:
    """Told by its code, or by what a filing of an accident gives."""
    rule = bill.terms.filings.get(Filing.Kind.ACCIDENT)
    by_fact = rule is not None and rule.code and rule.code in bill.facts
    if not claim.bed or not (by_fact or re.match(INJURED, bill.diagnosis_code)):
        return []
    filings = Filing.objects.holding(bill.person.pk, bill.starts).filter(kind=Filing.Kind.ACCIDENT)
    liable = filings.order_by("-pk").values_list("liable", flat=True).first()
    told = f"{bill.diagnosis_code} {bill.diagnosis}".strip()
    return [Injury(settlement=NOT_SETTLED, diagnosis=told, liable=liable or "")]


def _wards(bill: Bill, batch: Batch) -> dict[str, Ward]:
    """Who is not registered is one more."""
    found = wards_of(batch)
    code = bill.institution.code
    if bill.visit is None and code in found:
        ward = found[code]
        found[code] = Ward(beds=ward.beds, stays=[*ward.stays, (bill.starts, bill.ends)])
    return found
