"""Changes with two pairs of eyes: who a person with paid cover is, and statuses without a list.

The window proposes with the document at hand; the person is charged as the register stands until
somebody else has looked at it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from enrollment.cover.assessing import as_payer, assess_person
from enrollment.cover.models import Enrollment
from enrollment.cover.proposal_models import Proposal
from enrollment.cover.reassessing import assess_pending
from enrollment.cover.workflow import PROPOSALS
from enrollment.people.checking import as_member, refuse_odd
from enrollment.people.events import correct_identity
from enrollment.people.lifecycle import locked_member
from enrollment.people.listed import held_on
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.numbers import Number, read_number
from enrollment.people.register import statuses_on, wrong_name
from enrollment.people.registered import refuse_registered
from lib import typed_text
from lib.money import to_yuan
from policies.services import terms_of

# What a paper that shows a status is asked for.
ASKED = {
    "evidence": "证明材料的名称，如“低保证”",
    "document_number": "文号或证号，如“00123 号”",
    "issuer": "发文、发证单位，如“区民政局”",
}
MIN_EVIDENCE = 4  # a paper is named by what it is and its number: 低保证5号
APPROVED_SOURCE = "审批认定"


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """Who somebody really is; empty: as registered. Sex and birth date come with most numbers."""

    name: str = ""
    number_kind: str = ""
    number: str = ""
    sex: str = ""
    birth_date: date | None = None


def _evidence(text: str) -> str:
    return given_reason(
        text, asks="证明材料的名称和编号，如“户口簿第 3 页”", least=MIN_EVIDENCE, at=("evidence",)
    )


def _read(corrected: Corrected, person: Person, on: date) -> tuple[Corrected, Number | None]:
    """Only what differs from the register, checked. Raises Refusal."""
    name = typed_text.name(corrected.name)
    if name and (problem := wrong_name(name)):
        raise Refusal(problem, "name")
    number = None
    sex, born = corrected.sex, corrected.birth_date
    if corrected.number:
        number = read_number(corrected.number_kind, corrected.number, on=on)
        sex, born = number.sex or sex, number.birth_date or born
    if born and born > on:
        raise Refusal("出生日期不能晚于今天", "birth_date")
    if number and number.index == person.resident_id_index:
        number = None
    found = Corrected(
        name=name if name != person.name else "",
        number_kind=number.kind if number else "",
        number=number.text if number else "",
        sex=sex if sex != person.sex else "",
        birth_date=born if born != person.birth_date else None,
    )
    if found == Corrected():
        raise Refusal("与登记的相同，没有要更正的内容", "name")
    return found, number


def _as_corrected(person: Person, corrected: Corrected) -> Person:
    """An unsaved copy with what would differ."""
    copy = Person.objects.get(pk=person.pk)
    copy.household = person.household
    copy.name = corrected.name or person.name
    copy.sex = corrected.sex or person.sex
    copy.birth_date = corrected.birth_date or person.birth_date
    return copy


def _covers(person: Person, on: date) -> list[Enrollment]:
    """Paid covers that are in force or yet to begin, each with its pack."""
    rows = Enrollment.objects.active().filter(person=person, cover_last_day__gte=on)
    return list(rows.select_related("pack").order_by("year"))


def difference(
    person: Person, changed: Person, statuses: frozenset[str], *, on: date
) -> list[dict[str, Any]]:
    """What each paid cover would have cost with these statuses: year, paid and due, yuan as text.

    Raises Refusal where the measures say nothing about such a person.
    """
    found = []
    for row in _covers(person, on):
        terms = terms_of(row.pack)
        payer = as_payer(changed, tier=row.tier, statuses=statuses, terms=terms)
        due = to_yuan(assess_person(payer, terms, year=row.year).personal)
        found.append({"year": row.year, "paid": str(row.personal_amount), "due": str(due)})
    return found


@all_or_nothing()
def propose_identity(
    *,
    actor: User,
    person: Person,
    corrected: Corrected,
    evidence: str,
    reason: str,
    on: date,
    explained: str = "",
) -> Proposal:
    """Ask for another name, number, sex or birth date. Nothing changes yet. Raises Refusal."""
    _, person, _ = locked_member(person)
    reason = given_reason(reason)
    evidence = _evidence(evidence)
    found, number = _read(corrected, person, on)
    if number is not None and not person.former_numbers.filter(number_index=number.index).exists():
        refuse_registered({number.index: ("number",)}, actor)
    changed = _as_corrected(person, found)
    _refuse_odd(changed, on, explained)
    return PROPOSALS.create(
        "propose_change",
        actor=actor,
        person=person,
        kind=Proposal.Kind.IDENTITY,
        evidence=evidence,
        reason="；".join(filter(None, (reason, explained.strip())))[:200],
        difference=difference(person, changed, statuses_on([person.pk], on)[person.pk], on=on),
        proposed_by=actor,
        proposed_on=on,
        **vars(found),
    )


def _refuse_odd(changed: Person, on: date, explained: str) -> None:
    others = changed.household.members.exclude(pk=changed.pk)
    refuse_odd(
        map(as_member, [*others, changed]),
        on=on,
        asked={changed.pk},
        at=lambda *_: ("birth_date",),
        explained=explained,
    )


@dataclass(frozen=True, kw_only=True)
class Document:
    """The paper that shows a status, or that it does not hold: 低保证, its number, office, day."""

    evidence: str
    document_number: str
    issuer: str
    issued_on: date

    def checked(self, on: date) -> dict[str, Any]:
        """The columns of a proposal. Raises Refusal naming the input."""
        if self.issued_on > on:
            raise Refusal("发文、发证日期不能晚于今天", "issued_on")
        columns = {"evidence": self.evidence, "document_number": self.document_number,
                   "issuer": self.issuer}  # fmt: skip
        for name, asks in ASKED.items():
            columns[name] = given_reason(columns[name], asks=asks, at=(name,))
        return columns | {"issued_on": self.issued_on}


@all_or_nothing()
def propose_status(
    *, actor: User, person: Person, code: str, document: Document, on: date, reason: str = ""
) -> Proposal:
    """Ask for a status that no list gives. Till it is approved the person is charged without."""
    if code not in IdentityStatus.Code.values:
        raise Refusal("请在列表中选择身份", "code")
    held = statuses_on([person.pk], on)[person.pk]
    if code in held:
        raise Refusal(f"{person.name}已有这个身份，不必申请", "code")
    columns = {"kind": Proposal.Kind.STATUS, "code": code, "reason": reason}
    return _propose(actor, person, held | {code}, on, columns | document.checked(on))


@all_or_nothing()
def propose_ending(
    *, actor: User, person: Person, code: str, document: Document, on: date, reason: str
) -> Proposal:
    """Ask to take a status away that was granted in error or holds no longer. Raises Refusal."""
    held = statuses_on([person.pk], on)[person.pk]
    if code not in held:
        raise Refusal(f"{person.name}现在没有这个身份，不必取消", "code")
    columns = {"kind": Proposal.Kind.ENDING, "code": code, "reason": given_reason(reason)}
    return _propose(actor, person, held - {code}, on, columns | document.checked(on))


def _propose(
    actor: User, person: Person, statuses: frozenset[str], on: date, columns: dict[str, Any]
) -> Proposal:
    """`statuses`: what the person would hold."""
    return PROPOSALS.create(
        "propose_change",
        actor=actor,
        person=person,
        difference=difference(person, person, statuses, on=on),
        proposed_by=actor,
        proposed_on=on,
        **columns,
    )


@all_or_nothing()
def approve(*, actor: User, proposal: Proposal, on: date, reason: str = "") -> Proposal:
    """The change is made; what is entered and not paid yet is assessed anew. Raises Refusal.

    What paid cover would have cost is told as it is on the day of the decision; it stays as paid.
    """
    _, person, _ = locked_member(Person.objects.get(pk=proposal.person_id))
    row = PROPOSALS.lock(proposal.pk)
    PROPOSALS.check(row, "approve_change", actor)
    if row.kind == Proposal.Kind.STATUS:
        _grant(row, person)
    elif row.kind == Proposal.Kind.ENDING:
        _end(row, person, on)
    else:
        _correct(actor, row, person, on)
    assess_pending(actor, [person.pk], on)
    row.difference = difference(person, person, statuses_on([person.pk], on)[person.pk], on=on)
    row.save(update_fields=["difference"])
    return PROPOSALS.take(row, "approve_change", actor=actor, reason=reason, decided_on=on)


def _grant(row: Proposal, person: Person) -> None:
    IdentityStatus.objects.update_or_create(
        person=person,
        code=row.code,
        first_day=row.proposed_on,
        defaults={"last_day": None, "source": APPROVED_SOURCE, "batch": str(row)},
    )


def _end(row: Proposal, person: Person, on: date) -> None:
    """The day before is the last one: what was paid out while it held was paid in good faith."""
    held = [one for one in held_on([person.pk], on)[person.pk] if one.code == row.code]
    if not held:
        raise Refusal(f"{person.name}现在没有这个身份，请改为不同意")
    for one in held:
        one.last_day = on - timedelta(days=1)
        one.save(update_fields=["last_day"])


def _correct(actor: User, row: Proposal, person: Person, on: date) -> None:
    number = None
    if row.number:
        number = read_number(row.number_kind, row.number, on=on)
        if not person.former_numbers.filter(number_index=number.index).exists():
            refuse_registered({number.index: ("number",)}, actor)
    correct_identity(
        actor=actor, person=person, number=number, name=row.name, sex=row.sex,
        birth_date=row.birth_date, on=on, reason=f"{row}：{row.reason}",
    )  # fmt: skip


@all_or_nothing()
def decide(*, actor: User, proposal: Proposal, event: str, on: date, reason: str = "") -> Proposal:
    """Agree; or refuse or take back, and everything stays: one may ask with better papers."""
    if event == "approve_change":
        return approve(actor=actor, proposal=proposal, on=on, reason=reason)
    row = PROPOSALS.lock(proposal.pk)
    return PROPOSALS.decided(row, event, actor=actor, on=on, reason=reason)
