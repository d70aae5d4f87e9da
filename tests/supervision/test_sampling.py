"""A month's sample from the sealed seed to the report: 20 stays of March, two of them wrong."""

import hashlib
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from claims.models import Settlement
from institutions.models import Institution
from lib.periods import Month
from policies.models import Pack
from supervision.models import Alert
from supervision.sampling.draw import Rates
from supervision.sampling.models import Sample, SampleItem
from supervision.sampling.papers import SAMPLE_REPORT, SAMPLE_SHEETS
from supervision.sampling.results import result_of
from supervision.sampling.services import (
    check_item,
    close_sample,
    draw_sample,
    propose_rates,
    rates_in_force,
    seal_seed,
    seal_seeds,
)
from supervision.sampling.workflow import RATES
from tests.claims.conftest import Register
from tests.conftest import make_user
from tests.papers import keeps_what_it_said, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
MARCH = Month(2026, 3)
FIRST, APRIL = date(2026, 3, 1), date(2026, 4, 2)
Settle = Callable[..., Settlement]


@pytest.fixture
def sealed(county: Division, pack: Pack) -> Sample:
    row = seal_seed(area=county, month=MARCH, on=FIRST)
    assert row is not None
    return row


@pytest.fixture
def stays(
    register: Register, village_a: Division, settled: Settle, township_hospital: Institution
) -> list[Settlement]:
    """Twelve of the county hospital and eight of the township's, 2400.00 from the fund each; one of
    the township's is doubted."""
    people = [
        register.person(f"王{at}", register.household(village_a))
        for at in "一二三四五六七八九十百千"
    ]
    county = [settled(person, 1, 4) for person in people]
    town = [settled(person, 6, 9, institution=township_hospital) for person in people[:8]]
    Alert.objects.create(
        rule="A11", certainty="suspect", settlement=town[0], division=village_a, finding="目录外"
    )
    return [*county, *town]


@pytest.fixture
def drawn(cast: SimpleNamespace, sealed: Sample, stays: list[Settlement]) -> Sample:
    return draw_sample(actor=cast.supervisor, row=sealed, on=APRIL)


def agree(actor: User, sample: Sample, *wrong: tuple[SampleItem, str]) -> None:
    errors = {item.pk: Decimal(error) for item, error in wrong}
    for item in sample.items.all():
        event = "find_item_wrong" if item.pk in errors else "agree_item"
        check_item(
            actor=actor, item=item, event=event, error=errors.get(item.pk), reason="多算一天床位"
        )


def test_the_seed_is_fixed_before_the_list_and_told_with_the_draw(
    county: Division, sealed: Sample, stays: list[Settlement], cast: SimpleNamespace
) -> None:
    assert (sealed.status, sealed.seed, sealed.is_late) == ("sealed", "", False)
    line = AuditLine.objects.get(action="supervision.seal_sample")
    assert (line.user, line.after["digest"], line.after["seed"]) == (None, sealed.digest, "")
    assert sealed.secret not in str(line.after)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM supervision_sample")
        assert sealed.secret not in cursor.fetchone()[0], "sealed in the database"
    assert seal_seed(area=county, month=MARCH, on=FIRST) is None, "one seed a month"
    with pytest.raises(Refusal, match="本月结算还没有结束"):
        draw_sample(actor=cast.supervisor, row=sealed, on=date(2026, 3, 31))
    with pytest.raises(Refusal, match="您的角色不能"):
        draw_sample(actor=cast.reviewer, row=sealed, on=APRIL)
    row = draw_sample(actor=cast.supervisor, row=sealed, on=APRIL)
    assert hashlib.sha256(row.seed.encode()).hexdigest() == sealed.digest
    assert AuditLine.objects.get(action="supervision.draw_sample").after["seed"] == row.seed
    with pytest.raises(Refusal):
        draw_sample(actor=cast.supervisor, row=row, on=APRIL)
    with pytest.raises(ProgrammingError), transaction.atomic():  # no right to that column
        Sample.objects.filter(pk=row.pk).update(digest="0" * 64)


def test_strata_and_rates(drawn: Sample) -> None:
    """County hospital 12 usual: 10 % is 1.2, so two; township's 7 usual: two; the doubted one."""
    found = [(one.institution_name, one.risk, one.size, one.drawn) for one in drawn.strata.all()]
    assert found == [
        ("大足县人民医院", "usual", 12, 2),
        ("龙水镇卫生院", "raised", 1, 1),
        ("龙水镇卫生院", "usual", 7, 2),
    ]
    result = result_of(drawn)
    assert (result.size, result.drawn, result.share) == (20, 5, Decimal("25.00"))
    assert result.estimate is None, "nothing is examined yet"


def test_the_draw_costs_the_same_however_many(
    cast: SimpleNamespace, sealed: Sample, stays: list[Settlement]
) -> None:
    with CaptureQueriesContext(connection) as told:
        draw_sample(actor=cast.supervisor, row=sealed, on=APRIL)
    assert len(told) <= 12, [one["sql"][:90] for one in told.captured_queries]


def test_anybody_draws_the_same_again_from_the_workbook(
    drawn: Sample, as_user: Callable[[User], Client], cast: SimpleNamespace
) -> None:
    """With nothing but SHA-256 and what stands in the file."""
    client = as_user(cast.auditor)
    url = f"/supervision/samples/{drawn.pk}/list"
    assert "请写明导出用途" in client.post(url, follow=True).content.decode()
    response = client.post(url, {"reason": "第三方复核"})
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    seed = book["种子和方法"].cell(2, 2).value
    layers: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    for number, place, risk, _, told, mark in book["清单"].iter_rows(min_row=2, values_only=True):
        digest = hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()
        assert digest == told
        layers.setdefault((place, risk), []).append((digest, number, mark == "抽中"))
    picked = set[str]()
    for (_, risk), rows in layers.items():
        most = max(2, -(-len(rows) * (20 if risk == "重点" else 10) // 100))
        picked |= {number for _, number, _ in sorted(rows)[:most]}
    marked = {number for rows in layers.values() for _, number, is_marked in rows if is_marked}
    kept = set(drawn.items.values_list("settlement__number", flat=True))
    assert picked == marked == kept
    assert AuditLine.objects.get(action="export").reason == "第三方复核"


def test_what_is_found_is_told_of_the_whole_month(drawn: Sample, cast: SimpleNamespace) -> None:
    """One of the county hospital's two was paid 60.00 too much: mean 30.00, of 12 360.00. Variance
    12 × 10 × (30² + 30²) / 2 = 108 000, root 328.63; one degree of freedom: t 12.706; half
    4 175.62."""
    wrong = drawn.items.filter(stratum__institution_name="大足县人民医院").first()
    assert wrong is not None
    agree(cast.supervisor, drawn, (wrong, "60.00"))
    found = result_of(drawn).estimate
    assert found is not None
    assert (found.total, found.low, found.high) == (36_000, -381_562, 453_562)
    assert (found.examined, found.wrong, found.found, found.is_thin) == (5, 1, 6_000, True)


def test_findings_are_checked_and_may_be_taken_back_until_it_is_closed(
    drawn: Sample, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    item = drawn.items.first()
    assert item is not None

    def check(event: str, error: str | None = None, reason: str = "票据", who: Any = None) -> Any:
        given = Decimal(error) if error else None
        actor = who or cast.supervisor
        return check_item(actor=actor, item=item, event=event, error=given, reason=reason)

    for error, reason, said in (
        (None, "票据不符", "差错金额"),
        ("2400.01", "票据不符", "不会超过基金支付 2,400.00 元"),
        ("5", "", "请写明差错在哪里"),
    ):
        with pytest.raises(Refusal, match=said):
            check("find_item_wrong", error, reason)
    with pytest.raises(Refusal, match="您的角色不能"):
        check("agree_item", who=cast.auditor)
    assert check("find_item_wrong", "-12.50", "少算 12.50").error == -1250
    row = check("reopen_item", None, "看错了票据")
    assert (row.status, row.error_amount) == ("pending", None)
    with pytest.raises(Refusal, match="还有 5 笔没有核查"):
        close_sample(actor=cast.approver, row=drawn, on=APRIL)
    agree(cast.supervisor, drawn)
    with pytest.raises(Refusal, match="您的角色不能"):
        close_sample(actor=cast.supervisor, row=drawn, on=APRIL)
    assert close_sample(actor=cast.approver, row=drawn, on=APRIL).status == "closed"
    with pytest.raises(Refusal, match="核查结果不能再改"):
        check("reopen_item", None, "再看")
    with pytest.raises(IntegrityError), transaction.atomic():
        Sample.objects.filter(pk=drawn.pk).update(status="drawn")


def test_who_had_a_hand_in_the_claim_does_not_examine_it(
    drawn: Sample, cast: SimpleNamespace
) -> None:
    item = drawn.items.select_related("settlement").first()
    assert item is not None
    Settlement.objects.filter(pk=item.settlement_id).update(
        status="reviewed", reviewed_by=cast.supervisor
    )
    with pytest.raises(Refusal, match="请换一人核查"):
        check_item(actor=cast.supervisor, item=item, event="agree_item")


def test_rates_are_decided_by_two_and_never_below_ten(
    county: Division, cast: SimpleNamespace, pack: Pack
) -> None:
    def propose(usual: str, raised: str, actor: User | None = None) -> Any:
        return propose_rates(
            actor=actor or cast.supervisor, area=county, on=FIRST, usual=Decimal(usual),
            raised=Decimal(raised), large_from=Decimal(3000), evidence="会议纪要", reason="加强",
        )  # fmt: skip

    assert rates_in_force(county) == Rates()
    with pytest.raises(Refusal, match="不能低于 10%"):
        propose("9.99", "20")
    with pytest.raises(Refusal, match="不低于一般抽查率"):
        propose("15", "12")
    with pytest.raises(Refusal, match="基金监管岗"):
        propose("15", "30", cast.approver)
    row = propose("12.5", "30")
    assert rates_in_force(county) == Rates(), "nothing changes until another has agreed"
    RATES.decide(row, "approve_sampling_rate", actor=cast.approver, on=FIRST)
    rates = rates_in_force(county)
    assert (rates.usual * 2, rates.raised, rates.large_from) == (25, 30, 300_000)
    sample = seal_seed(area=county, month=MARCH, on=FIRST)
    assert sample is not None and sample.usual == Decimal("12.5")


def test_the_daily_work_seals_this_month_and_one_that_was_missed(
    county: Division, other_county: Division, pack: Pack
) -> None:
    """Only where measures are in force; what was sealed after its month says so. Beside the months
    stand the quarters of the full checks."""
    assert seal_seeds(date(2026, 3, 5)) == 4
    assert seal_seeds(date(2026, 3, 6)) == 0
    assert {(f"{one.first_on}", one.is_late) for one in Sample.objects.filter(span="month")} == {
        ("2026-02-01", True),
        ("2026-03-01", False),
    }


def test_pages_from_the_draw_to_the_closing(
    sealed: Sample, stays: list[Settlement], cast: SimpleNamespace,
    as_user: Callable[[User], Client], settings: Any,
) -> None:  # fmt: skip
    client, url = as_user(cast.supervisor), f"/supervision/samples/{sealed.pk}"
    settings.TODAY = date(2026, 3, 31)
    page = client.get(url).content.decode()
    assert sealed.digest in page and sealed.secret not in page and "draw_sample" not in page
    settings.TODAY = APRIL
    assert "待抽取" in client.get("/").content.decode()
    client.post(f"{url}/draw_sample")
    page = client.get(url).content.decode()
    assert sealed.secret in page and "王*" in page and "王一" not in page
    for item in SampleItem.objects.all():
        check = f"/supervision/samples/items/{item.pk}/check"
        assert "请选择" in client.post(check, {}).content.decode()
        sent = client.post(check, {"event": "agree_item"})
        assert sent.status_code == 302
    assert "有差错的不足 5 笔" in client.get(url).content.decode()
    other = as_user(cast.approver)
    assert "close_sample" in other.get(url).content.decode()
    other.post(f"{url}/close_sample")
    sealed.refresh_from_db()
    assert sealed.status == "closed"


def test_its_papers(
    drawn: Sample, cast: SimpleNamespace, as_user: Callable[[User], Client], other_county: Division
) -> None:
    agree(cast.supervisor, drawn)
    close_sample(actor=cast.approver, row=drawn, on=APRIL)
    outside = make_user("wai", "秦外", "supervisor", other_county)

    def renamed() -> None:
        Division.objects.filter(pk=drawn.area_id).update(name="大足区")

    people: dict[str, Any] = {
        "hand": as_user(cast.supervisor),
        "change": renamed,
        "elsewhere": as_user(outside),
        "stranger": as_user(cast.clerk_a),
    }
    url = f"/supervision/samples/{drawn.pk}"
    keeps_what_it_said(SAMPLE_SHEETS, f"{url}/sheets", **people)
    keeps_what_it_said(SAMPLE_REPORT, f"{url}/report", **people)
    report = text_of(as_user(cast.auditor), f"/supervision/samples/{drawn.pk}/report", prints=False)
    assert (
        drawn.seed in report
        and "抽取 5 笔（25.00%）" in report
        and "推算全月多付 0.00 元" in report
    )
