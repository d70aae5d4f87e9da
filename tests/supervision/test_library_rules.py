"""What points of the rule library find in a bill, leave alone, and cannot say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.library.columns import LENGTHS
from supervision.library.rows import Row, understood
from supervision.rules import RULES, SCREENS, Certainty
from supervision.rules.facts import Charge, ClaimFacts, Known
from supervision.rules.library import RULE_OF, find, gaps
from supervision.rules.points import AgeBounds, Kind, Library, Missing, Point
from tests.supervision.library_cases import (
    FIRST,
    every_case,
    known,
    library,
    line,
    point,
    points,
    published,
    stay,
    with_the_library,
    without_hours,
)

WARM = "ZD03AAA0043010100166"  # invented use of a published form of code
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(kind: Kind, value: str, code: str = WARM, **more: str) -> Row:
    kinds = {
        Kind.SEX: "sex_is", Kind.AGE: "age_group", Kind.SAME_INCISION: "group_member",
        Kind.INSURANCE: "insurance_is", Kind.CARE_KIND: "care_is",
        Kind.INSTITUTION_LEVEL: "level_at_least", Kind.COURSE: "days_at_most",
        Kind.DUPLICATE: "includes", Kind.FREQUENCY: "quantity_at_most",
        Kind.CYCLE: "count_at_most",
    }  # fmt: skip
    cells = {
        "batch": "1", "seq": "1", "rule_kind": kind.value,
        "subject": "service" if code.isdigit() else "drug", "item_code": code,
        "item_name": "暖宫丸", "limit_kind": kinds[kind], "limit_value": value, "limit_text": value,
        "unit": "", "window": "", "pair_code": "", "pair_name": "", "legal_ground": "药品说明书",
        "ground_source": "printed", "caveat": "",
    }  # fmt: skip
    return understood(cells | more)


def one(kind: Kind, value: str, **more: str) -> Point:
    return point(row(kind, value, **more), 7)


def hits(rule: Point, claim: ClaimFacts, *charges: Charge) -> list:
    return list(find(rule.kind, [claim], known((claim, list(charges)), library([rule]))))


def missing(rule: Point, claim: ClaimFacts, *charges: Charge) -> dict:
    found = gaps([claim], known((claim, list(charges)), library([rule])))
    return {what: number for (_, _, what), number in found.items()}


def test_a_womans_pill_for_a_man_is_a_plain_breach_and_says_so():
    """王建国 (male by the register) is charged 10.00 for what is for women."""
    (hit,) = hits(one(Kind.SEX, "2"), stay(sex="1"), line("X"), line(WARM))
    assert (hit.rule, hit.certainty, hit.lines, hit.amount) == (
        "K01",
        Certainty.CERTAIN,
        (1,),
        1000,
    )
    assert hit.finding == "“暖宫丸”限女性，参保人登记为男性（药品说明书）"
    assert hit.points == (7,)
    assert not hits(one(Kind.SEX, "2"), stay(sex="2"), line(WARM))


def test_the_register_says_the_sex_and_without_it_nothing_is_guessed():
    assert not hits(one(Kind.SEX, "2"), stay(sex=""), line(WARM))
    assert missing(one(Kind.SEX, "2"), stay(sex=""), line(WARM)) == {Missing.PERSON: 1}


def test_a_child_comes_of_age_during_the_stay():
    """Born on 3 March 2008: a child on 2 March 2026, none on the third."""
    claim = stay(born_on=date(2008, 3, 3))
    before, after = (line(WARM, charged_on=date(2026, 3, day)) for day in (2, 3))
    (hit,) = hits(one(Kind.AGE, "child"), claim, before, after)
    assert (hit.lines, hit.finding) == (
        (1,), "“暖宫丸”限儿童（18 周岁以下），当日 18 周岁（药品说明书）"
    )  # fmt: skip


def test_the_county_says_where_a_childhood_ends():
    rule, claim = one(Kind.AGE, "child"), stay(born_on=date(2011, 1, 1))  # 15
    there = Library({WARM: (rule,)}, AgeBounds(child_years=14))
    assert not hits(rule, claim, line(WARM))
    assert [*find(Kind.AGE, [claim], Known(charges={1: [line(WARM)]}, library=there))]


def test_a_drug_for_work_injuries_is_never_paid_here_and_one_for_births_in_a_delivery():
    assert hits(one(Kind.INSURANCE, "work_injury"), stay(), line(WARM))
    assert not hits(one(Kind.INSURANCE, "maternity"), stay(counts_as_stay=False), line(WARM))
    (hit,) = hits(
        one(Kind.INSURANCE, "maternity"), stay(bed=False, counts_as_stay=False), line(WARM)
    )
    assert hit.certainty == Certainty.SUSPECT  # it may have been for a pregnancy


@pytest.mark.parametrize(
    ("level", "asked", "said"),
    [
        ("village", "2", "hit"), ("township", "2", "hit"), ("central", "2", "open"),
        ("central", "3", "hit"), ("county", "2", ""), ("county", "3", "open"),
        ("city", "3", "open"), ("province", "3", ""), ("pharmacy", "2", "open"),
    ],
)  # fmt: skip
def test_levels_of_the_measures_are_no_grades(level, asked, said):
    rule, claim = one(Kind.INSTITUTION_LEVEL, asked), stay(level=level)
    assert bool(hits(rule, claim, line(WARM))) is (said == "hit")
    assert missing(rule, claim, line(WARM)) == ({Missing.GRADE: 1} if said == "open" else {})


class TestCourse:
    rule = one(Kind.COURSE, "14", window="course")

    def test_two_prescriptions_are_added_up(self):
        lines = [line(WARM, days=7), line(WARM, days=8, charged_on=date(2026, 3, 8))]
        (hit,) = hits(self.rule, stay(), *lines)
        assert hit.finding == "“暖宫丸”限 14 天，本次共 15 天（药品说明书）"
        assert (hit.certainty, hit.amount) == (Certainty.SUSPECT, 2000)  # it may be two courses

    def test_of_a_stay_it_is_plain(self):
        rule = one(Kind.COURSE, "3", window="stay")
        (hit,) = hits(rule, stay(), line(WARM, days=4))
        assert hit.certainty == Certainty.CERTAIN

    def test_two_doses_of_a_day_are_one_day(self):
        days = [date(2026, 3, day) for day in range(1, 15)]
        lines = [line(WARM, charged_on=day) for day in days for _ in range(2)]
        assert not hits(self.rule, stay(), *lines)
        assert not missing(self.rule, stay(), *lines)
        assert hits(self.rule, stay(), *lines, line(WARM, charged_on=date(2026, 3, 15)))

    def test_without_days_of_use_a_prescription_says_nothing(self):
        claim = stay(bed=False, counts_as_stay=False, ends=FIRST)
        assert not hits(self.rule, claim, line(WARM))
        assert missing(self.rule, claim, line(WARM)) == {Missing.USE: 1}


class TestTogether:
    small, large = "003310030010000", "003310030020000"

    def group(self, name: str = "胃肠手术组") -> Library:
        rows = (
            row(Kind.SAME_INCISION, name, code, window="same_operation")
            for code in (self.small, self.large)
        )
        return library([point(one, pk) for pk, one in enumerate(rows, start=1)])

    def test_the_dearest_operation_of_a_day_is_the_operation_itself(self):
        claim = stay()
        charges = [line(self.small, amount=50_000), line(self.large, amount=90_000)]
        (hit,) = find(Kind.SAME_INCISION, [claim], known((claim, charges), self.group()))
        assert (hit.lines, hit.amount, hit.certainty) == ((0,), 50_000, Certainty.SUSPECT)
        assert hit.points == (1,)

    def test_without_its_day_an_operation_says_nothing(self):
        claim = stay()
        charges = [line(self.small, charged_on=None), line(self.large, charged_on=None)]
        seen = known((claim, charges), self.group())
        assert not list(find(Kind.SAME_INCISION, [claim], seen))
        assert gaps([claim], seen)[1, Kind.SAME_INCISION, Missing.DAY] == 2

    def pair(self, window: str) -> Point:
        pair = {"pair_code": self.small, "pair_name": "换药"}
        return one(Kind.DUPLICATE, self.small, code=self.large, window=window, **pair)

    def test_what_is_contained_is_charged_on_the_same_day(self):
        charges = [line(self.large), line(self.small, amount=500)]
        (hit,) = hits(self.pair("day"), stay(), *charges)
        assert (hit.lines, hit.amount, hit.certainty) == ((1,), 500, Certainty.SUSPECT)
        assert hit.finding == "“暖宫丸”已包含“换药”，同日又收费（药品说明书）"

    def test_hours_that_a_bill_does_not_tell_are_not_guessed(self):
        lines = [line(self.large, charged_at=NOON), line(self.small, charged_at=NOON)]
        assert hits(self.pair("6h"), stay(), *lines)
        assert not hits(self.pair("6h"), stay(), *without_hours(lines))
        assert missing(self.pair("6h"), stay(), *without_hours(lines)) == {Missing.HOUR: 1}
        far = [line(self.large), line(self.small, charged_on=date(2026, 3, 4))]
        assert not missing(self.pair("6h"), stay(), *far)


class TestOften:
    code = "004200000100000"

    def test_two_of_a_day_are_one_too_many(self):
        rule = one(Kind.FREQUENCY, "1", code=self.code, window="day", unit="day")
        (hit,) = hits(rule, stay(ends=FIRST), line(self.code, quantity=200))
        assert hit.finding == "“暖宫丸”每日不超过 1 日，2026-03-01 收费 2 日（药品说明书）"
        assert hit.certainty == Certainty.CERTAIN

    def test_several_days_in_one_line_are_a_suspicion(self):
        rule = one(Kind.FREQUENCY, "1", code=self.code, window="day", unit="day")
        (hit,) = hits(rule, stay(), line(self.code, quantity=2000))  # twenty days of twenty
        assert hit.certainty == Certainty.SUSPECT
        (hit,) = hits(rule, stay(), line(self.code, quantity=2100))
        assert hit.certainty == Certainty.CERTAIN

    def test_an_undated_line_is_counted_over_the_stay(self):
        rule = one(Kind.FREQUENCY, "24", code=self.code, window="day", unit="hour")
        undated = line(self.code, quantity=24 * 20 * 100, charged_on=None)
        assert missing(rule, stay(), undated) == {Missing.DAY: 1}
        (hit,) = hits(rule, stay(), replace(undated, quantity=undated.quantity + 1))
        assert hit.certainty == Certainty.CERTAIN

    def test_once_in_seven_days(self):
        rule = one(Kind.CYCLE, "1", code=self.code, window="7d", unit="time")
        again = [line(self.code, charged_on=FIRST + timedelta(days=days)) for days in (0, 6)]
        assert hits(rule, stay(), *again)
        assert not hits(rule, stay(), again[0], replace(again[1], charged_on=date(2026, 3, 8)))


def test_a_visit_is_judged_by_the_points_of_its_own_first_day():
    rule = replace(one(Kind.SEX, "2"), last_day=date(2026, 2, 28))
    assert not hits(rule, stay(), line(WARM))
    assert hits(replace(rule, last_day=FIRST), stay(), line(WARM))


def test_a_looser_text_makes_a_suspicion_and_a_narrower_one_does_not():
    also = one(Kind.CARE_KIND, "inpatient", caveat="text also allows emergency patients")
    (hit,) = hits(also, stay(bed=False), line(WARM))
    assert hit.certainty == Certainty.SUSPECT
    (hit,) = hits(one(Kind.AGE, "child", caveat="text: 2-11 years"), stay(), line(WARM))
    assert hit.certainty == Certainty.CERTAIN
    assert not one(Kind.SEX, "2", caveat="something nobody foresaw").sure


def test_one_hit_of_a_kind_names_three_points_and_how_many_there_are():
    codes = [f"ZD03AAA00430101001{at}" for at in range(60, 65)]
    rules = [
        replace(point(row(Kind.SEX, "2", code), at), name=f"丸{at}")
        for at, code in enumerate(codes)
    ]
    claim = stay()
    (hit,) = find(Kind.SEX, [claim], known((claim, [line(code) for code in codes]), library(rules)))
    assert (hit.lines, hit.amount, hit.points) == ((0, 1, 2, 3, 4), 5000, (0, 1, 2, 3, 4))
    assert hit.finding.startswith("“丸0”") and hit.finding.endswith("；等 5 项")
    assert len(hit.finding) <= 300


def test_each_kind_is_a_rule_that_screens():
    assert {rule.code for rule in RULE_OF.values()} <= RULES.keys()
    assert {rule.code for rule in RULE_OF.values()} <= {screen.rule.code for screen in SCREENS}
    assert set(RULE_OF) == set(Kind)


charges = st.builds(
    line,
    st.sampled_from(["003310030010000", "003310030020000"]),
    quantity=st.integers(1, 5000),
    amount=st.integers(1, 10**8),
    charged_on=st.one_of(st.none(), st.dates(FIRST, date(2026, 3, 20))),
    days=st.one_of(st.none(), st.integers(1, 30)),
)


@given(st.lists(charges, max_size=8), st.sampled_from(Kind))
def test_a_hit_names_lines_of_the_bill_and_their_sum(bill, kind):
    """Whatever the bill: the fen in question are those of the lines, and a point is either hit or
    not judged, never both."""
    made = {
        Kind.SEX: ("2", ""), Kind.AGE: ("child", ""), Kind.SAME_INCISION: ("组", "same_operation"),
        Kind.INSURANCE: ("work_injury", ""), Kind.CARE_KIND: ("inpatient", ""),
        Kind.INSTITUTION_LEVEL: ("3", ""), Kind.COURSE: ("5", "stay"),
        Kind.DUPLICATE: ("003310030020000", "6h"), Kind.FREQUENCY: ("2", "day"),
        Kind.CYCLE: ("1", "7d"),
    }  # fmt: skip
    value, window = made[kind]
    pair = {"pair_code": "003310030020000", "pair_name": "换药"} if kind == Kind.DUPLICATE else {}
    rule = one(kind, value, code="003310030010000", window=window, **pair)
    claim = stay(level="county")
    found = hits(rule, claim, *bill)
    for hit in found:
        assert hit.lines
        assert hit.amount == sum(bill[place].amount for place in hit.lines)
    assert not (found and missing(rule, claim, *bill))


@with_the_library
class TestPublished:
    def test_every_row_is_understood(self):
        """15 618 rows, and by batch, kind, subject and limit as many as were counted."""
        rows = [understood(cells) for cells in published("rules.csv")]
        counts: dict[tuple[str, ...], int] = {}
        for one in rows:
            key = (str(one.batch), one.kind, one.subject, one.by)
            counts[key] = counts.get(key, 0) + 1
        printed = {
            (one["batch"], one["rule_kind"], one["subject"], one["by"]): int(one["rows"])
            for one in published("counts.csv")
        }
        assert len(rows) == sum(counts.values()) == 15_618
        for name, most in LENGTHS.items():
            assert max(len(cells[name]) for cells in published("rules.csv")) <= most
        assert counts == printed

    def test_each_row_finds_what_breaks_it_and_leaves_alone_what_just_does_not(self):
        """31 236 bills, each against all points: 100 % of the broken, none of the kept."""
        every = points()
        whole = library(every)
        wrong = []
        number = 0
        for rule, is_broken, case in every_case(every):
            number += 1
            named = {
                pk for hit in find(rule.kind, [case[0]], known(case, whole)) for pk in hit.points
            }
            if (rule.pk in named) is not is_broken:
                wrong.append((rule, is_broken))
        assert (number, wrong) == (31_236, [])
