"""The numbers of a pack's text, and changing them where they stand."""

import re
from pathlib import Path

import pytest

from policies.loader import load_text
from policies.numbers import differences, numbers_of, replaced, tidy, value_problem

PACKS = Path(__file__).resolve().parents[2] / "policies" / "packs"
INVENTED = (PACKS.parents[1] / "tests" / "cases" / "packs").glob("*.yaml")
DAZU = (PACKS / "dazu.yaml").read_text(encoding="utf-8")


def at(source: str, place: str):
    (found,) = (number for number in numbers_of(source) if number.place == place)
    return found


class TestReading:
    def test_a_ratio_with_everything_that_says_what_it_is(self):
        number = next(
            one
            for one in numbers_of(DAZU)
            if one.group == "二档住院" and one.when == "县级医院，成年人"
        )
        assert (number.text, number.kind, number.article) == ("50%", "ratio", "第二十三条(二)2")
        assert (number.section, number.item) == ("benefits", "比例")
        assert DAZU[number.start : number.end] == "50%"

    def test_a_shared_part_stands_once_and_names_its_other_uses(self):
        (county,) = (
            one
            for one in numbers_of(DAZU)
            if one.item == "起付线 · 金额" and one.when == "县级医院" and one.text == "200"
        )
        assert (county.group, county.also) == ("一档住院", ("二档住院",))

    def test_kinds(self):
        kinds = {number.place: number.kind for number in numbers_of(DAZU)}
        assert kinds["valid.from"] == "day"
        assert kinds["premium.window.opens"] == "month_day"
        assert kinds["age_groups[1].below"] == "count"
        assert kinds["premium.standards[1].amount"] == "money"
        assert kinds["title"] == "text"
        assert at(DAZU, "premium.window.opens").quote == '"'

    @pytest.mark.parametrize(
        "pack", sorted((*PACKS.glob("*.yaml"), *INVENTED)), ids=lambda path: path.stem
    )
    def test_every_key_of_a_shipped_pack_has_its_word(self, pack):
        """Otherwise pages show the key as it is written: `KEYS` of policies/words.py."""
        bare = {
            one.item
            for one in numbers_of(pack.read_text("utf-8"))
            if re.search("[a-z]{2}", one.item)
        }
        assert not bare, f"give these keys their word in policies/words.py (KEYS): {bare}"

    def test_days_of_the_week_are_no_yuan(self):
        source = (PACKS / "township-campaign.yaml").read_text(encoding="utf-8")
        days = [
            one
            for one in numbers_of(source)
            if one.place.startswith("premium.campaign.report_days")
        ]
        assert [(one.text, one.kind) for one in days] == [("1", "count"), ("4", "count")]

    @pytest.mark.parametrize("pack", sorted(PACKS.glob("*.yaml")), ids=lambda path: path.stem)
    def test_every_number_of_a_shipped_pack_names_its_article(self, pack):
        """All but the title, the version, the source and the dates, which the checker asks for
        elsewhere; and every place is its own."""
        numbers = numbers_of(pack.read_text(encoding="utf-8"))
        basic = {"title", "version", "source", "valid.from", "valid.to"}
        assert [one.place for one in numbers if not one.article and one.place not in basic] == []
        assert len({one.place for one in numbers}) == len(numbers) > 5
        assert all(one.item for one in numbers)

    def test_what_is_no_yaml_has_no_numbers(self):
        assert numbers_of("a: [1") == ()
        assert numbers_of("- 1") == ()


class TestReplacing:
    def test_only_the_one_value_changes(self):
        place = next(
            one.place
            for one in numbers_of(DAZU)
            if one.group == "二档住院" and one.when == "县级医院，成年人"
        )
        changed = replaced(DAZU, {place: "55"})
        before, after = DAZU.splitlines(), changed.splitlines()
        different = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        assert different == [
            (
                "      - {when: {level: county, age_group: adult}, ratio: 50%}",
                "      - {when: {level: county, age_group: adult}, ratio: 55%}",
            )
        ]
        assert load_text(changed, "draft").title == "大足县城乡居民合作医疗保险办法"

    def test_several_values_with_quotes_dates_and_a_title(self):
        changed = replaced(
            DAZU,
            {
                "valid.from": "2027-01-01",
                "premium.window.opens": "09-15",
                "premium.standards[1].amount": "120.50",
                "title": '新办法: "试行" # 1',
            },
        )
        terms = load_text(changed, "draft")
        assert terms.title == '新办法: "试行" # 1'
        assert str(terms.valid_from) == "2027-01-01"
        assert at(changed, "premium.window.opens").text == "09-15"
        assert at(changed, "premium.standards[1].amount").text == "120.50"
        assert changed.count("#") == DAZU.count("#") + 1  # every comment is still there

    def test_what_means_the_same_is_left_as_it_is_written(self):
        place = "premium.standards[1].amount"
        assert replaced(DAZU, {place: "100.00", "title": at(DAZU, "title").text}) == DAZU

    @pytest.mark.parametrize(
        ("place", "value", "told"),
        [
            ("premium.standards[1].amount", "一百", "写金额"),
            ("premium.standards[1].amount", "1.005", "写金额"),
            ("premium.standards[1].amount", "-5", "写金额"),
            ("fund.reserves[1].ratio", "5.123%", "写百分数"),
            ("fund.reserves[1].ratio", "五成", "写百分数"),
            ("age_groups[1].below", "18.5", "写整数"),
            ("valid.from", "2027-02-30", "写日期"),
            ("premium.window.opens", "02-29", "写月日"),
            ("title", "  ", "写 1 至 200 个字"),
        ],
    )
    def test_a_value_that_cannot_stand_there(self, place, value, told):
        number = at(DAZU, place)
        assert told in value_problem(number, tidy(number, value))
        with pytest.raises(ValueError, match=told):
            replaced(DAZU, {place: value})

    def test_an_unknown_place(self):
        with pytest.raises(ValueError, match="没有这一处"):
            replaced(DAZU, {"benefits[99].ratio": "50%"})

    def test_a_value_cannot_break_out_of_its_place(self):
        for value in ("50%\nlayers: []", "50%}, {ratio: 90%", "50% # x"):
            with pytest.raises(ValueError, match="写百分数"):
                replaced(DAZU, {"fund.reserves[1].ratio": value})


class TestDifferences:
    def test_before_and_after_with_the_article(self):
        changed = replaced(DAZU, {"fund.reserves[1].ratio": "8%"})
        (change,) = differences(numbers_of(DAZU), numbers_of(changed))
        assert (change.article, change.item) == ("第二十六条(二)", "储备金 · 大病储备金 · 比例")
        assert (change.before, change.after) == ("5%", "8%")
        assert differences(numbers_of(DAZU), numbers_of(DAZU)) == []

    def test_a_row_that_is_new_or_gone(self):
        row = (
            "    - {code: serious_reserve, name: 大病储备金, ratio: 5%, article: 第二十六条(二)}\n"
        )
        assert row in DAZU
        shorter = numbers_of(DAZU.replace(row, ""))
        changes = differences(numbers_of(DAZU), shorter)
        assert [(one.place, one.before, one.after) for one in changes] == [
            ("fund.reserves[1].stop_above", "", "15%"),
            ("fund.reserves[2].ratio", "5%", ""),
            ("fund.reserves[2].stop_above", "15%", ""),
        ]
