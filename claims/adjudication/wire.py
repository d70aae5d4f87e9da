"""Claims and decisions as plain JSON values: amounts are yuan strings with two decimals.

What is read is checked field by field; an unknown field is refused by name, because a
misspelt one would silently change what is paid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from claims.adjudication.billing import BillItem, bill_from_lines, merge_observation
from claims.adjudication.cases import Bill, Case, Decision, Member, Visit
from claims.adjudication.columns import CaseError, subject_of
from claims.adjudication.lookup import BASIS
from lib.json_lines import AMOUNT, Fields
from lib.money import half_up, to_yuan
from policies.terms import Subject, Terms
from policies.terms.pack import HOSPITAL

QUANTITY = re.compile(r"[0-9]{1,7}(\.[0-9]{1,4})?")
PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?%")

MEMBER_FIELDS = (
    "person", "household", "birth_date", "sex", "tier", "residence", "statuses",
    "consecutive_years", "claim_free_years", "cover_from", "cover_to",
)  # fmt: skip
VISIT_FIELDS = (
    "key", "care", "level", "place", "referral", "starts", "ends", "diseases", "procedures",
    "facts", "reasons", "babies", "prior_deductible", "hospital", "answerable", "deductible_level",
)  # fmt: skip
# Who bears what a reviewer cut.
CUTS = ("institution", "patient")
LINE_FIELDS = (
    "class", "amount", "quantity", "unit_price", "limit", "first_self_pay", "origin",
)  # fmt: skip


def read_case(value: object, terms: Terms) -> tuple[Case, dict[str, int]]:
    """(case, usage to date by counter key) from one JSON object.  Raises ``CaseError``."""
    if not isinstance(value, Mapping):
        raise CaseError("case", "每一行应当是一个 JSON 对象")
    top = Fields(value, "")
    top.only(("member", "visit", "bill", "observation", "used"))
    member, visit = _member(top.object("member")), _visit(top.object("visit"))
    subject = subject_of(member, visit, terms)
    case = Case(member=member, visit=visit, bill=_bill(top.object("bill"), terms, subject))
    if "observation" in value:
        watch = top.object("observation")
        watch.only(("ended", "bill"))
        observed = _bill(watch.object("bill"), terms, subject)
        case = merge_observation(case, observed, watch.day("ended"), terms)
    used = _used(top.object("used"), terms) if "used" in value else {}
    return case, used


def _member(fields: Fields) -> Member:
    fields.only(MEMBER_FIELDS)
    person = fields.text("person")
    return Member(
        person=person,
        household=fields.text("household", person),
        birth_date=fields.day("birth_date"),
        sex=fields.text("sex", ""),
        tier=fields.text("tier", ""),
        residence=fields.text("residence", ""),
        statuses=fields.codes("statuses"),
        consecutive_years=fields.whole("consecutive_years", 1),
        claim_free_years=fields.whole("claim_free_years", 0),
        cover_from=fields.optional_day("cover_from"),
        cover_to=fields.optional_day("cover_to"),
    )


def _visit(fields: Fields) -> Visit:
    fields.only(VISIT_FIELDS)
    starts = fields.day("starts")
    return Visit(
        key=fields.text("key"),
        care=fields.text("care"),
        level=fields.text("level"),
        place=fields.text("place", "local"),
        referral=fields.text("referral", "none"),
        starts=starts,
        ends=fields.optional_day("ends") or starts,
        diseases=fields.codes("diseases"),
        procedures=fields.codes("procedures"),
        facts=fields.codes("facts"),
        reasons=fields.codes("reasons"),
        babies=fields.whole("babies", 1),
        prior_deductible=fields.fen("prior_deductible", "0.00"),
        hospital=fields.text("hospital", ""),
        answerable=fields.yes("answerable", True),
        deductible_level=fields.text("deductible_level", ""),
    )


def _bill(fields: Fields, terms: Terms, subject: Subject) -> Bill:
    fields.only(("classes", "lines", "cut"))
    bill = _billed(fields, terms, subject)
    if "cut" in fields.values:
        cut = fields.object("cut")
        cut.only(CUTS)
        shares = [cut.fen(name, "0.00") for name in CUTS]
        bill = replace(bill, cut_institution=shares[0], cut_patient=shares[1])
    return bill


def _billed(fields: Fields, terms: Terms, subject: Subject) -> Bill:
    if ("classes" in fields.values) == ("lines" in fields.values):
        raise CaseError(fields.path, "费用要写且只写一种：classes（按类合计）或 lines（逐行）")
    if "classes" in fields.values:
        return _by_class(fields.object("classes"))
    lines = fields.values["lines"]
    if not isinstance(lines, list) or not all(isinstance(each, Mapping) for each in lines):
        raise CaseError(fields.name("lines"), "lines 应当是一列费用行")
    items = [
        _line(Fields(each, f"{fields.path}.lines[{number}]"))
        for number, each in enumerate(lines, start=1)
    ]
    return bill_from_lines(items, terms, subject)


def _by_class(sums: Fields) -> Bill:
    """A class is an amount, or an amount with what the bill shows of it as paid first."""
    amounts, own, self_pay = {}, {}, {}
    for code, value in sums.values.items():
        if isinstance(value, Mapping):
            told = sums.object(code)
            told.only(("amount", "first_self_pay"))
            own[code] = amounts[code] = told.fen("amount")
            self_pay[code] = told.fen("first_self_pay")
        else:
            amounts[code] = sums.fen(code)
    return Bill(amounts=amounts, own_amount=own, own_self_pay=self_pay)


def _line(fields: Fields) -> BillItem:
    fields.only(LINE_FIELDS)
    share = fields.values.get("first_self_pay")
    shown = share is not None and AMOUNT.fullmatch(str(share)) is not None
    units = _units(fields) if "quantity" in fields.values else BASIS
    priced = "unit_price" in fields.values
    if "amount" in fields.values:
        amount = fields.fen("amount")
    elif priced and "quantity" in fields.values:
        amount = half_up(fields.fen("unit_price") * units, BASIS)
    else:
        raise CaseError(fields.name("amount"), "费用行要写 amount，或 quantity 和 unit_price")
    return BillItem(
        bill_class=fields.text("class"),
        amount=amount,
        unit_price=fields.fen("unit_price") if priced else None,
        units=units,
        origin=fields.text("origin", ""),
        limit=fields.fen("limit") if fields.values.get("limit") is not None else None,
        first_self_pay=None if share is None or shown else _percent(fields, str(share)),
        self_pay=fields.fen("first_self_pay") if shown else None,
    )


def _units(fields: Fields) -> int:
    """The quantity in 1/10000 of a unit."""
    text = fields.text("quantity")
    if not QUANTITY.fullmatch(text):
        raise CaseError(
            fields.name("quantity"), f'“{fields.name("quantity")}”应当是数量，例如 "2" 或 "0.5"'
        )
    whole, _, decimals = text.partition(".")
    return int(whole) * BASIS + int(decimals.ljust(4, "0"))


def _percent(fields: Fields, text: str) -> int:
    match = PERCENT.fullmatch(text)
    if not match:
        key = fields.name("first_self_pay")
        raise CaseError(key, f'“{key}”应当是百分数，例如 "10%"，或票据所列的金额，例如 "12.50"')
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def _used(fields: Fields, terms: Terms) -> dict[str, int]:
    used = {}
    for key in fields.values:
        counter = terms.counters.get(key.partition("@")[0])
        if counter is None:
            known = "、".join(terms.counters)
            raise CaseError(fields.name(key), f"办法没有声明计数“{key}”，可用：{known}")
        codes = list(terms.vocabulary.get(counter.by, ()))
        if not counter.fits(key, codes):
            code = "h1" if counter.by == HOSPITAL else (codes or [""])[0]
            example = counter.key(terms.valid_from, code)
            raise CaseError(fields.name(key), f"计数“{key}”写法不对，写成 {example} 的样子")
        used[key] = fields.fen(key) if counter.unit == "fen" else fields.whole(key, 0)
    return used


# -- cases out ---------------------------------------------------------------------------------


def write_case(
    case: Case,
    items: Sequence[BillItem],
    used: Mapping[str, int],
    terms: Terms,
) -> dict[str, Any]:
    """The case as JSON values that ``read_case`` reads back, without who it is.

    ``items``: the lines that its bill was made of; ``used``: usage to date by counter key.
    """
    member, visit = case.member, case.visit
    return {
        "member": {
            "person": "1",
            "birth_date": member.birth_date.isoformat(),
            "sex": member.sex,
            "tier": member.tier,
            "residence": member.residence,
            "statuses": sorted(member.statuses),
            "consecutive_years": member.consecutive_years,
            "claim_free_years": member.claim_free_years,
        }
        | _days(cover_from=member.cover_from, cover_to=member.cover_to),
        "visit": {
            "key": "1",
            "care": visit.care,
            "level": visit.level,
            "place": visit.place,
            "referral": visit.referral,
            "diseases": sorted(visit.diseases),
            "procedures": sorted(visit.procedures),
            "facts": sorted(visit.facts),
            "reasons": sorted(visit.reasons),
            "babies": visit.babies,
            "prior_deductible": _yuan(visit.prior_deductible),
            "hospital": visit.hospital,
            "answerable": visit.answerable,
        }
        | _days(starts=visit.starts, ends=visit.ends)
        | ({"deductible_level": visit.deductible_level} if visit.deductible_level else {}),
        "bill": {
            "lines": [_written_line(item) for item in items],
            "cut": {name: _yuan(getattr(case.bill, f"cut_{name}")) for name in CUTS},
        },
        "used": {key: _counted(key, value, terms) for key, value in sorted(used.items()) if value},
    }


def _days(**days: date | None) -> dict[str, str]:
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _written_line(item: BillItem) -> dict[str, str]:
    written = {
        "class": item.bill_class,
        "amount": _yuan(item.amount),
        "quantity": f"{item.units // BASIS}.{item.units % BASIS:04d}",
    }
    if item.unit_price is not None:
        written["unit_price"] = _yuan(item.unit_price)
    if item.limit is not None:
        written["limit"] = _yuan(item.limit)
    if item.self_pay is not None:
        written["first_self_pay"] = _yuan(item.self_pay)
    elif item.first_self_pay is not None:
        share = item.first_self_pay
        written["first_self_pay"] = f"{share // 100}.{share % 100:02d}%"
    if item.origin:
        written["origin"] = item.origin
    return written


# -- decisions out -----------------------------------------------------------------------------


MONEY_FIELDS = (
    "total", "full_self_pay", "borne", "over_limit", "first_self_pay", "in_scope", "deductible",
    "fund_pay", "hospital_part", "beyond", "personal", "account", "credit", "cash",
)  # fmt: skip


def write_decision(decision: Decision, used: Mapping[str, int], terms: Terms) -> dict[str, Any]:
    """One decision as JSON values; ``used`` is the usage to date before it."""
    refusal = decision.refusal
    written: dict[str, Any] = {"key": decision.key, "benefit": decision.benefit}
    written["refusal"] = refusal and {
        "code": refusal.code,
        "article": refusal.article,
        "sentence": refusal.sentence,
    }
    written |= {name: _yuan(getattr(decision, name)) for name in MONEY_FIELDS}
    written["ratio"] = f"{decision.ratio // 100}.{decision.ratio % 100:02d}%"
    written["layers"] = {code: _yuan(amount) for code, amount in decision.layers.items()}
    after = decision.usage_after(used)
    written["used_after"] = {key: _counted(key, value, terms) for key, value in after.items()}
    written["steps"] = [
        {
            "code": step.code,
            "name": step.name,
            "article": step.article,
            "before": step.before if step.unit != "fen" else _yuan(step.before),
            "after": step.after if step.unit != "fen" else _yuan(step.after),
            "parameter": step.parameter,
            "sentence": step.sentence,
        }
        for step in decision.steps
    ]
    return written


def _yuan(fen: int) -> str:
    return str(to_yuan(fen))


def _counted(key: str, value: int, terms: Terms) -> str | int:
    return _yuan(value) if terms.counters[key.partition("@")[0]].unit == "fen" else value
