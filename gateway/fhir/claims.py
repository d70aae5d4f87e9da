"""Claim, ClaimResponse and ExplanationOfBenefit: three views of one settlement."""

from collections.abc import Mapping

from claims.models import BillLine, Settlement, Visit
from gateway.fhir import decided, names
from gateway.fhir.covers import payor
from gateway.fhir.parts import (
    Json,
    coding,
    concept,
    day,
    filled,
    hl7,
    identifier,
    money,
    period,
    reference,
    resource,
)
from gateway.fhir.places import provider
from gateway.identifiers import mdtrt_id, psn_no
from policies.services import terms_of

CLAIM, RESPONSE, BENEFIT = "Claim", "ClaimResponse", "ExplanationOfBenefit"
USE = "claim"
STATUSES: Mapping[str, str] = {
    status: {"draft": "draft", "withdrawn": "cancelled"}.get(status, "active")
    for status in Settlement.Status.values
}
_UNDECIDED = (Settlement.Status.DRAFT, Settlement.Status.SUBMITTED, Settlement.Status.REVIEWED)
OUTCOMES: Mapping[str, str] = {
    status: "queued" if status in _UNDECIDED else "complete" for status in Settlement.Status.values
}
PAYEES = {
    Settlement.PayTo.INSTITUTION: "provider",
    Settlement.PayTo.HOUSEHOLD: "subscriber",
}


def claim(settlement: Settlement) -> Json:
    """What was handed in: visit, diagnosis, bill."""
    visit = settlement.visit
    return resource(
        CLAIM,
        settlement.number,
        filled(
            **_head(settlement),
            provider=provider(visit.institution, visit.institution_name),
            priority=concept(hl7("processpriority", "normal")),
            payee=_payee(settlement),
            diagnosis=_diagnosis(visit),
            insurance=[{"sequence": 1, "focal": True, "coverage": _cover(settlement)}],
            billablePeriod=period(visit.starts, settlement.charged_to or visit.ends),
            item=[_item(line) for line in _lines(settlement)],
            total=money(settlement.total_amount),
        ),
    )


def claim_response(settlement: Settlement) -> Json:
    """What was decided of it: amounts, what each layer pays, what was cut."""
    return resource(
        RESPONSE,
        settlement.number,
        filled(
            **_head(settlement),
            request=reference(CLAIM, settlement.number),
            outcome=OUTCOMES[settlement.status],
            disposition=_disposition(settlement),
            payeeType=_payee(settlement)["type"],
            item=[
                {"itemSequence": line.line_number, "adjudication": decided.of_line(line)}
                for line in _lines(settlement)
            ],
            adjudication=decided.layers(settlement),
            total=decided.totals(settlement),
            payment=decided.payment(settlement),
            insurance=[{"sequence": 1, "focal": True, "coverage": _cover(settlement)}],
        ),
    )


def explanation_of_benefit(settlement: Settlement) -> Json:
    """All of it for who wants to understand it: each layer and each step with its article."""
    visit = settlement.visit
    return resource(
        BENEFIT,
        settlement.number,
        filled(
            **_head(settlement),
            provider=provider(visit.institution, visit.institution_name),
            claim=reference(CLAIM, settlement.number),
            claimResponse=reference(RESPONSE, settlement.number),
            outcome=OUTCOMES[settlement.status],
            disposition=_disposition(settlement),
            payee=_payee(settlement),
            diagnosis=_diagnosis(visit),
            insurance=[{"focal": True, "coverage": _cover(settlement)}],
            billablePeriod=period(visit.starts, settlement.charged_to or visit.ends),
            item=[
                _item(line) | {"adjudication": decided.of_line(line)} for line in _lines(settlement)
            ],
            adjudication=decided.layers(settlement) + decided.steps(settlement),
            total=decided.totals(settlement),
            payment=decided.payment(settlement),
        ),
    )


def _head(settlement: Settlement) -> Json:
    """What all three begin with."""
    visit = settlement.visit
    terms = terms_of(settlement.pack)
    care = terms.cares.get(visit.care)
    return {
        "identifier": [
            identifier(names.system("setl-id"), settlement.number, "official"),
            identifier(names.system("mdtrt-id"), mdtrt_id(visit), "secondary"),
        ],
        "status": STATUSES[settlement.status],
        "type": concept(hl7("claim-type", "institutional" if visit.bed else "professional")),
        "subType": concept(
            coding(names.codes("care"), visit.care, care.name if care else ""),
        ),
        "use": USE,
        "patient": reference("Patient", psn_no(visit.person)),
        "created": day(settlement.settled_on),
        "insurer": payor(settlement.division.county_code, terms.scheme),
    }


def _cover(settlement: Settlement) -> Json:
    county = settlement.division.county_code
    number = names.coverage_id(county, settlement.visit.enrollment_id)
    return reference("Coverage", number)


def _lines(settlement: Settlement) -> list[BillLine]:
    """Those of its part (`Settlement.bill_lines`), of what was read with the visit."""
    lines = settlement.visit.lines.all()
    return [line for line in lines if line.part == settlement.part]


def _payee(settlement: Settlement) -> Json:
    """Whose account it is goes to nobody here."""
    return {"type": concept(hl7("payeetype", PAYEES[Settlement.PayTo(settlement.pay_to)]))}


def _diagnosis(visit: Visit) -> list[Json]:
    said = concept(coding(names.ICD_10, visit.diagnosis_code), text=visit.diagnosis)
    return [{"sequence": 1, "diagnosisCodeableConcept": said}] if said else []


def _disposition(settlement: Settlement) -> str:
    status = str(Settlement.Status(settlement.status).label)
    return f"{status}：{settlement.refusal}" if settlement.refusal else status


def _item(line: BillLine) -> Json:
    return filled(
        sequence=line.line_number,
        category=concept(coding(names.codes("fee-category"), line.category)),
        productOrService=concept(
            coding(names.codes("catalogue"), line.item_code, line.item_name),
            text=line.item_name,
        ),
        servicedDate=day(line.charged_on),
        quantity={"value": line.quantity},
        unitPrice=money(line.unit_price),
        net=money(line.amount),
    )
