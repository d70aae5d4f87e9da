"""Asking for a filing, deciding it, and finding at a visit's entry those it stands on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import INSTITUTION_ROLES
from claims.filings.first import chosen_one, refuse_early_change, refuse_early_end
from claims.filings.models import Filing, VisitFiling
from claims.filings.workflow import FILINGS
from claims.models import Visit
from desk.changes import all_or_nothing
from desk.kept import Kept, given
from desk.numbers import next_number
from desk.reasons import given_reason
from enrollment.models import Person
from institutions.mapping import own_institution
from institutions.models import Institution
from policies.services import Measures
from policies.terms import FilingRule, Terms

Kind, Liable = Filing.Kind, Filing.Liable
NOT_THE_FUNDS = (Liable.THIRD, Liable.HOSPITAL)


@all_or_nothing()
def propose_filing(
    *,
    actor: User,
    person: Person,
    kind: str,
    about: str,
    starts: date,
    ends: date | None,
    evidence: str,
    on: date,
    place: str = "",
    expert: str = "",
    liable: str = "",
    proof: str = "",
    reason: str = "",
    code: str = "",
) -> Filing:
    """Ask for a filing; it holds once somebody else has agreed. A township asks for its people, an
    institution for whoever of its county comes. Raises Refusal naming the input."""
    institution = _refuse_stranger(actor, person)
    area = person.household.division.county_code
    terms = Measures.on(area_code=area, day=on).terms
    if kind not in terms.filings:
        raise Refusal("本县办法没有这种备案，请重新选择", "kind")
    if ends is not None and ends < starts:
        raise Refusal("止日早于起日，请核对", "ends")
    if kind == Kind.CHRONIC and not expert.strip():
        raise Refusal("慢特病认定请填写认定专家", "expert")
    if kind == Kind.CHRONIC and ends is None:
        raise Refusal("慢特病认定请填写有效期止日", "ends")
    if kind == Kind.ACCIDENT and liable not in Liable.values:
        raise Refusal("外伤备案请选择责任由谁承担", "liable")
    if kind == Kind.ACCIDENT and proof not in Filing.Proof.values:
        raise Refusal("外伤备案请选择凭什么证明认定责任", "proof")
    if kind == Kind.ACCIDENT and proof == Filing.Proof.NONE and liable != Liable.OPEN:
        raise Refusal("没有证明的，责任请选“责任未定”", "liable")
    is_accident = kind == Kind.ACCIDENT
    _refuse_standing(person, kind, about, starts, ends)
    if kind == Kind.FIRST:
        chosen = chosen_one(person, code, place, about)
        refuse_early_change(person, chosen, starts, terms, on)
        place, code = chosen.name, chosen.code
    serial = next_number("claims_filing", area, on.year)
    return FILINGS.create(
        "propose_filing",
        actor=actor,
        number=f"{area}{on.year}B{serial:06d}",
        person=person,
        division=person.household.division,
        kind=kind,
        about=given_reason(about, asks="病种、项目或经过", at=("about",))[:200],
        place=place.strip(),
        code=code.strip(),
        institution=institution,
        starts=starts,
        ends=ends,
        expert=expert.strip(),
        liable=liable if is_accident else "",
        proof=proof if is_accident else "",
        evidence=given_reason(evidence, asks="证明材料", at=("evidence",))[:100],
        reason=reason.strip() or about.strip()[:200],
        proposed_by=actor,
        proposed_on=on,
    )


def _refuse_stranger(actor: User, person: Person) -> Institution | None:
    """The institution that asks, None where a township does. Raises Refusal for whom it is not to
    ask."""
    if actor.role in INSTITUTION_ROLES:
        institution = own_institution(actor)
        if person.household.division.county_code != institution.division.county_code:
            raise Refusal("此人不在本县参保，请到参保地备案", "person")
        return institution
    if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise Refusal("此人不属于您的乡镇，请到其户籍所在乡镇办理", "person")
    return None


def _refuse_standing(
    person: Person, kind: str, about: str, starts: date, ends: date | None
) -> None:
    """The same thing is filed once for a day; of first institutions there is one at a time."""
    rows = Filing.objects.filter(
        person=person, kind=kind, status__in=[Filing.Status.PROPOSED, Filing.Status.APPROVED]
    ).filter(Q(ends=None) | Q(ends__gte=starts))
    if ends is not None:
        rows = rows.filter(starts__lte=ends)
    if kind != Kind.FIRST:
        rows = rows.filter(about=about.strip())
    standing = rows.filter(Q(ended_from=None) | Q(ended_from__gt=starts)).first()
    if standing is not None:
        raise Refusal(
            f"此人已有{standing}（{standing.starts} 起，{standing.get_status_display()}），"
            "不必重复备案",
            "about",
        )


@all_or_nothing()
def decide_filing(*, actor: User, filing: Filing, event: str, on: date, reason: str = "") -> Filing:
    """Agree, disagree or take back, also to its end: events of claims/filings/workflow.py."""
    if event in ENDING:
        return _decide_end(actor=actor, filing=filing, event=event, reason=reason)
    return FILINGS.decided(FILINGS.lock(filing.pk), event, actor=actor, on=on, reason=reason)


@all_or_nothing()
def ask_end(*, actor: User, filing: Filing, first_day: date, reason: str, on: date) -> Filing:
    """Ask that what was agreed to hold no longer from `first_day` on: whoever came home, was filed
    for by mistake, or chooses another first institution, which the measures may hold for a time.
    Raises Refusal."""
    row = FILINGS.lock(filing.pk)
    reason = FILINGS.check(row, "ask_end_filing", actor, reason)
    if row.ended_from or row.ending_from:
        told = "已终止" if row.ended_from else "已申请终止，待审批"
        raise Refusal(f"{row}{told}，不用再申请")
    if first_day < row.starts or (row.ends is not None and first_day > row.ends):
        until = row.ends or "长期"
        raise Refusal(f"终止日期应在有效期 {row.starts} 至 {until} 之内", "first_day")
    refuse_early_end(row, first_day, on)
    return FILINGS.take(
        row, "ask_end_filing", actor=actor, reason=reason, ending_from=first_day,
        ending_reason=reason, decision=row.decision,
    )  # fmt: skip


# What becomes of an asked end.
ENDING = frozenset({"end_filing", "keep_filing"})


@all_or_nothing()
def _decide_end(*, actor: User, filing: Filing, event: str, reason: str) -> Filing:
    row = FILINGS.lock(filing.pk)
    FILINGS.check(row, event, actor, reason)
    if row.ending_from is None or row.ended_from is not None:
        raise Refusal(f"{row}没有待审批的终止申请，请刷新")
    if event == "end_filing":
        return FILINGS.take(row, event, actor=actor, ended_from=row.ending_from)
    nobody = {"ending_from": None, "ending_asked_by": None, "ending_asked_at": None}
    return FILINGS.take(
        row, event, actor=actor, reason=reason, decision=row.decision,
        ending_reason=f"不同意终止：{reason}"[:200], **nobody,
    )  # fmt: skip


def after_the_end(filing: Filing) -> int:
    """How many visits stand on it although they began when it held no longer: the county looks into
    what was paid more for them."""
    if filing.ended_from is None:
        return 0
    later = filing.visits.filter(visit__starts__gte=filing.ended_from)
    return later.exclude(visit__status=Visit.Status.VOID).count()


@dataclass(frozen=True)
class Standing:
    """One fact of a visit that a filing gives, and the filing, if there is one on that day."""

    rule: FilingRule
    filing: Filing | None


def given_by(rule: FilingRule, visit: Visit) -> bool:
    """Whether the visit states what such a filing gives."""
    if not rule.code:
        return False
    stated = [visit.referral] if rule.dimension == "referral" else visit.facts
    return rule.code in stated


def standings(visit: Visit, terms: Terms) -> list[Standing]:
    """What of the visit stands on filings. One statement; none where nothing is stated."""
    rules = [rule for rule in terms.filings.values() if given_by(rule, visit)]
    if not rules:
        return []
    found = {one.kind: one for one in Filing.objects.holding(visit.person_id, visit.starts)}
    return [Standing(rule, found.get(rule.kind)) for rule in rules]


def check_filings(visit: Visit, terms: Terms, document: str) -> list[Standing]:
    """Raises Refusal where the measures want a filing or a document, and where the filed accident
    is somebody else's to pay (工伤、第三人负担: 社会保险法 第三十条)."""
    found = standings(visit, terms)
    for one in found:
        name = Kind(one.rule.kind).label
        if one.filing is None and one.rule.required and not document.strip():
            raise Refusal(
                f"{visit.starts} 没有已同意的{name}（{one.rule.article}）；"
                "先办备案，或填写批准文书的名称和文号",
                "filing_document",
            )
        if one.filing and one.filing.liable in NOT_THE_FUNDS and not visit.reasons:
            raise Refusal(
                f"{one.filing}认定由{one.filing.get_liable_display()[:-2]}承担，"
                f"基金不予支付（{one.rule.article}）；请选择不予支付情形，或由其赔付",
                "reasons",
            )
    return found


def keep_filings(visit: Visit, found: list[Standing], document: str) -> None:
    """On what the visit stands, in the transaction that settles it. A stay that is settled in
    parts, or anew, keeps what its first settlement said."""
    rows = [
        VisitFiling(
            visit=visit,
            kind=one.rule.kind,
            filing=one.filing,
            document="" if one.filing else document.strip()[:100],
        )
        for one in found
    ]
    VisitFiling.objects.bulk_create(rows, ignore_conflicts=True)


HOLDING = Kept(lambda: Filing.objects.holding(given("person"), given("day")))


def proposed_facts(person: Person, day: date, terms: Terms) -> dict[str, Any]:
    """What the entry page ticks beforehand: what the filings that hold on the day give."""
    facts: dict[str, Any] = {}
    for filing in HOLDING(person=person.pk, day=day):
        rule = terms.filings.get(filing.kind)
        if rule is None or not rule.code:
            continue
        if rule.dimension == "referral":
            facts["referral"] = rule.code
        else:
            facts.setdefault("facts", []).append(rule.code)
    return facts
