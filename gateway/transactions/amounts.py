"""A settlement in the words of the interface (setlinfo, setldetail), and its reversal.

The identities of the interface hold in every answer: medfee_sumamt is the sum of its four parts;
fund_pay_sumamt that of the funds and of setldetail; psn_part_amt what neither fund nor hospital
bears; psn_cash_pay the rest of that after the accounts. Where a grant is paid whatever the cost
was, the patient's part is negative: so much the patient gets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from claims.computation import amounts_of
from claims.models import Settlement, SettlementFund, SettlementStep, Visit
from claims.services import Preview
from desk.kept import Kept, given
from gateway.asked import Answer, Asked, Row
from gateway.identifiers import mdtrt_id
from gateway.interface.reading import spec_of
from gateway.local import med_type_of
from gateway.people import who
from lib.money import to_yuan
from policies.services import terms_of
from policies.terms import FUND_PAY_TYPES, Terms

ZERO = Decimal("0.00")
SHARE = Decimal(10_000)  # Settlement.ratio counts ten-thousandths
MAX_TOLD = 4_000  # characters of setl_proc_info
# By which field a fund is told; the first beginning that fits. What fits none is oth_pay.
FIELDS = (("3901", "hifp_pay"), ("3902", "hifmi_pay"), ("3903", "hifmi_pay"), ("61", "maf_pay"))
FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay",
         "oth_pay")  # fmt: skip
SUMS = ("medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt",
        "act_pay_dedc", "crt_dedc", *FUNDS, "fund_pay_sumamt", "hosp_part_amt", "psn_part_amt",
        "acct_pay", "acct_mulaid_pay", "psn_cash_pay")  # fmt: skip
BY_ITEM = "1"  # 清算方式: 按项目
ID_CARD = "02"
REVERSAL = "R"  # behind the number of what it takes back


@dataclass(frozen=True)
class Paid:
    """What one layer pays (yuan), by its national code."""

    fund_pay_type: str
    amount: Decimal


def _field_of(code: str) -> str:
    return next((field for begin, field in FIELDS if code.startswith(begin)), "oth_pay")


def _amounts(columns: Mapping[str, Any], funds: Iterable[Paid]) -> dict[str, Decimal]:
    """The sums of a settlement, from its columns by their names."""
    found = dict.fromkeys(SUMS, ZERO)
    for one in funds:
        found[_field_of(one.fund_pay_type)] += one.amount
    total, fund, hospital = (
        columns[name] for name in ("total_amount", "fund_amount", "hospital_amount")
    )
    personal = total - fund - hospital
    held = columns["account_amount"] + columns["credit_amount"]
    return found | {
        "medfee_sumamt": total,
        "fulamt_ownpay_amt": columns["full_self_pay_amount"] + columns["borne_amount"],
        "overlmt_selfpay": columns["over_limit_amount"],
        "preselfpay_amt": columns["first_self_pay_amount"],
        "inscp_scp_amt": columns["in_scope_amount"],
        "act_pay_dedc": columns["deductible_amount"],
        "crt_dedc": columns["deductible_amount"],
        "fund_pay_sumamt": fund,
        "hosp_part_amt": hospital,
        "psn_part_amt": personal,
        "acct_pay": held,
        "psn_cash_pay": personal - held,
    }


def _details(funds: Sequence[Paid], in_scope: Decimal, told: str) -> list[dict[str, Any]]:
    """A row for each fund; how it came about stands with the first."""
    return [
        {
            "fund_pay_type": one.fund_pay_type,
            "inscp_scp_amt": in_scope,
            "fund_payamt": one.amount,
            "fund_pay_type_name": FUND_PAY_TYPES[one.fund_pay_type],
            "setl_proc_info": told if position == 0 else "",
        }
        for position, one in enumerate(funds)
    ]


def _at_least(funds: Sequence[Paid], terms: Terms) -> Sequence[Paid]:
    """Where no fund pays, the first of the measures with nothing: its row says why."""
    return funds or [Paid(terms.base_layer.payer.fund_pay_type, ZERO)]


def _told(steps: Iterable[Any]) -> str:
    """The way to the amount as the sheet reads it, article by article."""
    text = "\n".join(_sentence(step) for step in steps if step.sentence)
    return text if len(text) <= MAX_TOLD else f"{text[: MAX_TOLD - 1]}…"


def _sentence(step: Any) -> str:
    """With its article, where the sentence does not say it."""
    said = not step.article or step.article in step.sentence
    return step.sentence if said else f"{step.sentence}（{step.article}）"


def _about(asked: Asked, visit: Visit, terms: Terms, at: datetime) -> dict[str, Any]:
    own = asked.made.get("visit")
    # The message's own visit has the person with household and division at hand.
    person = own.person if own is not None and own.pk == visit.pk else visit.person
    return who(person, visit.starts) | {
        "mdtrt_id": mdtrt_id(visit),
        "setl_time": at,
        "medins_setl_id": asked.msgid,
        "mdtrt_cert_type": asked.row().get("mdtrt_cert_type") or ID_CARD,
        "mdtrt_cert_no": asked.row().get("mdtrt_cert_no") or person.resident_id,
        "insu_admdvs": visit.division.county_code,
        "med_type": med_type_of(terms, visit.care),
        "clr_optins": visit.division.county_code,
        "clr_way": BY_ITEM,
        "clr_type": clr_type(visit),
    }


def clr_type(visit: Visit) -> str:
    """清算类别: 21 of a bed, 41 of a pharmacy, else 11."""
    if visit.bed:
        return "21"
    return "41" if visit.level == "pharmacy" else "11"


def tried(asked: Asked, preview: Preview) -> Answer:
    """What a bill would come to (预结算); it has no number."""
    decision, terms = preview.decision, preview.measures.terms
    funds = [
        Paid(terms.payer_of(layer, decision.benefit).fund_pay_type, to_yuan(amount))
        for layer, amount in decision.layers.items()
        if amount
    ]
    columns = amounts_of(decision)
    amounts = _amounts(columns, funds)
    head = _about(asked, preview.visit, terms, asked.at) | {
        "pool_prop_selfpay": Decimal(decision.ratio) / SHARE
    }
    shown = _at_least(funds, terms)
    details = _details(shown, columns["in_scope_amount"], _told(decision.steps))
    return fitting(asked, head | amounts, details)


def settled(asked: Asked, settlement: Settlement) -> Answer:
    """A settlement that was made, with what each fund pays and why."""
    return fitting(asked, *setlinfo(asked, settlement))


def setlinfo(asked: Asked, settlement: Settlement) -> tuple[dict[str, Any], list[Row]]:
    """All that is known of it, whatever the table of the transaction has: setlinfo, setldetail."""
    funds = _at_least(_paid(settlement), terms_of(settlement.pack))
    steps = STEPS(settlement=settlement.pk)
    return _written(asked, settlement, funds, _told(steps), sign=1)


def reversed_(asked: Asked, settlement: Settlement) -> Answer:
    """The same taken back: a number of its own, every amount below zero."""
    funds = _paid(settlement)
    return fitting(asked, *_written(asked, settlement, funds, "", sign=-1))


PAID = Kept(lambda: SettlementFund.objects.filter(settlement_id=given("settlement")).order_by("pk"))
STEPS = Kept(
    lambda: SettlementStep.objects.filter(settlement_id=given("settlement")).order_by("position")
)


def _paid(settlement: Settlement) -> list[Paid]:
    rows = PAID(settlement=settlement.pk)
    return [Paid(one.fund_pay_type, one.amount) for one in rows]


def _written(
    asked: Asked, settlement: Settlement, funds: Sequence[Paid], told: str, *, sign: int
) -> tuple[dict[str, Any], list[Row]]:
    visit = settlement.visit
    columns = {field.name: getattr(settlement, field.name) for field in settlement._meta.fields}
    amounts = _amounts(columns, funds)
    at = settlement.submitted_at if sign > 0 else asked.at
    head = _about(asked, visit, terms_of(settlement.pack), timezone.localtime(at)) | {
        "setl_id": settlement.number if sign > 0 else f"{settlement.number}{REVERSAL}",
        "pool_prop_selfpay": Decimal(settlement.ratio) / SHARE,
    }
    details: list[Row] = [
        row | {name: sign * row[name] for name in ("inscp_scp_amt", "fund_payamt")}
        for row in _details(funds, settlement.in_scope_amount, told)
    ]
    signed = {name: sign * amount for name, amount in amounts.items()}
    return head | signed, details


def fitting(asked: Asked, head: Row, details: Sequence[Row]) -> Answer:
    """Of what is known, the fields that the table of this transaction has."""
    spec = spec_of(asked.infno)
    assert spec is not None
    known = spec.answers["setlinfo"].fields
    setlinfo = {name: value for name, value in head.items() if name in known}
    return {"setlinfo": setlinfo, "setldetail": details}
