"""Money errors that other systems were seen to make, each with the right answer."""

from datetime import date

import pytest

from claims.adjudication import Bill, BillItem, Case, Member, Visit, bill_from_lines, settle
from claims.adjudication.columns import Cases
from claims.adjudication.lookup import Part
from claims.adjudication.wire import read_case
from policies.terms import Table
from tests.claims.adjudication.stories import case_of, listed, terms_of

DAZU = terms_of("dazu")
WANG = Member(person="王秀英", household="王家", birth_date=date(1970, 5, 1), tier="tier2")


def visit(**facts):
    given = {"key": "一", "care": "inpatient", "level": "county", "starts": date(2026, 3, 1)}
    given |= facts
    given.setdefault("ends", given["starts"])
    return Visit(**given)


def test_a_claim_below_the_deductible_pays_nothing_and_uses_it_up():
    dialysis = visit(care="special", diseases=frozenset({"dialysis"}))
    decision = settle(
        Case(member=WANG, visit=dialysis, bill=Bill(amounts={"in_scope": 12_000})), DAZU, {}
    )
    assert decision.fund_pay == 0
    (change,) = decision.changes
    assert (change.counter, change.owner, change.delta) == ("special_deductible", "person", 12_000)


def test_usage_is_exact_after_a_reversal():
    """Settled, reversed, settled again: the second settlement sees what the first one saw."""
    case = Case(member=WANG, visit=visit(), bill=Bill(amounts={"in_scope": 100_000}))
    used = {"annual_paid": 5_990_000}
    first = settle(case, DAZU, used)
    after = first.usage_after(used)
    for change in first.changes:
        after[change.counter] -= change.delta
    again = settle(case, DAZU, after)
    assert again.fund_pay == first.fund_pay == 10_000
    assert settle(case, DAZU, first.usage_after(used)).fund_pay == 0


def test_quantity_times_price_keeps_the_fen():
    written = {
        "member": {"person": "王秀英", "birth_date": "1970-05-01", "tier": "tier2"},
        "visit": {"key": "一", "care": "inpatient", "level": "township", "starts": "2026-03-01"},
        "bill": {"lines": [{"class": "in_scope", "quantity": "1", "unit_price": "10.99"}]},
    }
    case, _ = read_case(written, DAZU)
    assert case.bill.total == 1_099


@pytest.mark.parametrize(("quantity", "fen"), [("3", 3_297), ("0.5", 550), ("0.05", 55)])
def test_part_of_a_package_rounds_half_up(quantity, fen):
    line = {"class": "in_scope", "quantity": quantity, "unit_price": "10.99"}
    written = {
        "member": {"person": "王秀英", "birth_date": "1970-05-01", "tier": "tier2"},
        "visit": {"key": "一", "care": "inpatient", "level": "township", "starts": "2026-03-01"},
        "bill": {"lines": [line]},
    }
    assert read_case(written, DAZU)[0].bill.total == fen


def test_each_line_counts_once_and_parts_make_the_whole():
    items = [
        BillItem(bill_class="in_scope", amount=1_099, limit=1_000),
        BillItem(bill_class="in_scope", amount=33_333, first_self_pay=1_000),
        BillItem(bill_class="special_exam", amount=50_001),
        BillItem(bill_class="off_catalogue", amount=777, limit=100),
    ]
    bill = bill_from_lines(items, DAZU)
    stay = visit(facts=frozenset({"special_approved"}))
    decision = settle(Case(member=WANG, visit=stay, bill=bill), DAZU, {})
    assert decision.total == 1_099 + 33_333 + 50_001 + 777
    assert decision.over_limit == 99
    assert decision.first_self_pay == 3_333 + 25_001
    assert decision.full_self_pay == 777
    assert decision.in_scope == 1_000 + 30_000 + 25_000
    assert decision.fund_pay == (56_000 - 20_000) // 2


def tables_in(value):
    if isinstance(value, Table):
        yield value
    elif isinstance(value, dict):
        yield from tables_in(tuple(value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from tables_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from tables_in(getattr(value, name))


PACKS = sorted({pack for pack, _ in listed("stories")})


def settled(pack):
    """(case, decision) of every visit of the pack's stories, with what earlier visits used."""
    terms = terms_of(pack)
    for owner, story in listed("stories"):
        used = {}
        for entry in story["visits"] if owner == pack else ():
            case, stated = case_of(story["member"], entry, terms)
            decision = settle(case, terms, used | stated)
            used = decision.usage_after(used | stated)
            yield case, decision


@pytest.mark.parametrize("pack", PACKS)
def test_every_row_of_every_table_is_met_by_some_story(pack, monkeypatch):
    """A child's rule that never applies would show here as a row that no story meets."""
    terms, met, rows = terms_of(pack), set(), Part.rows

    def recorded(part, table):
        found = rows(part, table)
        met.update((table.name, table.rows[row].line) for row in found.tolist() if row >= 0)
        return found

    monkeypatch.setattr(Part, "rows", recorded)
    for case, _ in settled(pack):
        met |= rows_met(case, terms)
    rules = (terms.benefits, terms.layers, terms.bill)
    wanted = {(t.name, row.line) for t in tables_in(rules) for row in t.rows}
    assert sorted(wanted - met) == []


def rows_met(case, terms):
    part = Part(Cases.from_cases([case], terms), terms, slice(None), 1)
    fitting = [each for each in terms.benefits if part.matches(each.condition)[0]][:1]
    layers = [each for each in terms.layers if part.matches(each.condition)[0]] if fitting else []
    found = set()
    for table in tables_in((*fitting, *layers, terms.bill)):
        row = int(part.rows(table)[0])
        if row >= 0:
            found.add((table.name, table.rows[row].line))
    return found


@pytest.mark.parametrize("pack", PACKS)
def test_every_refusal_and_benefit_is_met_by_some_story(pack):
    terms, decisions = terms_of(pack), [decision for _, decision in settled(pack)]
    refused = {each.refusal.code for each in decisions if each.refusal}
    assert {rule.code for rule in terms.refusals} <= refused
    assert {benefit.code for benefit in terms.benefits} <= {each.benefit for each in decisions}
