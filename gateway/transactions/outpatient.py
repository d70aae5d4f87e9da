"""门诊: registered (2201), seen (2203), billed (2204), tried (2206), settled (2207), taken back."""

from accounts.errors import Refusal
from claims.entries import Registration, VisitFacts
from claims.models import BillLine, Settlement, Visit
from claims.services import withdraw
from claims.visits import services
from gateway.asked import Answer, Asked, Transaction
from gateway.identifiers import mdtrt_id, settlement_of
from gateway.local import care_of, day_of, extra_of, with_local
from gateway.prechecks.services import note_reason
from gateway.traces.services import free_codes
from gateway.transactions.amounts import reversed_, settled, tried
from gateway.transactions.bills import lines_told, warn_above_limit
from gateway.transactions.settling import (
    check_kind,
    check_open_batches,
    check_parts,
    check_total,
    check_traced,
    settle_reason,
    warn_alike,
)
from gateway.transactions.visits import (
    WITHDRAWN_HERE,
    check_card,
    check_insurance,
    check_same,
    facts_of,
    patient_of,
    take_bill,
    terms_on,
    withdraw_batch,
)

# What a registration is until 2203 says what it is for.
ORDINARY = "11"


def register(asked: Asked) -> Answer:
    """2201 门诊挂号."""
    row = asked.row()
    person = patient_of(asked, row, "data")
    starts = day_of(row, "begntime")
    terms = terms_on(asked, starts)
    extra = extra_of(asked, row)
    care = care_of(terms, ORDINARY, extra, node="data")
    facts = VisitFacts(care=care.code, starts=starts, ends=None, diagnosis="")
    entry = Registration(
        institution=asked.institution,
        person=person,
        visit=with_local(asked, facts, extra, person=person, terms=terms),
        admission_number=row["ipt_otp_no"],
        consent_signed=extra.get("consent_signed", False),
    )
    visit = services.register_visit(entry, actor=asked.actor, on=asked.on)
    asked.made["visit"] = visit
    told = {"mdtrt_id": mdtrt_id(visit), "psn_no": row["psn_no"], "ipt_otp_no": row["ipt_otp_no"]}
    return {"data": told}


def cancel(asked: Asked) -> Answer:
    """2202 门诊挂号撤销."""
    visit = asked.made["visit"] = check_same(asked, asked.row(), "data")
    visit, reason = _open_again(asked, visit), WITHDRAWN_HERE.format(asked.infno)
    services.cancel_registration(actor=asked.actor, visit=visit, reason=reason)
    return {}


def _open_again(asked: Asked, visit: Visit) -> Visit:
    """A settlement that was taken back (2208) leaves a visit closed; one without a bed has no
    discharge that the hospital could undo, and is seen or cancelled as if none had been."""
    if visit.status != Visit.Status.CLOSED or visit.bed:
        return visit
    reason = WITHDRAWN_HERE.format("2208")
    return services.undo_discharge(actor=asked.actor, visit=visit, reason=reason)


def see(asked: Asked) -> Answer:
    """2203 门诊就诊信息上传, 2203A of a pharmacy: what the visit is for, and the diagnoses."""
    row = asked.row("mdtrtinfo")
    visit = asked.made["visit"] = check_same(asked, row, "mdtrtinfo")
    visit = _open_again(asked, visit)
    facts, signed = facts_of(
        asked,
        row,
        node="mdtrtinfo",
        person=visit.person,
        known=services.facts_of(visit),
        diagnoses=asked.rows("diseinfo"),
        med_type=row["med_type"],
    )
    services.change_registration(
        actor=asked.actor,
        visit=visit,
        facts=facts,
        consent_signed=visit.consent_signed if signed is None else signed,
        admission_number=visit.admission_number,
        on=asked.on,
    )
    return {}


def bill(asked: Asked) -> Answer:
    """2204 门诊费用明细信息上传."""
    rows = asked.rows("feedetail")
    visit, lines = take_bill(asked, rows, rows[0]["chrg_bchno"])
    told = lines_told(visit, lines)
    warn_above_limit(asked, lines, told)
    return {"result": told}


def unbill(asked: Asked) -> Answer:
    """2205 门诊费用明细信息撤销."""
    withdraw_batch(asked)
    return {}


def _open_bill(asked: Asked) -> tuple[Visit, list[BillLine]]:
    row = asked.row()
    visit = asked.made["visit"] = check_same(asked, row, "data")
    check_insurance(row, "data")
    check_card(asked, visit.person, row, "data")
    lines = check_open_batches(visit, row["chrg_bchno"])
    check_kind(row, visit, terms_on(asked, visit.starts))
    check_total(row, lines)
    return visit, lines


def pre_settle(asked: Asked) -> Answer:
    """2206 门诊预结算."""
    visit, _ = _open_bill(asked)
    preview = services.pre_settle(actor=asked.actor, visit=visit, on=asked.on)
    warn_alike(asked, preview)
    return tried(asked, preview)


def settle(asked: Asked) -> Answer:
    """2207 门诊结算."""
    visit, lines = _open_bill(asked)
    check_traced(visit, lines, asked.on)
    settlement = services.settle(
        actor=asked.actor, visit=visit, on=asked.on, alike_reason=settle_reason(asked)
    )
    asked.made["settlement"] = settlement
    check_parts(asked.row(), settlement)
    note_reason(asked, visit)
    return settled(asked, settlement)


def unsettle(asked: Asked) -> Answer:
    """2208 门诊结算撤销."""
    row = asked.row()
    visit = asked.made["visit"] = check_same(asked, row, "data")
    settlement = settlement_of(asked, row["setl_id"], of=visit)
    return reversed_(asked, take_back(asked, settlement))


def what_stands(named: Settlement) -> Settlement | None:
    """Where another claim fell that came before, a settlement was made anew under a number that the
    hospital need not know; None where it was taken back."""
    settlement: Settlement | None = named
    while settlement is not None and settlement.status == Settlement.Status.WITHDRAWN:
        settlement = Settlement.objects.filter(recomputed_from__settlement=settlement).first()
    return settlement


def take_back(asked: Asked, named: Settlement) -> Settlement:
    """What stands of it, before anybody reviewed it; afterwards the county's officers do."""
    settlement = what_stands(named)
    if settlement is None:
        raise Refusal("这笔结算已经撤销，不用再撤", at=("data", "setl_id"))
    if settlement != named:
        asked.warn(
            f"结算 {named.number} 因前一笔变动已重新结算为 {settlement.number}，撤销的是后者"
        )
    asked.made["settlement"] = settlement
    reason = WITHDRAWN_HERE.format(asked.infno)
    withdraw(actor=asked.actor, settlement=settlement, reason=reason)
    free_codes(actor=asked.actor, visit=settlement.visit)
    return settlement


TRANSACTIONS = {
    "2201": Transaction(register, writes=True),
    "2202": Transaction(cancel, writes=True),
    "2203": Transaction(see, writes=True),
    "2203A": Transaction(see, writes=True),
    "2204": Transaction(bill, writes=True),
    "2205": Transaction(unbill, writes=True),
    "2206": Transaction(pre_settle),
    "2207": Transaction(settle, writes=True),
    "2208": Transaction(unsettle, writes=True),
}
