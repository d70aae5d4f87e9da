"""How a settlement was decided, as adjudications: amounts, layers, steps with their article."""

from typing import Any

from claims.api import AMOUNTS
from claims.models import BillLine, Settlement, SettlementFund, SettlementStep
from gateway.fhir import names
from gateway.fhir.parts import Json, coding, concept, filled, hl7, money
from policies.services import terms_of
from policies.terms import Terms

# The portal's amounts for which the official example codes have a word too.
OFFICIAL = {
    "total_amount": "submitted",
    "in_scope_amount": "eligible",
    "deductible_amount": "deductible",
    "fund_amount": "benefit",
}
ARTICLE = "measures-article"


def article(
    told: Settlement, cited: str, *, sentence: str = "", before: Any = None, parameter: str = ""
) -> list[Json]:
    """Where the measures say so, as the extension `measures-article` (`definitions`)."""
    parts: list[Json] = [
        {"url": "measures", "valueString": str(told.pack)},
        {"url": "article", "valueString": cited},
        {"url": "sentence", "valueString": sentence},
        {"url": "parameter", "valueString": parameter},
    ]
    found = [part for part in parts if part["valueString"]]
    if before is not None:
        found.append({"url": "before", "valueMoney": money(before)})
    return [{"url": names.definition(ARTICLE), "extension": found}]


def totals(settlement: Settlement) -> list[Json]:
    """Every amount of the settlement under its own word."""
    found = []
    for name in AMOUNTS:
        called = str(Settlement._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        words = [coding(names.codes("settlement-amount"), name, called)]
        if name in OFFICIAL:
            words.append(hl7("adjudication", OFFICIAL[name]))
        found.append(
            {"category": concept(*words), "amount": money(getattr(settlement, name))},
        )
    return found


def layers(settlement: Settlement) -> list[Json]:
    """What each layer of the measures pays, by its article."""
    terms = terms_of(settlement.pack)
    return [_layer(settlement, fund, terms) for fund in settlement.funds.all()]


def _layer(settlement: Settlement, fund: SettlementFund, terms: Terms) -> Json:
    name = terms.layer_names.get(fund.layer, fund.layer)
    return {
        "extension": article(settlement, _cited(settlement, fund.layer, terms)),
        "category": concept(
            coding(names.codes("layer"), fund.layer, name),
            coding(names.codes("fund-pay-type"), fund.fund_pay_type),
            hl7("adjudication", "benefit"),
        ),
        "amount": money(fund.amount),
    }


def _cited(settlement: Settlement, layer: str, terms: Terms) -> str:
    """The article of an upper layer, of the base layer that of the benefit."""
    for one in terms.layers:
        if one.code == layer:
            return one.article
    benefits = {one.code: one for one in terms.benefits}
    benefit = benefits.get(settlement.benefit)
    return benefit.article if benefit else ""


def steps(settlement: Settlement) -> list[Json]:
    """Each step of the computation in its order: what it left, of what, and by which article."""
    return [_step(settlement, step) for step in settlement.steps.all()]


def _step(settlement: Settlement, step: SettlementStep) -> Json:
    told = article(
        settlement,
        step.article,
        sentence=step.sentence,
        before=step.before_amount,
        parameter=step.parameter,
    )
    return {
        "extension": told,
        "category": concept(coding(names.codes("settlement-step"), step.code, step.name)),
        "amount": money(step.after_amount),
    }


def of_line(line: BillLine) -> list[Json]:
    """What was billed, and what of it the review allows; a cut says why."""
    cut = concept(coding(names.codes("cut-reason"), line.cut_code), text=line.cut_reason)
    return [
        {
            "category": concept(hl7("adjudication", "submitted")),
            "amount": money(line.amount),
        },
        filled(
            category=concept(coding(names.codes("approved"), "approved", "审核认可金额")),
            reason=cut,
            amount=money(line.approved_amount),
        ),
    ]


def payment(settlement: Settlement) -> Json | None:
    """The money once it has left the fund."""
    if not settlement.is_paid:
        return None
    return filled(
        type=concept(hl7("ex-paymenttype", "complete")),
        date=settlement.paid_on and settlement.paid_on.isoformat(),
        amount=money(settlement.payable_amount),
    )
