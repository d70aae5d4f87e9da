"""Texts that were adopted in format 1 load and settle as they did, without a letter changed."""

from pathlib import Path

import pytest

from claims.adjudication import settle
from policies.loader import PackError, load_adopted, load_pack, load_text
from policies.loading.format_one import lifted
from tests.claims.adjudication.stories import case_of, listed, terms_of

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "cases" / "format_one"


def old(name):
    return (OLD / f"{name}.yaml").read_text("utf-8")


def test_an_adopted_text_says_what_the_program_used_to_know():
    cares = load_adopted(old("dazu"), "大足").cares
    assert [code for code, care in cares.items() if care.bed] == ["inpatient", "delivery"]
    assert [code for code, care in cares.items() if care.counts_as_stay] == ["inpatient"]
    assert {care.booked_as for care in cares.values() if not care.bed} == {"outpatient"}
    assert cares["delivery"].booked_as == "inpatient"


def test_a_care_that_format_one_did_not_know_stays_booked_with_the_others():
    care = load_adopted(old("resident-2025"), "居民").cares["two_diseases"]
    assert (care.name, care.booked_as, care.bed) == ("高血压糖尿病门诊", "other", False)


def test_the_present_pack_is_the_same_measures():
    """What it has learnt since is left aside."""
    now = load_pack(ROOT / "policies" / "packs" / "dazu.yaml")
    then = load_adopted(old("dazu"), "大足")
    for dimension, names in then.vocabulary.items():
        assert names.items() <= now.vocabulary[dimension].items()
    for code, was in then.cares.items():
        care = now.cares[code]
        assert (was.bed, was.counts_as_stay, was.booked_as, was.med_type) == (
            care.bed,
            care.counts_as_stay,
            care.booked_as,
            care.med_type,
        )


# Rows that the present text has learnt, which no adopted text says.
LEARNT_SINCE = {"异地没有写明备案情况的，按未备案先自付两成"}


@pytest.mark.parametrize("pack", ["dazu", "resident-2025", "mechanisms"])
def test_every_story_settles_as_under_the_present_text(pack):
    then, now, settled = load_adopted(old(pack), pack), terms_of(pack), 0
    for name, story in listed("stories"):
        if name != pack or story["name"] in LEARNT_SINCE:
            continue
        for entry in story["visits"]:
            if entry["visit"]["care"] not in then.cares:
                continue
            decisions = []
            for terms in (then, now):
                case, used = case_of(story["member"], entry, terms)
                decisions.append(settle(case, terms, used))
            assert decisions[0] == decisions[1]
            settled += 1
    assert settled > 5


def test_only_what_was_not_said_is_added():
    text = old("dazu")
    before, after = text.splitlines(), lifted(text).splitlines()
    added = [line for line in after if line not in before]
    assert added[:2] == [
        "format: 2",
        'base_layer: {code: basic, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}',
    ]
    assert all("med_type" in line for line in added[2:])
    assert len(after) == len(before) + 1
    assert lifted(lifted(text)) == lifted(text)


def test_a_text_that_is_no_pack_is_left_to_the_reader():
    for text in ("", "a: [", "- 1", "format: 9\n"):
        assert lifted(text) == text


def test_nothing_new_is_taken_in_format_one():
    with pytest.raises(PackError, match="写 format: 2，格式 1 的文件还要逐项写明就医类别"):
        load_text(old("dazu"), "大足")


def payers(terms):
    return {
        code: (
            terms.payer_of(code, terms.benefits[0].code).book,
            terms.payer_of(code, terms.benefits[0].code).fund_pay_type,
            terms.payer_of(code, terms.benefits[0].code).booked_as,
        )
        for code in terms.layer_names
    }


def test_the_layers_that_had_columns_are_paid_as_they_were():
    """All from the insurance fund's book; the serious-illness layer under an account of its own."""
    text = old("resident-2025").replace("code: assistance", "code: further")
    assert payers(load_adopted(text, "居民")) == {
        "basic": ("resident", "390100", ""),
        "serious": ("resident", "390200", "serious"),
        "further": ("resident", "610100", ""),
    }
    text = old("resident-2025").replace("code: serious", "code: more")
    assert payers(load_adopted(text, "居民"))["more"] == ("resident", "999997", "")
    assert load_adopted(old("dazu"), "大足").layer_names == {"basic": "基本医疗统筹"}


@pytest.mark.parametrize(
    "layers",
    [
        "layers:\n  - code: serious  # 大病\n    name: 大病\n    base: personal\n    ratio: 10%\n"
        "    article: 三\n",
        "layers: [{code: serious, name: 大病, base: personal, ratio: 10%, article: 三}]\n",
        "layers: {name: 大病, article: 三, base: personal, ratio: 10%, code: serious}\n",
        "layers:\n  name: 大病\n  code: 'serious'\n  base: personal\n  ratio: 10%\n  article: 三\n",
    ],
)
def test_in_whatever_way_a_layer_was_written(layers):
    terms = load_adopted(old("dazu") + layers, "大足")
    assert payers(terms)["serious"] == ("resident", "390200", "serious")


def test_measures_that_only_collect_premiums_have_no_layer():
    text = (ROOT / "policies" / "packs" / "street-campaign.yaml").read_text("utf-8")
    assert text.count("format: 2") == 1
    terms = load_adopted(text.replace("format: 2", "format: 1"), "街道")
    assert terms.base_layer.code == ""
