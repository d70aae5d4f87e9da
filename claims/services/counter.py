"""Claims at an institution's counter: checked line by line, settled at once."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from claims.entries import CounterEntry
from claims.models import Settlement, Visit
from claims.services.lines import bill_lines
from claims.services.settling import Prepared
from claims.services.visits import check_dates, visit_row
from institutions.models import Institution
from policies.services import Measures


def prepare_counter(entry: CounterEntry, *, actor: User, on: date) -> Prepared:
    """Unsaved rows of a visit at the actor's institution. Raises Refusal naming the input."""
    institution, visit = entry.institution, entry.visit
    if not actor.may("claims.enter_counter") or actor.institution_code != institution.code:
        raise Refusal("只能录入本机构的结算，请用本机构的账号办理")
    check_dates(visit, on)
    if not institution.is_active or not (
        Institution.objects.contracted_on(visit.starts).filter(pk=institution.pk).exists()
    ):
        raise Refusal(
            f"{institution.name}在 {visit.starts} 没有有效的定点协议，不能结算，请与县经办中心联系",
            "starts",
        )
    area_code = institution.division.county_code
    measures = Measures.of_visit(area_code=area_code, starts=visit.starts, ends=visit.ends)
    row = visit_row(
        visit,
        person=entry.person,
        source=Visit.Source.COUNTER,
        institution=institution,
        name=institution.name,
        level=institution.level,
        place="local",
        facts=visit.facts,
        terms=measures.terms,
        consent_signed=entry.consent_signed,
    )
    row.entry_key = entry.key
    lines = bill_lines(
        entry.lines,
        area_code=area_code,
        day=visit.starts,
        consent_signed=entry.consent_signed,
        terms=measures.terms,
    )
    return Prepared(row, lines, measures, Settlement.PayTo.INSTITUTION)
