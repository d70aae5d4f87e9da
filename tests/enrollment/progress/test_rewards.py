"""The reward of village cadres by the township's scale: 0.5, 0.3 or nothing a head."""

from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.books import report_loss
from enrollment.progress.rewards import reward_report
from enrollment.progress.scales import report_days, scale_of, target_ratio
from enrollment.progress.targets import TargetEntry, set_targets
from policies.services import Measures
from tests.conftest import table_in
from tests.enrollment.conftest import OCTOBER, member, resident_id, text_of

pytestmark = pytest.mark.django_db


def test_the_scale_names_its_source_and_its_steps(campaign):
    scale = scale_of(campaign)
    assert scale.is_example  # the Dazu measures have no rewards
    assert scale.source == "《乡镇新型农村合作医疗筹资实施方案》一、五"
    assert (scale.aims.lost_book, report_days(campaign), target_ratio(campaign)) == (
        40_000, (1, 4), None,
    )  # fmt: skip
    for enrolled, due, fen in (
        (950, 1000, 950 * 50),
        (949, 1000, 949 * 30),  # one short of 95 %
        (900, 1000, 900 * 30),
        (899, 1000, 0),
        (1000, 1000, 50_000),
        (0, 0, 0),
    ):
        assert scale.reward(enrolled=enrolled, due=due) == fen, (enrolled, due)


def test_a_village_earns_and_a_lost_book_is_deducted(
    enter, campaign, county, cast, books, village_a, village_b
):
    for n in range(20):  # 20 of 21 is 95.23 %
        enter([member(0, "邓明", resident_id(f"19{n + 50}0101", 5), "0")])
    enter([member(0, "邓强", resident_id("19490101", 5), "0")], paid=False)
    for n in range(9):  # 9 of 10 is 90 %
        enter([member(0, "罗明", resident_id(f"19{n + 50}0202", 6), "0")],
              clerk=cast.clerk_b, division=village_b)  # fmt: skip
    enter([member(0, "罗强", resident_id("19490202", 6), "0")], paid=False,
          clerk=cast.clerk_b, division=village_b)  # fmt: skip
    set_targets(
        actor=cast.accountant,
        campaign=campaign,
        entries=[TargetEntry(division=village_a, people=20)],
    )
    facts = {"lost_on": OCTOBER, "on": OCTOBER, "reason": "涨水冲走"}
    for first, last in ((90, 95), (97, 100)):  # twice from one book: 400 yuan once
        report_loss(
            actor=cast.clerk_a, book=books.a, first_number=first, last_number=last,
            village=village_a, **facts,
        )  # fmt: skip
    report_loss(actor=cast.clerk_b, book=books.b, first_number=99, last_number=100, **facts)
    with pytest.raises(Refusal, match="本乡镇的村"):
        report_loss(
            actor=cast.clerk_b, book=books.b, first_number=98, last_number=98,
            village=village_a, **facts,
        )  # fmt: skip
    report = reward_report(under=county, campaign=campaign, day=OCTOBER)
    a, b = report.rows
    assert (a.place.name, a.per_person, a.reward, a.deduction, a.net) == (
        "龙水镇桥亭村", 50, 1000, 40_000, -39_000,
    )  # fmt: skip
    assert (b.per_person, b.reward, b.deduction, b.net) == (30, 270, 0, 270)
    assert (report.enrolled, report.reward, report.deduction, report.net) == (
        29, 1270, 40_000, -38_730,
    )  # fmt: skip


def test_the_report_is_shown_and_exported(autumn, campaign, cast, as_user):
    officer = as_user(cast.supervisor)
    page = text_of(officer.get("/enrollment/watch/rewards"))
    assert "示例口径" in page and "参保率 95% 以上每人 0.50 元" in page
    assert "龙水镇桥亭村 9 4 44.44% 0.00 0.00" in page
    content = officer.post(
        "/enrollment/watch/rewards/workbook", {"under": "500225", "reason": "发放奖励"}
    ).getvalue()
    rows = table_in(content)
    assert rows[1][1:6] == ["龙水镇桥亭村", "", "9", "4", "0.4444"]
    assert "筹资实施方案" in rows[-1][1]
    assert AuditLine.objects.get(action="export").after["what"] == "reward_report"
    clerk = as_user(cast.clerk_a)
    assert clerk.get("/enrollment/watch/rewards?under=500225102").status_code == 404


def test_own_rewards_come_before_the_example(campaign, pack, monkeypatch):
    from enrollment.progress import scales

    own = scales.load_text(
        scales.EXAMPLE.read_text(encoding="utf-8").replace("per_person: 0.50", "per_person: 1"),
        name="own.yaml",
    )
    monkeypatch.setattr(scales, "measures_of_year", lambda **_: Measures(pack, own))
    scale = scale_of(campaign)
    assert (scale.is_example, scale.reward(enrolled=95, due=100)) == (False, 9500)
    assert target_ratio(campaign) == 9500
    no_premium = SimpleNamespace(premium=None)
    monkeypatch.setattr(scales, "measures_of_year", lambda **_: Measures(pack, no_premium))
    assert target_ratio(campaign) is None and scale_of(campaign).is_example
