"""What a sentence says of a patient is true of that patient, whatever the pack and the claim."""

import re

import pytest

from claims.adjudication.lookup import Part
from claims.adjudication.telling import row_words
from policies.terms import CATEGORIES, FLAGS
from tests.claims.adjudication.at_random import random_cases
from tests.claims.adjudication.stories import CASES, PACKS, terms_of

NAMES = sorted(p.stem for folder in (PACKS, CASES / "packs") for p in folder.glob("*.yaml"))


def tables_of(terms):
    for benefit in terms.benefits:
        scheme = benefit.scheme
        if scheme is None:
            continue
        yield from (segment.ratios for segment in scheme.ratio.segments)
        yield from (cap.limits for cap in scheme.caps)
        if scheme.deductible is not None:
            yield scheme.deductible.amounts
        if scheme.unreferred is not None:
            yield scheme.unreferred.values
    for rule in terms.bill.classes.values():
        if rule.shares is not None:
            yield rule.shares


def own_words(part, i):
    """Everything that may be said of claim ``i``: its categories, the flags that it has."""
    said, held_not = set(), set()
    vocabulary = part.terms.vocabulary
    for dimension in CATEGORIES:
        names = list(vocabulary.get(dimension, {}).values())
        at = int(part.category(dimension)[i])
        said |= {names[at]} if names and at >= 0 else set()
    for dimension in FLAGS:
        bits = int(part.flag(dimension)[i])
        for at, name in enumerate(vocabulary.get(dimension, {}).values()):
            (said if bits >> at & 1 else held_not).add(name)
    return said, held_not


@pytest.mark.parametrize("pack", NAMES)
def test_nothing_is_said_of_a_patient_that_is_not_so(pack):
    terms = terms_of(pack)
    if not terms.benefits:
        pytest.skip("a pack of premiums only")
    cases = random_cases(terms, 60, seed=5, people=20, rare=0.4)
    part = Part(cases, terms, slice(None), len(cases))
    for table in tables_of(terms):
        if {"visit", "visit_here", "total", "in_scope", "base"} & table.dimensions():
            continue  # known only on the way
        for i in range(len(cases)):
            said, held_not = own_words(part, i)
            words = row_words(part, table, i, fully=True)
            for denied in re.findall("“(.*?)”", words):
                assert denied in held_not, words
            told = re.sub("不属于“.*?”(或“.*?”)*", "", words)
            for name in held_not:  # 已经审批 is denied as 未经审批
                told = told.replace(name.replace("已经", "未经"), "")
            for name in sorted(said, key=len, reverse=True):
                told = told.replace(name, "")
            number = cases.numbers
            told = told.replace(f"{number['age'][i]}岁", "").replace("办法没有规定", "")
            told = told.replace(f"连续参保{number['years'][i]}年", "")
            assert not told.strip("、"), words
