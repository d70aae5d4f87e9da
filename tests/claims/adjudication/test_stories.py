"""Every money story of tests/cases, to the fen, one claim at a time as at the counter."""

from datetime import date

import pytest

from claims.adjudication import settle
from claims.adjudication.wire import write_decision
from enrollment.cover.premiums import Payer, assess
from lib.money import to_fen, to_yuan
from policies.fund_rules import share_overspend, split_surplus
from tests.claims.adjudication.stories import case_of, listed, sentences, terms_of


def _named(section):
    return [
        pytest.param(pack, entry, id=f"{pack}: {entry['name']}") for pack, entry in listed(section)
    ]


# Steps that add up what was told, and cite nothing of their own.
SUMS = {"in_scope", "class_bonus_most", "cash"}


@pytest.mark.parametrize(("pack", "story"), _named("stories"))
def test_story(pack, story):
    terms = terms_of(pack)
    assert story["article"] and story["by_hand"]
    used, year = {}, None
    for entry in story["visits"]:
        case, stated = case_of(story["member"], entry, terms)
        this = terms.year.of(terms.year.day(case.visit.starts, case.visit.ends))
        if this != year:
            used, year = {}, this
        used |= stated
        decision = settle(case, terms, used)
        written = write_decision(decision, used, terms)
        used = decision.usage_after(used)
        found = written | written["layers"]
        found["refusal"] = decision.refusal.code if decision.refusal else "none"
        wanted = {"refusal": "none"} | entry["expect"]
        assert {name: found[name] for name in wanted} == wanted, sentences(decision)
        for counter, value in entry.get("used_after", {}).items():
            assert str(written["used_after"][counter]) == value
        check_identities(decision)


def check_identities(decision):
    parts = decision.full_self_pay + decision.over_limit + decision.first_self_pay
    assert decision.total == parts + decision.in_scope
    assert decision.fund_pay == sum(decision.layers.values())
    paid = decision.fund_pay + decision.hospital_part
    assert decision.personal == decision.total - paid + decision.beyond
    assert decision.cash == decision.personal - decision.account - decision.credit
    amounts = [
        decision.beyond,
        decision.fund_pay,
        decision.hospital_part,
        decision.personal,
        decision.cash,
    ]
    assert min(*amounts, decision.account, decision.credit, *decision.layers.values()) >= 0
    assert all(step.sentence for step in decision.steps)
    uncited = [step.code for step in decision.steps if not step.article]
    assert uncited[-1] == "cash" and set(uncited) <= SUMS


@pytest.mark.parametrize(("pack", "entry"), _named("premiums"))
def test_premium(pack, entry):
    terms = terms_of(pack)
    payer = dict(entry["payer"])
    payer["statuses"] = frozenset(payer.get("statuses", ()))
    payer["birth_date"] = date.fromisoformat(payer["birth_date"])
    premium = assess(Payer(**payer), terms, year=int(entry["year"]))
    for name, amount in entry["expect"].items():
        assert str(to_yuan(getattr(premium, name))) == amount, sentences(premium)
    assert premium.standard == premium.personal + premium.subsidy - premium.credit
    assert sum(premium.shares.values()) == premium.subsidy
    assert premium.paid_by == entry.get("paid_by", premium.paid_by)
    for name in ("shares", "grants"):
        if name in entry:
            found = {code: str(to_yuan(fen)) for code, fen in getattr(premium, name).items()}
            assert found == entry[name]


@pytest.mark.parametrize(("pack", "entry"), _named("funds"))
def test_fund(pack, entry):
    terms = terms_of(pack)
    if "surplus" in entry:
        parts = split_surplus(terms, surplus=to_fen(entry["surplus"]))
    else:
        given = entry["overspend"]
        left = to_fen(given["reserve_left"]) if "reserve_left" in given else None
        parts = share_overspend(
            terms, pool=given["pool"], overspend=to_fen(given["amount"]), reserve_left=left
        )
    assert {code: str(to_yuan(fen)) for code, fen in parts.items()} == entry["expect"]
