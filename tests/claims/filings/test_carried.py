"""What the old system had approved becomes filings that hold, brought in by two people."""

from datetime import date
from types import SimpleNamespace

import pytest

from claims.filings.carried import CARRIED
from claims.filings.models import CarriedFiling, CarriedFilings, Filing
from desk.jobs import run
from tests.conftest import file_of
from tests.enrollment.carried.conftest import CHEN, JULY, LI, MIDYEAR, families

__all__ = ["families"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "families")]
HEADER = ["姓名", "证件号码", "原个人编号", "种类", "病种", "机构", "自", "至", "认定专家", "依据"]
RIGHT = [
    HEADER,
    ["陈国强", CHEN, "", "慢特病认定", "糖尿病", "大足县人民医院", "2025-01-01", "2026-12-31",
     "刘医生", "认定表 12 号"],
    ["李桂芳", "", "P2", "异地就医", "随子女居住", "成都市", "2026-03-01", "", "", "备案表 3 号"],
]  # fmt: skip


def judged(cast: SimpleNamespace, rows: list[list[str]]) -> CarriedFilings:
    sent, _ = CARRIED.upload(
        actor=cast.reviewer, file_name="备案.xlsx", content=file_of(rows), on=JULY,
        kind="filings", as_of=MIDYEAR,
    )  # fmt: skip
    run("claims.carriedfilings", sent.pk, JULY)
    return CarriedFilings.objects.get(pk=sent.pk)


def carried(cast: SimpleNamespace, rows: list[list[str]]) -> CarriedFilings:
    sent = judged(cast, rows)
    CARRIED.confirm(actor=cast.approver, upload=sent, sha256=sent.sha256, on=JULY)
    run("claims.carriedfilings", sent.pk, JULY)
    return CarriedFilings.objects.get(pk=sent.pk)


def test_they_hold_from_their_day_and_name_who_brought_them(cast: SimpleNamespace) -> None:
    sent = carried(cast, RIGHT)
    assert (sent.status, sent.written_count) == ("done", 2)
    chronic, away = Filing.objects.order_by("number")
    assert (chronic.number, away.number) == ("5002252026B000001", "5002252026B000002")
    assert (chronic.kind, chronic.about, chronic.expert, chronic.place) == (
        "chronic", "糖尿病", "刘医生", "大足县人民医院",
    )  # fmt: skip
    assert (chronic.proposed_by, chronic.decided_by) == (cast.reviewer, cast.approver)
    assert (chronic.status, chronic.evidence, chronic.carried) == (
        "approved", "认定表 12 号（原系统）", sent,
    )  # fmt: skip
    holding = Filing.objects.holding(chronic.person_id, date(2026, 8, 1))
    assert [one.pk for one in holding] == [chronic.pk]
    assert not Filing.objects.holding(chronic.person_id, date(2027, 1, 1)).exists()
    assert Filing.objects.holding(away.person_id, date(2030, 1, 1)).exists()


def test_what_is_wrong_is_told_and_the_mended_file_adds_the_rest(cast: SimpleNamespace) -> None:
    carried(cast, RIGHT)
    wrong = [
        ["李桂芳", LI, "", "慢特病认定", "高血压", "", "2026-01-01", "", "", "表 9 号"],
        ["李桂芳", LI, "", "外伤备案", "摔伤", "", "2026-01-01", "", "", "表 9 号"],
        ["李桂芳", LI, "", "转诊", "肺炎", "", "2026-07-05", "", "", "表 9 号"],
    ]
    sent = judged(cast, [*RIGHT, *wrong])
    assert (sent.idle_count, sent.error_count, sent.right_count) == (2, 3, 0)
    told = dict(CarriedFiling.objects.filter(upload=sent).values_list("line", "problem"))
    assert told[2] == "系统中已有这项备案，不再转入"
    assert told[4] == "慢特病认定请填写认定专家；慢特病认定请填写有效期止日"
    assert told[5].endswith("外伤备案请在窗口重新办理")
    assert told[6].startswith("起日不能晚于数据截止日 2026-06-30")
    mended = ["李桂芳", LI, "", "慢特病认定", "高血压", "", "2026-01-01", "2027-12-31", "刘医生",
              "表 9 号"]  # fmt: skip
    assert carried(cast, [*RIGHT, mended]).written_count == 1
    assert Filing.objects.order_by("-number").first().number == "5002252026B000003"  # type: ignore[union-attr]


def test_killed_between_batches_it_goes_on(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies after the first batch leaves one filing; the next one adds the other."""
    monkeypatch.setattr(type(CARRIED.kinds["filings"]), "batch", 1)
    sent = judged(cast, RIGHT)
    CARRIED.confirm(actor=cast.approver, upload=sent, sha256=sent.sha256, on=JULY)
    assert CARRIED._write_batch(sent.pk) is not None
    assert Filing.objects.count() == 1
    run("claims.carriedfilings", sent.pk, JULY)
    assert Filing.objects.count() == 2
    assert CarriedFilings.objects.get(pk=sent.pk).written_count == 2
