"""The editor of a draft: its tables, what is wrong beside which number, and what differs.

蒋正平 (基金监管) works on the Dazu measures; what he types is not saved until he says so.
"""

import pytest

from policies.drafts import change_numbers, fingerprint, start_draft
from policies.editing import by_article, editor, lines_changed
from policies.forms import NumbersForm
from policies.models import Draft, Pack
from policies.numbers import Difference, differences, numbers_of, replaced
from policies.words import word
from tests.policies.test_pack_checks import SMALL


@pytest.fixture
def draft(cast, pack) -> Draft:
    return start_draft(actor=cast.supervisor, pack=pack)


def typed(draft: Draft, **values: str) -> dict[str, str]:
    """What the browser sends: every number as it is, but for those typed, by their place."""
    numbers = numbers_of(draft.source)
    fields = {f"n{index}": number.text for index, number in enumerate(numbers)}
    for index, number in enumerate(numbers):
        if number.place in values:
            fields[f"n{index}"] = values[number.place]
    return fields | {"sha256": fingerprint(draft.source)}


def at(shown, place: str):
    (line,) = (line for line in shown.lines if line.number.place == place)
    return line


CLOSES, TARGET = "premium.window.closes", "fund.reserves[1].ratio"


class TestTables:
    def test_they_stand_in_the_order_of_the_text_under_the_trades_words(self, draft):
        tables = editor(draft).tables
        headings = [(section, group) for section, group, _ in tables]
        assert headings[:3] == [
            ("基本信息", "基本信息"),
            ("有效期", "有效期"),
            ("保险年度", "保险年度"),
        ]
        assert ("待遇", "二档住院") in headings and ("基金管理", "基金管理") in headings
        assert [line.index for _, _, lines in tables for line in lines] == list(
            range(len(numbers_of(draft.source)))
        )

    def test_each_line_shows_what_the_measures_in_force_say(self, draft, cast):
        draft = change_numbers(
            actor=cast.supervisor,
            draft=draft,
            values={TARGET: "8%"},
            sha256=fingerprint(draft.source),
        )
        line = at(editor(draft), TARGET)
        assert (line.number.text, line.was) == ("8%", "5%")
        assert (line.number.item, line.number.article) == (
            "储备金 · 大病储备金 · 比例",
            "第二十六条(二)",
        )

    def test_a_draft_as_it_was_begun_is_sound_and_unchanged(self, draft):
        shown = editor(draft)
        assert shown.is_sound
        assert (shown.wrong, shown.problems, shown.changes, shown.by_article) == ([], [], [], [])


class TestWhatIsWrong:
    def test_a_value_that_cannot_stand_there_is_told_beside_it(self, draft):
        shown = editor(draft, typed(draft, **{TARGET: "五成"}))
        assert at(shown, TARGET).problems == ["写百分数，最多两位小数，例如 62.5%"]
        assert [line.number.place for line in shown.wrong] == [TARGET]
        assert not shown.is_sound and shown.changes == []

    def test_a_number_that_may_stand_there_but_makes_no_sense_is_told_there_too(self, draft):
        shown = editor(draft, typed(draft, **{TARGET: "150%"}))
        assert at(shown, TARGET).problems == ["比例“150%”不可能。比例应当在 0% 到 100% 之间"]
        assert [(one.before, one.after) for one in shown.changes] == [("5%", "150%")]

    def test_two_numbers_that_contradict_each_other_are_told_at_the_later(self, draft):
        shown = editor(draft, typed(draft, **{CLOSES: "09-30"}))
        assert at(shown, CLOSES).problems == [
            "缴费期截止早于开始。核对月日与 opens_year、closes_year"
        ]

    def test_shares_that_no_longer_make_a_whole_are_told_on_their_line(self, draft):
        place = "fund.surplus.risk_fund"
        shown = editor(draft, typed(draft, **{place: "60%"}))
        assert at(shown, place).problems == ["各方比例相加不是 100%。改正比例"]
        assert shown.problems == []

    def test_an_empty_field(self, draft):
        shown = editor(draft, typed(draft, **{TARGET: ""}))
        assert at(shown, TARGET).problems == ["不能为空；不变就填原来的数"]

    def test_what_is_about_no_number_stands_above_all(self, draft):
        draft.source = draft.source.replace("title: 大足", "titel: 大足", 1)
        shown = editor(draft)
        told = {problem.where: problem.wrong for problem in shown.problems}
        assert "title" not in told  # one fault, one complaint: what is misspelt is not missing
        assert told["titel"].startswith("不认识的")
        assert not shown.is_sound

    def test_the_good_ones_are_compared_all_the_same(self, draft):
        shown = editor(draft, typed(draft, **{TARGET: "五成", CLOSES: "12-05"}))
        assert [(one.before, one.after) for one in shown.changes] == [("11-30", "12-05")]
        draft.refresh_from_db()
        assert 'closes: "11-30"' in draft.source


class TestForm:
    def test_what_was_typed_in_the_countys_way_is_understood(self, draft):
        form = NumbersForm(
            numbers_of(draft.source),
            typed(draft, **{TARGET: " 8 ", "premium.standards[2].amount": "1,200.5"}),
        )
        assert form.is_valid()
        assert form.changed == {TARGET: "8%", "premium.standards[2].amount": "1200.5"}

    def test_what_means_the_same_is_no_change(self, draft):
        same = {TARGET: "5.00％", "premium.standards[2].amount": "200.00"}
        form = NumbersForm(numbers_of(draft.source), typed(draft, **same))
        assert form.is_valid() and form.changed == {}

    def test_a_field_is_called_by_group_item_and_condition(self, draft):
        numbers = numbers_of(draft.source)
        form = NumbersForm(numbers)
        labels = {form[f"n{index}"].label for index in range(len(numbers))}
        assert "二档住院 比例 县级医院，成年人" in labels


class TestChanges:
    def test_they_are_grouped_by_article_and_what_has_none_comes_under_its_own_name(self, draft):
        after = replaced(
            draft.source,
            {
                "title": "大足县新办法",
                "fund.reserves[1].ratio": "8%",
                "fund.reserves[2].ratio": "2%",
            },
        )
        grouped = by_article(differences(numbers_of(draft.source), numbers_of(after)))
        assert [(article, len(changes)) for article, changes in grouped] == [
            ("（无条文：基本信息）", 1),
            ("第二十六条(二)", 2),
        ]

    def test_the_texts_lines_as_a_reader_of_files_knows_them(self):
        before = "a: 1\nb: 2\nc: 3\n"
        assert lines_changed(before, before) == []
        assert lines_changed(before, before.replace("2", "20")) == [
            "@@ -1,3 +1,3 @@",
            " a: 1",
            "-b: 2",
            "+b: 20",
            " c: 3",
        ]

    def test_a_new_row_has_no_before_and_a_lost_one_no_after(self):
        row = "        - {when: {level: county}, amount: 200}\n"
        more = SMALL.replace(row, row + "        - {amount: 300}\n")
        (new,) = differences(numbers_of(SMALL), numbers_of(more))
        assert (new.before, new.after, new.article) == ("", "300", "第四条")
        (gone,) = differences(numbers_of(more), numbers_of(SMALL))
        assert isinstance(gone, Difference) and (gone.before, gone.after) == ("300", "")


class TestWords:
    def test_a_payer_by_the_packs_name_a_known_key_by_ours_the_rest_as_written(self):
        vocabulary = {"payer": {"central": "中央财政"}}
        assert word("central", vocabulary) == "中央财政"
        assert word("deductible", vocabulary) == "起付线"
        assert word("township", {}) == "乡镇"
        assert word("moonlight", vocabulary) == "moonlight"


def test_a_page_for_each_person_of_the_county_and_nobody_else(draft, cast, as_user):
    """The draft is the supervisor's; the approver reads measures only; others have no such page."""
    for user, status in (
        (cast.supervisor, 200),
        (cast.approver, 403),
        (cast.clerk_a, 403),
        (cast.hospital_clerk, 403),
    ):
        assert as_user(user).get(f"/policies/drafts/{draft.pk}").status_code == status, user
    assert as_user(cast.supervisor).get("/policies/drafts/999999").status_code == 404
    assert Pack.objects.count() == 1
