"""Every sum on a sheet can be followed with a pencil: worked out anew from its sentences alone."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.adjudication import adjudicate, settle
from lib.money import to_fen
from policies.loader import load_text
from tests.claims.adjudication.at_random import OneByOne, random_cases
from tests.claims.adjudication.pencil import work_out
from tests.claims.adjudication.stories import CASES, PACKS, case_of, listed, terms_of
from tests.claims.adjudication.test_random_packs import packs

SHIPPED = sorted(path.stem for path in PACKS.glob("*.yaml"))
INVENTED = sorted(
    str(path.relative_to(CASES / "packs").with_suffix("")) for path in CASES.glob("packs/**/*.yaml")
)


def follows(decision):
    """The sheet of ``decision`` leads to its amounts."""
    worked = work_out(decision.total, decision.steps)
    paid = [each for each in worked.layers if each]
    assert paid == [each for each in decision.layers.values() if each], decision.steps
    assert worked.fund == decision.fund_pay
    assert worked.institution == decision.hospital_part
    assert (worked.personal, worked.cash) == (decision.personal, decision.cash)


@pytest.mark.parametrize("pack", sorted({owner for owner, _ in listed("stories")}))
def test_every_story_can_be_followed(pack):
    terms = terms_of(pack)
    for story in (story for owner, story in listed("stories") if owner == pack):
        used, year = {}, None
        for entry in story["visits"]:
            case, stated = case_of(story["member"], entry, terms)
            this = terms.year.of(terms.year.day(case.visit.starts, case.visit.ends))
            used, year = (used if this == year else {}) | stated, this
            decision = settle(case, terms, used)
            used = decision.usage_after(used)
            follows(decision)


@pytest.mark.parametrize("pack", [*SHIPPED, *INVENTED])
def test_claims_at_random_can_be_followed(pack):
    terms = terms_of(pack)
    if not terms.benefits:
        pytest.skip("a pack of premiums only")
    cases = random_cases(terms, 150, seed=11, people=15, rare=0.3)
    names = [*cases.persons, *cases.households]
    purses = [each.name for each in terms.counters.values() if each.kind == "balance"]
    apart = OneByOne(terms, {name: dict.fromkeys(purses, 5_000) for name in names})
    for at in range(len(cases)):
        follows(apart.settle(cases, at))


@given(packs(), st.integers(0, 1_000))
@settings(max_examples=40, deadline=None)
def test_any_measures_can_be_followed(text, seed):
    terms = load_text(text, "随机.yaml")
    cases = random_cases(terms, 60, seed=seed, people=12, rare=0.4)
    start = {name: {"purse": 5_000} for name in cases.households}
    out = adjudicate(cases, terms, start, keep_steps=True)
    for at in range(len(cases)):
        follows(out.one(at))


@pytest.mark.parametrize("pack", ["mechanisms", "resident-2025"])
def test_the_pencil_notices_a_wrong_number(pack):
    """An amount of a payment or of what is left, one fen more than it is, does not pass."""
    terms = terms_of(pack)
    for story in (story for owner, story in listed("stories") if owner == pack):
        case, used = case_of(story["member"], story["visits"][0], terms)
        decision = settle(case, terms, used)
        for at, step in enumerate(decision.steps):
            if step.code not in {"deductible", "ratio", "layer_base", "cap", "cash"}:
                continue
            last = re.findall(r"\d+\.\d\d(?=元)", step.sentence)[-1]
            more = f"{(to_fen(last) + 1) // 100}.{(to_fen(last) + 1) % 100:02d}"
            head, _, tail = step.sentence.rpartition(last)
            wrong = list(decision.steps)
            wrong[at] = replace(step, sentence=head + more + tail)
            with pytest.raises(AssertionError):
                work_out(decision.total, wrong)
