"""住院: admitted (2401), billed (2301), tried (2303), discharged (2402), settled (2304), undone.

Where provinces tell the discharge with the settlement, 2304 comes before 2402; both are taken.
"""

from dataclasses import replace
from datetime import date

from accounts.errors import Refusal
from claims.entries import Registration, VisitFacts
from claims.models import BillLine, Settlement, Visit
from claims.visits import services
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.identifiers import mdtrt_id, settlement_of
from gateway.local import care_of, day_of, extra_of
from gateway.prechecks.services import note_reason
from gateway.transactions.amounts import reversed_, settled, tried
from gateway.transactions.bills import lines_told, warn_above_limit
from gateway.transactions.outpatient import take_back
from gateway.transactions.settling import (
    check_kind,
    check_parts,
    check_total,
    check_traced,
    lines_to_settle,
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
    withdraw_lines,
)

YES = "1"


def admit(asked: Asked) -> Answer:
    """2401 入院办理."""
    row = asked.row("mdtrtinfo")
    person = patient_of(asked, row, "mdtrtinfo")
    starts = day_of(row, "begntime")
    care = care_of(terms_on(asked, starts), row["med_type"], extra_of(asked, row), node="mdtrtinfo")
    known = VisitFacts(
        care=care.code,
        starts=starts,
        ends=None,
        diagnosis=row["dscg_maindiag_name"][:100],
        diagnosis_code=row["dscg_maindiag_code"],
    )
    facts, signed = facts_of(
        asked,
        row,
        node="mdtrtinfo",
        person=person,
        known=known,
        diagnoses=asked.rows("diseinfo"),
        med_type=row["med_type"],
    )
    entry = Registration(
        institution=asked.institution,
        person=person,
        visit=facts,
        admission_number=row["ipt_no"],
        consent_signed=bool(signed),
    )
    visit = services.register_visit(entry, actor=asked.actor, on=asked.on)
    asked.made["visit"] = visit
    return {"result": {"mdtrt_id": mdtrt_id(visit)}}


def change(asked: Asked) -> Answer:
    """2403 入院信息变更."""
    row = asked.row("adminfo")
    visit = asked.made["visit"] = check_same(asked, row, "adminfo")
    known = replace(services.facts_of(visit), starts=day_of(row, "begntime"))
    facts, signed = facts_of(
        asked,
        row,
        node="adminfo",
        person=visit.person,
        known=known,
        diagnoses=asked.rows("diseinfo"),
        med_type=row.get("med_type", ""),
    )
    services.change_registration(
        actor=asked.actor,
        visit=visit,
        facts=facts,
        consent_signed=visit.consent_signed if signed is None else signed,
        admission_number=row.get("ipt_no", visit.admission_number),
        on=asked.on,
    )
    return {}


def cancel(asked: Asked) -> Answer:
    """2404 入院撤销."""
    visit = asked.made["visit"] = check_same(asked, asked.row(), "data")
    reason = WITHDRAWN_HERE.format(asked.infno)
    services.cancel_registration(actor=asked.actor, visit=visit, reason=reason)
    return {}


def leave(asked: Asked) -> Answer:
    """2402 出院办理. After a settlement that told the discharge already, it changes nothing."""
    row = asked.row("dscginfo")
    visit = asked.made["visit"] = check_same(asked, row, "dscginfo")
    facts, _ = facts_of(
        asked,
        row,
        node="dscginfo",
        person=visit.person,
        known=replace(services.facts_of(visit), ends=day_of(row, "endtime")),
        diagnoses=asked.rows("diseinfo"),
        med_type="",
    )
    services.discharge(actor=asked.actor, visit=visit, facts=facts, on=asked.on)
    return {}


def undo_leave(asked: Asked) -> Answer:
    """2405 出院撤销."""
    visit = asked.made["visit"] = check_same(asked, asked.row(), "data")
    reason = WITHDRAWN_HERE.format(asked.infno)
    services.undo_discharge(actor=asked.actor, visit=visit, reason=reason)
    return {}


def bill(asked: Asked) -> Answer:
    """2301 住院费用明细上传."""
    visit, lines = take_bill(asked, asked.rows("feedetail"), "")
    told = lines_told(visit, lines)
    warn_above_limit(asked, lines, told)
    return {"result": told}


def unbill(asked: Asked) -> Answer:
    """2302 住院费用明细撤销: all that no settlement stands on, or the batches of some lines."""
    withdraw_lines(asked)
    return {}


def _to_settle(asked: Asked) -> tuple[Visit, list[BillLine], date | None]:
    """The visit, its open lines, and up to which day an interim settlement goes; None for one at
    the end."""
    row = asked.row()
    visit = asked.made["visit"] = check_same(asked, row, "data")
    check_insurance(row, "data")
    check_card(asked, visit.person, row, "data")
    interim = row.get("mid_setl_flag") == YES
    told = _told_end(row)
    to = told or asked.on if interim else None
    lines = lines_to_settle(visit)
    check_kind(row, visit, terms_on(asked, visit.starts))
    if to is not None:
        lines = [line for line in lines if line.charged_on is None or line.charged_on <= to]
    check_total(row, lines)
    return visit, lines, to


def _told_end(row: Row) -> date | None:
    return day_of(row, "dscgTime") if row.get("dscgTime") else None


def pre_settle(asked: Asked) -> Answer:
    """2303 住院预结算."""
    visit, _, to = _to_settle(asked)
    ends = None if to else _told_end(asked.row())
    preview = services.pre_settle(actor=asked.actor, visit=visit, on=asked.on, to=to, ends=ends)
    warn_alike(asked, preview)
    return tried(asked, preview)


def settle(asked: Asked) -> Answer:
    """2304 住院结算, also of a part of a long stay (mid_setl_flag)."""
    visit, lines, to = _to_settle(asked)
    check_traced(visit, lines, asked.on)
    settlement = _settled(asked, visit, to)
    asked.made["settlement"] = settlement
    check_parts(asked.row(), settlement)
    note_reason(asked, visit)
    return settled(asked, settlement)


def _settled(asked: Asked, visit: Visit, to: date | None) -> Settlement:
    if to is not None:
        return services.settle_interim(
            actor=asked.actor, visit=visit, to=to, on=asked.on, alike_reason=settle_reason(asked)
        )
    ends = _told_end(asked.row())
    facts = None
    if visit.status == Visit.Status.OPEN and visit.bed:
        if ends is None:
            raise Refusal(
                "病人还在住院：请先办理出院【2402】，或填写出院时间", at=("data", "dscgTime")
            )
        facts = replace(services.facts_of(visit), ends=ends)
    return services.settle(
        actor=asked.actor,
        visit=visit,
        on=asked.on,
        facts=facts,
        alike_reason=settle_reason(asked),
    )


def unsettle(asked: Asked) -> Answer:
    """2305 住院结算撤销."""
    row = asked.row()
    visit = asked.made["visit"] = check_same(asked, row, "data")
    settlement = settlement_of(asked, row["setl_id"], of=visit)
    return reversed_(asked, take_back(asked, settlement))


TRANSACTIONS = {
    "2301": Transaction(bill, writes=True),
    "2302": Transaction(unbill, writes=True),
    "2303": Transaction(pre_settle),
    "2304": Transaction(settle, writes=True),
    "2305": Transaction(unsettle, writes=True),
    "2401": Transaction(admit, writes=True),
    "2402": Transaction(leave, writes=True),
    "2403": Transaction(change, writes=True),
    "2404": Transaction(cancel, writes=True),
    "2405": Transaction(undo_leave, writes=True),
}
