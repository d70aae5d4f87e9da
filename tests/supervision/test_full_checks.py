"""A quarter's full check: all of an institution that was doubted, all that cost the fund much."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement
from institutions.models import Institution
from policies.models import Pack
from supervision.models import Alert
from supervision.public.spans import quarter_of
from supervision.sampling.models import FULL_DOUBTS, FULL_FROM, Sample, SampleItem
from supervision.sampling.results import result_of
from supervision.sampling.services import (
    check_item,
    close_sample,
    draw_sample,
    propose_rates,
    seal_quarter,
    seal_seeds,
)
from supervision.sampling.workflow import RATES
from tests.application import as_owner
from tests.claims.conftest import Register
from tests.papers import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
QUARTER = quarter_of("2026-q1")
BEGIN, APRIL = date(2026, 1, 1), date(2026, 4, 2)
Settle = Callable[..., Settlement]


def decide(county: Division, cast: SimpleNamespace, amount: str, doubts: int) -> None:
    row = propose_rates(
        actor=cast.supervisor, area=county, on=BEGIN, usual=Decimal(10), raised=Decimal(20),
        large_from=Decimal(5000), full_from=Decimal(amount), full_doubts=doubts,
        evidence="合管办纪要 1 号", reason="按季全面检查",
    )  # fmt: skip
    RATES.decide(row, "approve_sampling_rate", actor=cast.approver, on=BEGIN)


@pytest.fixture
def stays(
    register: Register, village_a: Division, settled: Settle, township_hospital: Institution
) -> list[Settlement]:
    """Twelve of the county hospital, 2400.00 from the fund each, one of them doubted; eight of the
    township's, two of them doubted."""
    people = [
        register.person(f"王{at}", register.household(village_a))
        for at in "一二三四五六七八九十百千"
    ]
    county = [settled(person, 1, 4) for person in people]
    town = [settled(person, 6, 9, institution=township_hospital) for person in people[:8]]
    for claim in (*town[:2], county[0]):
        Alert.objects.create(
            rule="A11", certainty="suspect", settlement=claim, division=village_a, finding="目录外"
        )
    return [*county, *town]


def sealed(county: Division) -> Sample:
    row = seal_quarter(area=county, quarter=QUARTER, on=BEGIN)
    assert row is not None
    return row


@pytest.fixture
def drawn(
    county: Division, pack: Pack, cast: SimpleNamespace, stays: list[Settlement]
) -> Sample:  # fmt: skip
    decide(county, cast, "9000", 2)
    return draw_sample(actor=cast.supervisor, row=sealed(county), on=APRIL)


def test_an_institution_doubted_often_enough_is_checked_whole(drawn: Sample) -> None:
    """The township's hospital was doubted twice, the county's once: the bound is two. A settlement
    that nobody doubts is checked as well, and the seven others of the county hospital are not."""
    (line,) = result_of(drawn).covered
    assert (line.name, line.size, line.due, line.examined) == ("龙水镇卫生院", 8, 8, 0)
    assert line.is_whole and line.share == 0
    result = result_of(drawn)
    assert (result.size, result.drawn, result.left_out, result.estimate) == (20, 8, 12, None)
    assert {item.settlement.visit.institution_name for item in drawn.items.all()} == {
        "龙水镇卫生院"
    }
    assert str(drawn) == "2026年第1季度全面检查"


def test_large_ones_are_checked_wherever_they_were(
    county: Division, pack: Pack, cast: SimpleNamespace, stays: list[Settlement]
) -> None:
    decide(county, cast, "2400", 30)
    row = draw_sample(actor=cast.supervisor, row=sealed(county), on=APRIL)
    assert [(one.name, one.due, one.size) for one in result_of(row).covered] == [
        ("大足县人民医院", 12, 12),
        ("龙水镇卫生院", 8, 8),
    ]
    # The bound itself counts: 2400.00 is large, and of nothing nothing is checked.
    nothing = draw_sample(
        actor=cast.supervisor,
        row=_sealed_with(county, cast, "2400.01"),
        on=date(2026, 7, 2),
    )
    assert result_of(nothing).covered == []


def _sealed_with(county: Division, cast: SimpleNamespace, amount: str) -> Sample:
    """The second quarter, of which nothing was settled."""
    decide(county, cast, amount, 30)
    row = seal_quarter(area=county, quarter=quarter_of("2026-q2"), on=date(2026, 4, 1))
    assert row is not None and row.large_from == Decimal(amount)
    return row


def test_what_holds_where_nothing_was_decided(county: Division, pack: Pack) -> None:
    """And the daily work seals months and quarters, the ones before as well."""
    row = sealed(county)
    assert (row.usual, row.raised, row.large_from, row.full_doubts) == (
        0,
        100,
        FULL_FROM,
        FULL_DOUBTS,
    )
    assert seal_quarter(area=county, quarter=QUARTER, on=BEGIN) is None
    seal_seeds(date(2026, 4, 1))
    found = Sample.objects.filter(span="quarter").order_by("first_on")
    assert [(f"{one.first_on}", one.is_late) for one in found] == [
        ("2026-01-01", False),
        ("2026-04-01", False),
    ]


def test_bounds_are_refused_in_words(county: Division, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="季度逐笔核查的金额应大于 0"):
        decide(county, cast, "0", 3)
    with pytest.raises(Refusal, match="疑点数应为 1 以上"):
        decide(county, cast, "9000", 0)


def test_no_check_begins_so_high_that_nothing_is_checked(
    county: Division, cast: SimpleNamespace
) -> None:
    with pytest.raises(Refusal, match="季度逐笔核查的金额不能高于 200,000") as told:
        decide(county, cast, "200000.01", 3)
    assert told.value.at == ("full_from",)
    with pytest.raises(Refusal, match="机构全部核查的疑点数不能高于 30 笔") as told:
        decide(county, cast, "9000", 31)
    assert told.value.at == ("full_doubts",)
    decide(county, cast, "200000", 30)


def test_bounds_that_were_sealed_amid_the_quarter_say_so(
    county: Division, pack: Pack, cast: SimpleNamespace, as_user: Callable[[User], Client],
    settings: Any,
) -> None:  # fmt: skip
    """The county went live on 16 February: half of the quarter was known when it was sealed."""
    settings.TODAY = APRIL
    row = seal_quarter(area=county, quarter=QUARTER, on=date(2026, 2, 16))
    assert row is not None and row.is_amid and not row.is_late
    url, words = f"/supervision/samples/{row.pk}", "迟于本季度初"
    client = as_user(cast.supervisor)
    assert words in client.get(url).content.decode()
    draw_sample(actor=cast.supervisor, row=row, on=APRIL)
    assert words in client.get(url).content.decode()
    assert words in text_of(client, f"{url}/report", prints=False)


def test_it_waits_for_the_end_of_the_quarter_and_for_all_of_it(
    drawn: Sample, county: Division, cast: SimpleNamespace
) -> None:
    early = _sealed_with(county, cast, "9000")
    with pytest.raises(Refusal, match="本季度结算还没有结束"):
        draw_sample(actor=cast.supervisor, row=early, on=date(2026, 6, 30))
    *items, last = drawn.items.all()
    for item in items:
        check_item(actor=cast.supervisor, item=item, event="agree_item")
    with pytest.raises(Refusal, match="还有 1 笔没有核查"):
        close_sample(actor=cast.approver, row=drawn, on=APRIL)
    (line,) = result_of(drawn).covered
    assert line.share == Decimal("87.50")
    check_item(
        actor=cast.supervisor, item=last, event="find_item_wrong", error=Decimal("120.50"),
        reason="多算一天床位",
    )  # fmt: skip
    close_sample(actor=cast.approver, row=drawn, on=APRIL)
    (line,) = result_of(drawn).covered
    assert (line.share, line.wrong, line.found) == (100, 1, 120_50)


def test_a_quarter_draws_everything_or_nothing(drawn: Sample, county: Division) -> None:
    """In SQL too: a month is never below ten per cent, a quarter always a hundred."""
    with as_owner():
        for wrong in ({"usual": 5}, {"raised": 90}, {"span": "month"}, {"full_doubts": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Sample.objects.filter(pk=drawn.pk).update(**wrong)


def test_its_pages_and_papers(
    drawn: Sample, cast: SimpleNamespace, as_user: Callable[[User], Client], settings: Any
) -> None:
    settings.TODAY = APRIL
    client, url = as_user(cast.supervisor), f"/supervision/samples/{drawn.pk}"
    assert "全面检查的结算待核查" in client.get("/").content.decode()
    page = client.get("/supervision/samples/quarters").content.decode()
    assert "2026年第1季度" in page
    assert "2026年第1季度" not in client.get("/supervision/samples").content.decode()
    page = client.get(url).content.decode()
    here = re.findall(r'aria-current="\w+"[^>]*>\s*([^<]+)', page)
    assert "季度全面检查" in "".join(here), here
    assert "机构覆盖" in page and "推算" not in page and "种子" not in page
    for item in SampleItem.objects.all():
        client.post(f"/supervision/samples/items/{item.pk}/check", {"event": "agree_item"})
    other = as_user(cast.approver)
    other.post(f"{url}/close_sample")
    report = text_of(as_user(cast.auditor), f"{url}/report", prints=False)
    assert "2026年第1季度全面检查报告" in report
    assert "应逐笔核查 8 笔；" in report and "已核查 8 笔，" in report
    assert "2026-01-01 封存；" in report
    assert "100.00%" in report and "其余机构的结算 12 笔" in report
    sheets = text_of(client, f"{url}/sheets", prints=False)
    assert "2026年第1季度全面检查核对表" in sheets and "种子" not in sheets


def test_many_settlements_cost_the_statements_of_few(
    county: Division, pack: Pack, cast: SimpleNamespace, stays: list[Settlement]
) -> None:
    decide(county, cast, "2400", 9)
    row = sealed(county)
    with CaptureQueriesContext(connection) as many:
        draw_sample(actor=cast.supervisor, row=row, on=APRIL)
    quiet = _sealed_with(county, cast, "9000")
    with CaptureQueriesContext(connection) as none:
        draw_sample(actor=cast.supervisor, row=quiet, on=date(2026, 7, 2))
    # Strata and items are a statement each, which nothing to check does not need.
    assert len(many) <= len(none) + 4
