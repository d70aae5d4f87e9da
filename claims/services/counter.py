"""Claims at an institution's counter: checked line by line, settled at once."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from claims.entries import CounterEntry, VisitFacts
from claims.models import Settlement, Visit
from claims.services.lines import bill_lines
from claims.services.settling import Prepared
from claims.services.visits import check_dates, visit_row
from desk.kept import Kept, given
from enrollment.models import Person
from institutions.models import Institution
from institutions.registry.columns import CLOSED
from policies.services import Measures


def prepare_counter(entry: CounterEntry, *, actor: User, on: date) -> Prepared:
    """Unsaved rows of a visit at the actor's institution. Raises Refusal naming the input."""
    check_dates(entry.visit, on)
    row, measures = counter_visit(
        entry.visit,
        institution=entry.institution,
        person=entry.person,
        consent_signed=entry.consent_signed,
        actor=actor,
    )
    row.entry_key = entry.key
    lines = bill_lines(
        entry.lines,
        area_code=measures.pack.area.code,
        day=row.starts,
        consent_signed=entry.consent_signed,
        terms=measures.terms,
    )
    return Prepared(row, lines, measures, Settlement.PayTo.INSTITUTION)


CONTRACTED = Kept(
    lambda: (
        Institution.objects.contracted_on(given("day"))
        .as_of(given("day"))
        .filter(pk=given("institution"))
        .select_related("division")
        .order_by("pk")[:1]
    )
)


def counter_visit(
    visit: VisitFacts,
    *,
    institution: Institution,
    person: Person,
    consent_signed: bool,
    actor: User,
) -> tuple[Visit, Measures]:
    """An unsaved visit at the actor's institution, under agreement on its first day, with the
    measures that judge it. Raises Refusal."""
    if not actor.may("claims.enter_counter") or actor.institution_code != institution.code:
        raise Refusal("只能录入本机构的结算，请用本机构的账号办理")
    here = CONTRACTED.first(institution=institution.pk, day=visit.starts)
    if here is None or here.active_then == CLOSED:
        raise Refusal(
            f"{institution.name}在 {visit.starts} 没有有效的定点协议，不能结算，请与县经办中心联系",
            "starts",
        )
    measures = Measures.of_visit(
        area_code=here.division.county_code,
        starts=visit.starts,
        ends=visit.ends or visit.starts,
    )
    row = visit_row(
        visit,
        person=person,
        source=Visit.Source.COUNTER,
        institution=here,
        name=here.name,
        level=here.level_then,
        registered=here,
        place="local",
        facts=visit.facts,
        terms=measures.terms,
        consent_signed=consent_signed,
    )
    return row, measures
