"""The page of report analysis: who sees what, what it costs, where its figures lead, its names."""

import io
import re
from html import unescape

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLine
from desk.listing import Table
from reports.analysis.models import NamedView
from reports.listings import ACCOUNT_USE, CLAIMS, COVERS, POSTINGS
from tests.claims.conftest import line
from tests.reports.conftest import MARCH, TODAY

PAGE = "/reports/analysis"


@pytest.fixture(autouse=True)
def _first_of_april(settings):
    settings.TODAY = TODAY


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def behind(cast, rf):
    """behind(address): rows and sums of the list there."""

    def follow(address):
        path, _, query = address.partition("?")
        listing = {
            "/reports/claims": CLAIMS, "/reports/postings": POSTINGS,
            "/reports/covers": COVERS, "/reports/account-use": ACCOUNT_USE,
        }[path]  # fmt: skip
        request = rf.get(f"{path}?{query}")
        request.user, request.resolver_match = cast.auditor, None
        table = Table(listing, request)
        assert table.form.is_valid(), (address, table.form.errors)
        return table.number, {
            column.title: value
            for column, value in zip(table.columns, table.sums, strict=True)
            if column.total
        }

    return follow


def test_each_figure_leads_to_the_rows_that_it_was_summed_from(spring, cast, as_user, behind):
    client = as_user(cast.auditor)

    def led(query):
        context = client.get(f"{PAGE}?until=2026-03&{query}").context
        return context["answer"], context["list"].listing.whole

    found, whole = led("measure=cost&by=township")
    for row in [*found.rows, whole]:
        sums = behind(row.leads.top)[1]
        assert sums["总费用"] * 100 == row.value
    found, whole = led("measure=average_stay_cost&by=institution&township=500225101")
    for row in [*found.rows, whole]:
        assert behind(row.leads.bottom)[0] == row.bottom
        assert behind(row.leads.top)[1]["总费用"] * 100 == row.top
    for query in ("measure=visits&by=month", "measure=visits&by=level", "measure=stays&by=disease"):
        found, whole = led(query)
        assert [behind(row.leads.top)[0] for row in [*found.rows, whole]] == [
            row.value for row in [*found.rows, whole]
        ]
    found, whole = led("measure=enrolled&by=village")
    assert [behind(row.leads.top)[0] for row in [*found.rows, whole]] == [2, 2, 4]
    found, whole = led("measure=account_granted&by=township")
    assert behind(whole.leads.top)[1]["账户划入"] * 100 == whole.value
    found, whole = led("measure=premiums&by=township")
    for row in [*found.rows, whole]:
        sums = behind(row.leads.top)[1]
        assert (sums["贷方"] - sums["借方"]) * 100 == row.value > 0


def test_many_claims_cost_the_statements_of_one(spring, people, cast, as_user):
    client = as_user(cast.auditor)
    address = f"{PAGE}?measure=hospitalisation_rate&by=village&against=last_year"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for person, number in ((people.chen, "3"), (people.li, "4")):
        spring.counter(person, line("X01", number, "100.00"), on=MARCH.last)
    client.get(address)
    with CaptureQueriesContext(connection) as many:
        page = text(client.get(address))
    assert len(many) == len(few) <= 22
    assert page.count("<svg ") == 1 and "无账：2025-01 至 2025-03" in page


def test_what_does_not_fit_is_told_beside_its_field(spring, cast, as_user):
    client = as_user(cast.auditor)
    for query, told in (
        ("measure=premiums&by=care", "“个人缴费（当年筹资）”不能按就医类别分，可按月份、乡镇"),
        ("span=free", "请选择起始月份"),
        ("span=free&since=2020-01&until=2026-03", "一次最多 36 个月"),
        ("against=peers&by=month", "与同级机构比，请把维度选为“医疗机构”"),
        ("township=500226101", "乡镇"),
    ):
        page = text(client.get(f"{PAGE}?{query}"))
        assert told in page and "<svg " not in page, query


def test_a_township_sees_its_own_and_takes_nothing_home(spring, cast, as_user):
    client = as_user(cast.clerk_a)
    page = text(client.get(f"{PAGE}?measure=cost&by=township"))
    assert "龙水镇" in page and "万古镇" not in page and "6,200.00" in page
    assert "导出 Excel" not in page
    assert client.post(f"{PAGE}/export", {"reason": "年度审计"}).status_code == 403
    for who in (cast.cadre_a, cast.hospital_clerk):
        assert as_user(who).get(PAGE).status_code == 403
    assert "6,200.00" not in text(as_user(cast.other_officer).get(PAGE))


def test_the_workbook_has_the_rows_and_the_trail_the_reason(spring, cast, as_user):
    client = as_user(cast.auditor)
    asked = f"{PAGE}/export?measure=actual_ratio&by=township&span=month&until=2026-03"
    assert client.post(asked).status_code == 302
    response = client.post(asked, {"reason": "年度审计"})
    header, *rows = openpyxl.load_workbook(io.BytesIO(response.getvalue())).active.iter_rows(
        values_only=True
    )
    assert header == ("乡镇", "实际补偿比", "基金支付", "医疗总费用")
    # 王建国 2050 of 5000, 张大山 6650 of 20000
    assert sorted(rows) == [("万古镇", 0.3325, 6650, 20000), ("龙水镇", 0.41, 2050, 5000)]
    said = AuditLine.objects.get(action="export")
    assert (said.reason, said.after["criteria"]["by"]) == ("年度审计", "township")


def test_a_view_is_kept_by_its_owner_and_shared_by_an_officer(spring, cast, as_user):
    client = as_user(cast.supervisor)
    query = "measure=cost&by=township&span=month&until=2026-03&township=500225101"
    answer = client.post(f"{PAGE}/views?{query}", {"name": "龙水费用", "is_shared": "on"})
    view = NamedView.objects.get()
    assert answer["Location"] == view.address
    assert "until" not in view.query, "the present month goes on with time"
    again = text(client.post(f"{PAGE}/views?{query}", {"name": "龙水费用"}))
    assert "您已有同名的视图" in again
    clerk = as_user(cast.clerk_b)
    assert "龙水费用" in text(clerk.get(PAGE))
    assert "<svg " not in text(clerk.get(view.address)), "another township stays closed"
    refused = text(clerk.post(f"{PAGE}/views", {"name": "全县", "is_shared": "on"}))
    assert "全县共用的视图由县级经办人员保存" in refused
    for act in ("rename", "remove"):
        assert clerk.post(f"{PAGE}/views/{view.pk}/{act}", {"name": "x"}).status_code == 404
    assert "龙水费用" not in text(as_user(cast.other_officer).get(PAGE))
    clerk.post(f"{PAGE}/views?by=care", {"name": "本镇类别"})
    assert "本镇类别" not in text(client.get(PAGE))
    client.post(f"{PAGE}/views/{view.pk}/rename", {"name": "龙水镇费用"})
    assert "龙水镇费用" in text(client.get(PAGE))
    client.post(f"{PAGE}/views/{view.pk}/remove")
    assert list(NamedView.objects.values_list("name", flat=True)) == ["本镇类别"]
    acts = AuditLine.objects.filter(action__startswith="reports.").values_list("action", flat=True)
    assert set(acts) >= {"reports.keep_view", "reports.rename_view", "reports.remove_view"}


def test_sorting_keeps_what_was_asked(spring, cast, as_user):
    client = as_user(cast.auditor)
    page = text(client.get(f"{PAGE}?measure=cost&by=township&until=2026-03"))
    sorts = next(unescape(one) for one in re.findall(r'href="([^"]*sort=value)"', page))
    assert "by=township" in sorts
    table = client.get(sorts).context["list"]
    assert [row.value for row in table.rows] == [6200_00, 20000_00]
