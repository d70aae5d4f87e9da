"""Whole decisions, word for word: every amount, every step and its article, in every story.

``tests/cases/told/<pack>.txt`` holds what an officer reads for each visit of the pack's stories.
After a wanted change of wording, ``python -m tests.claims.adjudication.test_told`` writes the files
anew; read the difference line by line before keeping it.
"""

from collections.abc import Iterator

import pytest

from claims.adjudication import settle
from claims.adjudication.wire import MONEY_FIELDS, write_decision
from tests.claims.adjudication.stories import CASES, case_of, listed, terms_of

TOLD = CASES / "told"
PACKS = (
    "corners", "mechanisms",
    "dazu", "liuyang", "nanjing-2012", "resident-2025", "ruian", "yueyang",
)  # fmt: skip


def tell(pack: str, story: dict) -> str:
    """A story's decisions as text: amounts that are not zero, usage after, and the steps."""
    terms = terms_of(pack)
    used, year, lines = {}, None, [f"== {story['name']}"]
    for entry in story["visits"]:
        case, stated = case_of(story["member"], entry, terms)
        if terms.year.of(case.visit.starts) != year:
            used, year = {}, terms.year.of(case.visit.starts)
        used |= stated
        decision = settle(case, terms, used)
        lines += decision_lines(write_decision(decision, used, terms))
        used = decision.usage_after(used)
    return "\n".join(lines) + "\n"


def decision_lines(written: dict) -> Iterator[str]:
    refusal = written["refusal"]
    yield f"-- {written['key']}: {refusal['code'] if refusal else written['benefit']}"
    if refusal:
        yield f"refused {refusal['article']}: {refusal['sentence']}"
    else:
        yield f"ratio {written['ratio']}"
    yield " ".join(f"{n} {written[n]}" for n in MONEY_FIELDS if written[n] != "0.00")
    for title in ("layers", "used_after"):
        amounts = ", ".join(f"{k} {v}" for k, v in written[title].items() if v != "0.00")
        if amounts:
            yield f"{title}: {amounts}"
    for step in written["steps"]:
        passed = f"{step['before']} -> {step['after']}"
        start = f"{step['code']} {step['name']} [{step['article']}] {passed} ({step['parameter']})"
        yield f"{start}: {step['sentence']}"


def stories_of(pack: str) -> list[dict]:
    return [story for owner, story in listed("stories") if owner == pack]


def read(pack: str) -> dict[str, str]:
    text = (TOLD / f"{pack}.txt").read_text("utf-8")
    parts = [f"== {part}" for part in text.split("== ")[1:]]
    return {part.partition("\n")[0]: part for part in parts}


@pytest.mark.parametrize(
    ("pack", "story"),
    [
        pytest.param(pack, story, id=f"{pack}: {story['name']}")
        for pack in PACKS
        for story in stories_of(pack)
    ],
)
def test_told_word_for_word(pack, story):
    told = tell(pack, story)
    assert told == read(pack)[told.partition("\n")[0]]


def test_no_story_is_told_that_is_not_in_the_cases():
    for pack in PACKS:
        assert [f"== {story['name']}" for story in stories_of(pack)] == list(read(pack))


if __name__ == "__main__":
    for each in PACKS:
        text = "".join(tell(each, story) for story in stories_of(each))
        (TOLD / f"{each}.txt").write_text(text, "utf-8")
