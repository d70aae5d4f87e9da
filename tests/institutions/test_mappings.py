"""蒋正平 of the county decides on what hospitals call items; 韩梅 of the hospital sends a table."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Division
from institutions.mapping import Sent, propose_mappings
from institutions.models import CatalogueItem, CodeMapping, Institution
from institutions.resources import MappingResource
from tests.claims.conftest import item
from tests.conftest import make_user, table_in
from tests.masterdata import confirm, faults, send

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 2)
LOAD = "/institutions/mappings/load"
HEADER = [cell.title for cell in MappingResource.fields.values()]


@pytest.fixture(autouse=True)
def _spring(settings: Any) -> None:
    settings.TODAY = TODAY


@pytest.fixture
def items(county: Division) -> list[CatalogueItem]:
    return [
        item(county, "X01", "阿莫西林胶囊"),
        item(county, "X02", "头孢拉定胶囊"),
        item(county, "S01", "阑尾切除术", catalogue="service", category="surgery"),
    ]


@pytest.fixture
def three(cast: SimpleNamespace, items: Any) -> list[CodeMapping]:
    facts = {"kind": "101", "first_day": date(2026, 3, 1)}
    sent = [
        Sent(own_code="YP1", own_name="阿莫西林", code="X01", details=[("规格", "0.25g")], **facts),
        Sent(own_code="YP2", own_name="先锋六号", code="X02", **facts),
        Sent(own_code="YP3", own_name="头孢氨苄", code="X02", **facts),
    ]
    return propose_mappings(actor=cast.hospital_clerk, sent=sent)


def page(client: Any, query: str = "") -> str:
    return str(client.get(reverse("institutions:mappings") + query).content.decode())


def statuses() -> list[str]:
    return list(CodeMapping.objects.order_by("own_code").values_list("status", flat=True))


def test_the_county_agrees_to_some_and_refuses_one(
    three: list[CodeMapping], cast: SimpleNamespace, as_user: Any
) -> None:
    officer = as_user(cast.supervisor)
    shown = page(officer)
    assert "先锋六号" in shown and "头孢拉定胶囊" in shown and "规格 0.25g" in shown
    two = [one.pk for one in three[:2]]
    done = officer.post(
        reverse("institutions:mappings_agree") + "?status=proposed", {"mappings": two}, follow=True
    )
    told = done.content.decode()
    assert "已同意 2 条对照" in told and "头孢氨苄" in told and "先锋六号" not in told
    refuse = reverse("institutions:mappings_refuse")
    asked = officer.post(refuse, {"mappings": [three[2].pk]}).content.decode()
    assert "头孢氨苄" in asked and "不同意的原因" in asked
    short = officer.post(refuse, {"mappings": [three[2].pk], "reason": "错"})
    assert short.status_code == 200 and statuses() == ["agreed", "agreed", "proposed"]
    officer.post(refuse, {"mappings": [three[2].pk], "reason": "不是同一种药"})
    assert statuses() == ["agreed", "agreed", "refused"]
    clerk = page(as_user(cast.hospital_clerk))
    assert "不是同一种药" in clerk and "同意所选" not in clerk and "撤销所选" in clerk
    end = reverse("institutions:mappings_end")
    officer.post(end, {"mappings": [three[0].pk], "reason": "规格有误"})
    assert statuses() == ["withdrawn", "agreed", "refused"]


def test_nothing_ticked_and_what_was_decided_already_is_told(
    three: list[CodeMapping], cast: SimpleNamespace, as_user: Any
) -> None:
    officer = as_user(cast.supervisor)
    for name in ("agree", "refuse", "end"):
        told = officer.post(reverse(f"institutions:mappings_{name}"), follow=True)
        assert "请先勾选对照" in told.content.decode()
    agree = reverse("institutions:mappings_agree")
    officer.post(agree, {"mappings": [three[0].pk]})
    told = officer.post(agree, {"mappings": [one.pk for one in three]}, follow=True)
    assert "不能办理“同意对照”" in told.content.decode()
    assert statuses() == ["agreed", "proposed", "proposed"]  # all or none


def test_the_hospital_takes_its_own_back_and_nobody_else(
    three: list[CodeMapping], cast: SimpleNamespace, as_user: Any,
    township_hospital: Institution, other_county: Division,
) -> None:  # fmt: skip
    withdraw = reverse("institutions:mappings_withdraw")
    other = make_user(
        "town_clerk", "余芳", cast.hospital_clerk.role, institution_code=township_hospital.code
    )
    abroad = make_user("abroad", "秦外", cast.supervisor.role, other_county)
    picked = {"mappings": [three[0].pk]}
    assert as_user(other).post(withdraw, picked).status_code == 404
    assert "阿莫西林" not in page(as_user(other))
    for name in ("agree", "refuse", "end"):
        url = reverse(f"institutions:mappings_{name}")
        assert as_user(abroad).post(url, picked).status_code == 404
        assert as_user(cast.hospital_clerk).post(url, picked).status_code == 403
    assert as_user(cast.supervisor).post(withdraw, picked).status_code == 403
    assert statuses() == ["proposed"] * 3
    as_user(cast.hospital_clerk).post(withdraw, picked)
    assert statuses() == ["withdrawn", "proposed", "proposed"]


def row(own: str, code: str, kind: str = "西药中成药", first: str = "2026-03-01") -> list[str]:
    return [own, "阿莫西林", kind, code, first, "", "0.25g", "24粒/盒"]


def test_a_clinic_without_an_interface_sends_a_table(
    items: Any, cast: SimpleNamespace, as_user: Any
) -> None:
    clerk = as_user(cast.hospital_clerk)
    rows = [HEADER, row("YP1", "X01"), row("SS1", "S01", "医疗服务项目")]
    assert "新增 2" in send(clerk, LOAD, rows)
    assert not CodeMapping.objects.exists()
    assert "新增 2 条" in confirm(clerk, LOAD)
    one = CodeMapping.objects.get(own_code="YP1")
    assert (one.status, one.spec, one.pack, one.proposed_by) == (
        "proposed", "0.25g", "24粒/盒", cast.hospital_clerk,
    )  # fmt: skip
    assert (one.code, one.first_day, one.last_day) == ("X01", date(2026, 3, 1), None)
    assert "无变化 2" in send(clerk, LOAD, rows)
    back = table_in(clerk.post(f"{LOAD}/export").getvalue())
    assert "无变化 2" in send(clerk, LOAD, back)


def test_five_faults_are_told_by_row_and_column(
    three: list[CodeMapping], cast: SimpleNamespace
) -> None:
    rows = [
        HEADER,
        row("YP1", "X02"),
        row("YP4", "X404"),
        row("YP5", "S01"),
        row("YP6", "X01", "饮料"),
        [*row("YP7", "X01")[:5], "2026-02-01", "", ""],
        row("YP8", "X01"),
    ]
    told = faults(MappingResource(cast.hospital_clerk, TODAY), rows)
    begins = [
        "第 2 行：机构项目编码：已对照 X01（待审批），要改的请先在列表中撤销",
        "第 3 行：医保编码：本统筹区目录没有编码 X404，",
        "第 4 行：目录类别：编码 S01 在目录中是诊疗项目",
        "第 5 行：目录类别：“饮料”应为：西药中成药、",
        "第 6 行：停用日期：停用日期早于启用日期",
    ]
    assert len(told) == len(begins)
    for said, begin in zip(told, begins, strict=True):
        assert said.startswith(begin), said
