"""A bulletin of March 2026: drafted from the month's report, issued by another, kept as it was."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from lib.periods import Month
from reports.bulletins import facts as bulletin_facts
from reports.bulletins.cells import OTHERS, Care, may_tell, told
from reports.bulletins.facts import facts_of
from reports.bulletins.models import Bulletin
from reports.bulletins.papers import BULLETIN
from reports.bulletins.services import draft_bulletin, step_bulletin
from reports.services import request_report
from supervision.cases.models import Case
from supervision.sampling.models import Sample, SampleItem, SampleStratum
from tests.claims.recovery.conftest import ask, take  # noqa: F401 - fixtures
from tests.conftest import make_user
from tests.papers import keeps_what_it_said
from tests.reports.conftest import MARCH, compute_report

APRIL = date(2026, 4, 2)


def care(*rows: tuple[str, int, int, int]) -> list[Care]:
    return [Care(*row) for row in rows]


def test_a_kind_of_care_of_few_goes_with_others() -> None:
    """Two mothers gave birth: they stand with the smallest kind that is told, or the whole less the
    rest would be theirs."""
    march = care(("住院", 20, 9000, 12), ("门诊", 90, 3000, 60), ("分娩", 2, 800, 2))
    assert told([march], 3) == care(("门诊", 90, 3000, 60), (OTHERS, 22, 9800, 12))
    assert told([care(("住院", 20, 9000, 12), ("分娩", 3, 800, 3))], 3)[1].name == "分娩"


def test_what_one_month_hid_the_quarter_hides() -> None:
    """Else the quarter less the two months that told it would be the third."""
    told_twice = care(("住院", 20, 9000, 12), ("门诊", 90, 3000, 60), ("分娩", 4, 900, 4))
    hid = care(("住院", 20, 9000, 12), ("门诊", 90, 3000, 60), ("分娩", 1, 100, 1))
    rows = told([told_twice, told_twice, hid], 3)
    assert [(one.name, one.visits, one.paid) for one in rows] == [
        ("门诊", 270, 9000),
        (OTHERS, 69, 28900),
    ]


def test_few_people_in_all_tell_nothing() -> None:
    assert told([care(("住院", 2, 900, 2))], 3) == []
    assert told([[]], 3) == []


def test_of_a_month_that_told_nothing_the_quarter_tells_nothing() -> None:
    """王建国 alone was in hospital in January, for 77.77: the quarter less February and March,
    which their own bulletins tell, would be his. A month without any visit hides nobody."""
    january = care(("住院", 1, 7777, 1))
    full = care(("住院", 20, 9000, 12), ("门诊", 90, 3000, 60))
    assert told([january], 3) == [] and told([full], 3) == full
    assert told([january, full, full], 3) == []
    assert [one.visits for one in told([[], full, full], 3)] == [40, 180]


def test_a_sum_is_told_where_each_part_is_of_nobody_or_of_enough() -> None:
    assert may_tell([{"甲", "乙", "丙"}, set()], 3) and may_tell([], 3)
    assert not may_tell([{"甲", "乙", "丙"}, {"丁"}], 3)
    assert not may_tell([["甲", "甲", "甲"]], 3)


@pytest.fixture
def reported(spring: SimpleNamespace, county: Division, cast: SimpleNamespace) -> Division:
    report = request_report(actor=cast.supervisor, area=county, month=MARCH, on=APRIL)
    assert compute_report(report.pk)
    return county


def drafted(county: Division, cast: SimpleNamespace, words: str = "") -> Bulletin:
    return draft_bulletin(
        actor=cast.supervisor, area=county, month=MARCH, quarter=False, words=words, on=APRIL
    )


@pytest.mark.django_db
def test_what_stands_in_it(reported: Division, cast: SimpleNamespace) -> None:
    """Four of five are enrolled; 3000.00 of the city and 12.34 of interest came, 2050.00 went. The
    two who were in hospital are too few to be told."""
    facts = drafted(reported, cast).facts
    said = facts["enrollment"]
    assert (said["enrolled"], said["eligible"], said["rate"]) == (4, 5, "80.00%")
    assert (facts["fund"]["income"], facts["fund"]["expenditure"]) == ("3,012.34", "2,050.00")
    assert facts["care"]["is_few"] and facts["care"]["rows"] == []
    assert {name for name, *_ in facts["townships"]} == {"龙水镇", "万古镇"}
    assert facts["supervision"]["cases"] == "0" and facts["supervision"]["loss"] == ""
    for name in ("王建国", "张大山", "2,050.00 元的"):
        assert name not in str(facts)


@pytest.mark.django_db
def test_refused_without_report_or_before_the_end(
    county: Division, cast: SimpleNamespace, spring: SimpleNamespace
) -> None:
    with pytest.raises(Refusal, match="2026年3月的基金运行月报还没有编制"):
        drafted(county, cast)
    with pytest.raises(Refusal, match="还没有结束"):
        draft_bulletin(
            actor=cast.supervisor, area=county, month=Month(2026, 4), quarter=False, on=APRIL
        )
    with pytest.raises(Refusal, match="2026年1月的基金运行月报还没有编制"):
        draft_bulletin(actor=cast.supervisor, area=county, month=MARCH, quarter=True, on=APRIL)


@pytest.mark.django_db
@pytest.mark.usefixtures("as_application")
def test_one_drafts_and_another_issues(reported: Division, cast: SimpleNamespace) -> None:
    row = drafted(reported, cast, "缴费请找 500225198001011234 本人")
    assert "500225198001011234" not in row.words
    with pytest.raises(Refusal, match="已有简报"):
        drafted(reported, cast)
    with pytest.raises(Refusal):
        step_bulletin(actor=cast.supervisor, row=row, event="issue_bulletin", on=APRIL)
    row = step_bulletin(actor=cast.approver, row=row, event="issue_bulletin", on=APRIL)
    assert (row.number, row.issued_on) == ("医保简报〔2026〕1号", APRIL)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Bulletin.objects.filter(pk=row.pk).update(facts={})
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=row.pk).update(status="draft")


@pytest.mark.django_db
def test_what_was_not_issued_is_drafted_anew(reported: Division, cast: SimpleNamespace) -> None:
    """And takes no number."""
    first = drafted(reported, cast)
    reason = {"reason": "编者按没有写检查情况", "on": APRIL}
    step_bulletin(actor=cast.approver, row=first, event="drop_bulletin", **reason)
    again = drafted(reported, cast)
    done = step_bulletin(actor=cast.approver, row=again, event="issue_bulletin", on=APRIL)
    assert done.number == "医保简报〔2026〕1号"


@pytest.mark.django_db
def test_its_pages_and_its_paper(
    reported: Division, cast: SimpleNamespace, as_user: Callable[[User], Client],
    other_county: Division, settings: Any,
) -> None:  # fmt: skip
    settings.TODAY = APRIL
    client = as_user(cast.supervisor)
    sent = client.post("/reports/bulletins/new", {"month": "2026-03", "words": "三月平稳"})
    url = sent["Location"]
    row = Bulletin.objects.get()
    assert "issue_bulletin" not in client.get(url).content.decode()
    boss = as_user(cast.approver)
    assert "简报待签发" in boss.get("/").content.decode()
    assert "issue_bulletin" in boss.get(url).content.decode()
    boss.post(f"{url}/issue_bulletin")
    assert "医保简报〔2026〕1号" in client.get("/reports/bulletins").content.decode()

    def renamed() -> None:
        User.objects.filter(pk=cast.approver.pk).update(name="吴国梁")

    keeps_what_it_said(
        BULLETIN,
        f"/reports/bulletins/{row.pk}/paper",
        hand=client,
        change=renamed,
        elsewhere=as_user(make_user("wai", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.clerk_a),
    )


def lost(on: date, *parties: str, amount: str = "1000") -> list[Case]:
    """A decided case of each."""
    sums = {"loss_amount": Decimal(amount), "decided_on": on}
    return [Case(party="other", party_name=name, **sums) for name in parties]


def test_the_loss_of_one_party_is_not_told() -> None:
    """Three cases of one pharmacy in March are one party's money, and so would be the quarter less
    a January of three parties. Cases without a loss hide nobody."""
    january = lost(date(2026, 1, 9), "甲诊所", "乙诊所", "丙诊所")
    march = lost(date(2026, 3, 9), "百姓药房", "百姓药房", "百姓药房")
    nothing = lost(date(2026, 3, 9), "丁诊所", "戊诊所", amount="0")
    assert bulletin_facts._loss(january) == "3,000.00"
    assert bulletin_facts._loss([*january, *nothing]) == "3,000.00"
    assert bulletin_facts._loss([*march, *nothing]) == ""
    assert bulletin_facts._loss([*january, *march, *nothing]) == ""
    march += lost(date(2026, 3, 10), "己诊所", "庚诊所")
    assert bulletin_facts._loss([*january, *march]) == "8,000.00"


@pytest.mark.django_db
def test_a_settlement_that_was_drawn_twice_is_one(
    spring: SimpleNamespace, county: Division, cast: SimpleNamespace
) -> None:
    """March's sample and the quarter's full check both found it wrong by 50.00."""
    for span, told_of in (
        ("month", {"usual": 10, "raised": 20}),
        ("quarter", {"usual": 0, "raised": 100, "full_doubts": 3}),
    ):
        first = MARCH.first if span == "month" else date(2026, 1, 1)
        sample = Sample.objects.create(
            area=county, span=span, first_on=first, last_on=MARCH.last, digest="a" * 64,
            secret="ab" * 32, sealed_on=first, large_from=5000, **told_of,
        )  # fmt: skip
        stratum = SampleStratum.objects.create(
            sample=sample, institution_name="大足县人民医院", risk="raised", size=1, drawn=1,
            fund_amount=2050,
        )  # fmt: skip
        item = SampleItem.objects.create(
            sample=sample, stratum=stratum, settlement=spring.march, position=1, fund_amount=2050
        )
        SampleItem.objects.filter(pk=item.pk).update(
            status="wrong", error_amount=50, checked_by=cast.supervisor,
            checked_at="2026-03-30T10:00:00+08:00",
        )  # fmt: skip
    quarter = [Month(2026, 1), Month(2026, 2), MARCH]
    found = bulletin_facts._supervised(county, quarter)
    assert (found["examined"], found["wrong"]) == ("1", "1")


@pytest.mark.django_db
def test_what_one_party_paid_back_is_not_told(
    spring: SimpleNamespace, county: Division, cast: SimpleNamespace, reported: Division,
    monkeypatch: pytest.MonkeyPatch, as_user: Callable[[User], Client], request: Any,
) -> None:  # fmt: skip
    """王建国 brings 1000.00 back, nobody else does: neither month nor quarter nor any later quarter
    of the year says what came back. Where one is enough the quarter does, the month never."""
    figures = {"indicators": [{"key": "recovered", "year": "1000.00"}]}
    quarters = [[Month(2026, at + one) for one in range(3)] for at in (1, 4)]

    def told_of(months: list[Month]) -> str:
        return bulletin_facts._recovered(county, months, figures)

    assert told_of(quarters[0]) == "1,000.00", "nobody paid back"
    bring = request.getfixturevalue("take")
    bring(request.getfixturevalue("ask")(spring.march, on=MARCH.last), "1000.00", on=MARCH.last)
    assert [told_of(months) for months in (*quarters, [MARCH])] == ["", "", ""]
    row = drafted(reported, cast)
    assert row.facts["supervision"]["recovered"] == ""
    client = as_user(cast.supervisor)
    for address in (f"/reports/bulletins/{row.pk}", f"/reports/bulletins/{row.pk}/paper"):
        assert "追回基金" not in client.get(address).content.decode()
    monkeypatch.setattr(bulletin_facts, "MIN_ALIKE", 1)
    assert [told_of(months) for months in (*quarters, [MARCH])] == ["1,000.00", "1,000.00", ""]


@pytest.mark.django_db
def test_its_statements(reported: Division) -> None:
    with CaptureQueriesContext(connection) as made:
        facts_of(reported, "2026年3月", MARCH.first, MARCH.last)
    assert len(made) <= 6
