"""How long somebody stays with the first institution that was chosen (首诊机构选定).

大足办法 第二十一条: 住院首诊定点医院一经选定，一年内不得变更. The article names no exceptions, and
the cases that `_cannot_go_on` lets through are none: who died or left the township does not change
what was chosen, and an institution that is closed or has no agreement cannot serve any more.
"""

from datetime import date

from accounts.errors import Refusal
from claims.filings.models import Filing
from claims.models import Visit
from enrollment.models import Person
from institutions.looked_up import named_like, one_named
from institutions.models import Agreement, Institution, InstitutionQuerySet
from institutions.registry.columns import ACTIVE
from lib.periods import months_after
from policies.services import terms_in_force
from policies.terms import Terms

FIRST = Filing.Kind.FIRST


def chosen_one(person: Person, code: str, *names: str) -> Institution:
    """The institution that is being chosen, by its code, else by the first of the names that was
    given. Raises Refusal at the input."""
    rows = _of_county(person.household.division.county_code).filter(is_active=True)
    name = code.strip() or next((one for one in names if one.strip()), "")
    found: Institution = one_named(rows, name, "定点机构", "code" if code.strip() else "place")
    return found


def _of_county(area: str) -> InstitutionQuerySet:
    return Institution.objects.filter(division__code__startswith=area)


def _chosen(filing: Filing) -> Institution | None:
    """The institution that a filing names; None where its words, of the old system, name none."""
    rows = _of_county(filing.division.county_code)
    if filing.code:
        return rows.filter(code=filing.code).first()
    found = named_like(rows, filing.place) or named_like(rows, filing.about)
    return found[0] if len(found) == 1 else None


def holding(filing: Filing, terms: Terms) -> tuple[date, str] | None:
    """From which day on another may be chosen, and the sentence that says so; None where the
    measures do not hold the choice."""
    rule = terms.filings.get(filing.kind)
    if filing.kind != FIRST or rule is None or not rule.held_months:
        return None
    free = months_after(filing.starts, rule.held_months)
    told = (
        f"首诊机构自 {filing.starts} 选定，{rule.held_months} 个月内不得变更，"
        f"{free} 起可以变更（{rule.article}）"
    )
    return free, told


def held_told(filing: Filing, on: date) -> str:
    """For the page: how long it is held, "" where it is not, or where no measures say."""
    if filing.kind != FIRST:
        return ""
    try:
        held = holding(filing, terms_in_force(area_code=filing.division.county_code, day=on))
    except Refusal:
        return ""
    return held[1] if held else ""


def refuse_early_end(filing: Filing, first_day: date, on: date) -> None:
    """Raises Refusal where a choice would end while the measures of the day hold it."""
    if filing.kind != FIRST:
        return
    held = holding(filing, terms_in_force(area_code=filing.division.county_code, day=on))
    if held is None or first_day >= held[0] or _cannot_go_on(filing, first_day, on):
        return
    if first_day > filing.starts:
        raise Refusal(f"{held[1]}。{REMEDY}", "first_day")
    if _used(filing):
        raise Refusal(f"{held[1]}；选定后已在该机构就诊，不能按办错撤销", "first_day")


REMEDY = (
    "本人死亡、迁出或全户迁往其他乡镇的，请先登记人员变动；所选机构停业，协议暂停、终止或到期未续的，"
    "终止日期填机构不能服务之后的日期"
)


def refuse_early_change(
    person: Person, chosen: Institution, starts: date, terms: Terms, on: date
) -> None:
    """Raises Refusal where another institution was chosen before, for less than the measures hold
    a choice, and would be left by letting it run out. What two people ended was let through."""
    rows = Filing.objects.filter(
        person=person, kind=FIRST, status=Filing.Status.APPROVED, ended_from=None, ends__lt=starts
    )
    last = rows.select_related("person__household__division", "division").order_by("starts").last()
    held = holding(last, terms) if last else None
    if last is None or held is None or starts >= held[0]:
        return
    if _chosen(last) != chosen and not _cannot_go_on(last, starts, on):
        raise Refusal(f"{held[1]}，请仍选{last.place or last.about}", "starts")


def _cannot_go_on(filing: Filing, day: date, on: date) -> bool:
    """Whether it cannot go on, whatever anybody wants."""
    person = filing.person
    if not person.is_present:
        return True
    if person.household.division.township_code != filing.division.township_code:
        return True
    chosen = _chosen(filing)
    return chosen is not None and not _serves(chosen, day, on)


def _serves(institution: Institution, day: date, on: date) -> bool:
    """Whether it is open and under agreement on the day. Agreements of a year are signed at its
    end: of a day to come for which there is none yet, today's tells."""
    known = Agreement.objects.filter(
        institution=institution, first_day__lte=day, last_day__gte=day
    ).exists()
    asked = day if known else min(day, on)
    rows = Institution.objects.filter(pk=institution.pk).contracted_on(asked)
    return any(one.active_then == ACTIVE for one in rows.as_of(day))


def _used(filing: Filing) -> bool:
    """Whether the person was at the institution since: then it was no slip of the pen, which ends
    on its first day as if it had never held."""
    chosen = _chosen(filing)
    rows = Visit.objects.filter(person=filing.person_id, starts__gte=filing.starts)
    return rows.filter(institution=chosen).exclude(status=Visit.Status.VOID).exists()
