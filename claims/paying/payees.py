"""Who gets the money of a claim: the patient, a guardian or the head of the household, an heir, or
the institution that paid in advance. Never another household without being said so.

The account is proposed from the household where the patient is registered now. Who has moved out
of the household that took the cover is asked: the account of either family may be the wrong one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.readable import readable
from claims.models import Settlement, Visit
from claims.paying.columns import Paid
from enrollment.models import Person
from funds.payments.models import account_index, is_exchanged
from funds.payments.services import Payee, checked_payee
from lib import typed_text
from lib.periods import age_on

Relation = Settlement.Relation
ADULT = 18  # 民法典 第十七条
MIN_DOCUMENT = 4  # characters that name a paper: 公证书3号


@dataclass(frozen=True, kw_only=True)
class PayeeEntry:
    """A payee as somebody typed it. `name` and `document` are asked of guardians and heirs; who
    the patient and the head are, the register knows."""

    relation: str
    account: str
    bank: str = ""
    name: str = ""
    document: str = ""


def _columns(payee: Payee, relation: str, person: Person | None, document: str) -> dict[str, Any]:
    return {
        "payee_name": payee.name,
        "payee_relation": relation,
        "payee_person": person,
        "payee_bank": payee.bank,
        "payee_account": payee.account,
        "payee_account_index": account_index(payee.account),
        "payee_document": document,
    }


def nobody() -> dict[str, Any]:
    """No payee yet: it has to be asked for."""
    return _columns(Payee(name=""), "", None, "")


def first_payee(visit: Visit, pay_to: str) -> dict[str, Any]:
    """The columns of a new settlement: the institution, or what the household's account says.

    `visit.household` is the one that took the cover. Nobody where it has to be asked.
    """
    if pay_to == Settlement.PayTo.INSTITUTION:
        return _columns(Payee(name=visit.institution_name), Relation.INSTITUTION, None, "")
    if visit.person.household_id != visit.household_id:
        return nobody()
    return household_payee(visit.person, visit.starts)


def household_payee(person: Person, on: date) -> dict[str, Any]:
    """Whom the household's account belongs to, if he may be paid for the patient."""
    home = person.household
    if not home.bank_account:
        return nobody()
    holder = typed_text.name(home.bank_account_name)
    head = _head(person)
    payee = Payee(name=holder, account=home.bank_account)
    if holder == typed_text.name(person.name):
        return _columns(payee, Relation.SELF, person, "") if not person.death_date else nobody()
    if head is not None and holder in {"", typed_text.name(head.name)}:
        named = Payee(name=head.name, account=home.bank_account)
        relation = Relation.SELF if head.pk == person.pk else Relation.HEAD
        return _columns(named, relation, head, "")
    other = _member(person, holder)
    if other is not None and _is_minor(person, on):
        return _columns(payee, Relation.GUARDIAN, other, "")
    return nobody()


def payee_of(settlement: Settlement) -> dict[str, Any]:
    """The payee that the settlement has, as columns of another one of the same visit."""
    names = ("payee_name", "payee_relation", "payee_person_id", "payee_bank", "payee_account",
             "payee_account_index", "payee_document", "payee_by_id", "payee_at")  # fmt: skip
    return {name: getattr(settlement, name) for name in names}


def insured_payee(settlement: Settlement) -> dict[str, Any]:
    """Who gets what is owed to the insured on a paid settlement: who got the rest, or, where that
    was the institution, whom the household's account belongs to. Nobody where it has to be asked.
    """
    if settlement.pay_to == Settlement.PayTo.HOUSEHOLD and settlement.payee_account:
        # As it was approved: whoever had named it has had his hand in that.
        hands = ("payee_by_id", "payee_at")
        return {key: one for key, one in payee_of(settlement).items() if key not in hands}
    return first_payee(settlement.visit, Settlement.PayTo.HOUSEHOLD)


def named_payee(settlement: Settlement, entry: PayeeEntry) -> dict[str, Any]:
    """The columns of a payee that somebody named. Raises Refusal that names the input."""
    if settlement.pay_to != Settlement.PayTo.HOUSEHOLD:
        raise Refusal(f"这张结算单付给{settlement.get_pay_to_display()}，不能改付个人", "relation")
    return named_insured(settlement, entry)


def named_insured(settlement: Settlement, entry: PayeeEntry) -> dict[str, Any]:
    """The same of what is the insured's, whoever the settlement was paid to."""
    patient = settlement.visit.person
    if not entry.account.strip():
        raise Refusal("请填写收款账号", "account")
    document = readable(entry.document, "依据材料", "document")
    name, person = _who(patient, entry, settlement.visit.starts, document)
    payee = checked_payee(name, entry.account, entry.bank)
    return _columns(payee, entry.relation, person, document[:100])


def _who(patient: Person, entry: PayeeEntry, on: date, document: str) -> tuple[str, Person | None]:
    """Name and, where the register knows, record of the payee."""
    if entry.relation == Relation.SELF:
        if patient.death_date:
            raise Refusal(f"患者登记于 {patient.death_date} 死亡，请选“继承人”", "relation")
        return patient.name, patient
    if entry.relation == Relation.HEAD:
        head = _head(patient)
        if head is None:
            raise Refusal(f"{patient.name}现在的家庭没有户主，请另选收款人", "relation")
        return head.name, head
    name = typed_text.name(readable(entry.name, "收款人", "payee"))
    if not name:
        raise Refusal("请填写收款人姓名", "payee")
    if entry.relation == Relation.HEIR:
        if not patient.death_date:
            raise Refusal("没有登记患者死亡，不能付给继承人；请先在家庭页登记死亡", "relation")
        _ask_document(document, "继承依据材料，如“公证书〔2026〕3号”")
        return name, _member(patient, name)
    if entry.relation == Relation.GUARDIAN:
        member = _member(patient, name)
        if member is None or not _is_minor(patient, on):
            _ask_document(document, "监护依据材料，如“村委会指定监护证明”")
        return name, member
    raise Refusal("请选择收款人与患者的关系", "relation")


def _ask_document(document: str, asks: str) -> None:
    if len(document) < MIN_DOCUMENT:
        raise Refusal(f"请写明{asks}", "document")


def _head(person: Person) -> Person | None:
    return (
        Person.objects.present()
        .filter(household=person.household_id, relationship=Person.Relationship.HEAD)
        .first()
    )


def _member(person: Person, name: str) -> Person | None:
    """Somebody else of the patient's household of that name, if there is only one."""
    found = [
        one
        for one in Person.objects.present().filter(household=person.household_id)
        if one.pk != person.pk and typed_text.name(one.name) == name
    ]
    return found[0] if len(found) == 1 else None


def _is_minor(person: Person, on: date) -> bool:
    return age_on(person.birth_date, on) < ADULT


def payee_problem(settlement: Settlement) -> str:
    """Why the claim cannot be reviewed as a payment; "" when it says whom and where."""
    if not settlement.payable_amount or settlement.pay_to != Settlement.PayTo.HOUSEHOLD:
        return ""
    if not settlement.payee_account:
        return (
            f"结算单 {settlement.number} 还没有收款人和账号（参保人已迁到另一户，或家庭没有登记银行"
            "账号），请录入人在结算单上“改收款人”后再初审"
        )
    if is_exchanged(settlement.payee_account, settlement.payee_account_index):
        return f"结算单 {settlement.number} 的收款账号与登记时不符，请报审计人员核查"
    return ""


def death_problem(row: Paid, called: str, on: date) -> str:
    """Why the payee, who is known to have died, may not be paid on that day; "" when nobody did."""
    payee = row.payee_person
    if payee is None or payee.death_date is None or payee.death_date > on:
        return ""
    to_heirs = "凭继承材料“改收款人”为继承人"
    if row.payee_relation in (Relation.HEAD, Relation.GUARDIAN):
        # They were paid for somebody else, from whom nobody inherits while he lives.
        to_heirs = f"“改收款人”为患者本人或监护人；患者也已死亡的，{to_heirs}"
    return f"{called}的收款人登记于 {payee.death_date} 死亡，请录入人{to_heirs}，再由他人审核、复核"
