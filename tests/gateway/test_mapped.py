"""Lines of a bill whose own code has no agreed meaning: told, and refused where the county says."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import Division
from gateway.mapped import check_mapped
from gateway.rules.models import InterfaceRule, rule_in_force
from gateway.rules.services import propose_rules
from gateway.rules.workflow import RULES
from institutions.mapping import Sent, decide_mappings, propose_mappings
from tests.claims.conftest import TODAY
from tests.conftest import in_duty
from tests.gateway.by_hand import asked
from tests.gateway.conftest import System

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


@pytest.fixture
def mapped(system: System, cast: SimpleNamespace) -> System:
    """OWN-X01 is X01."""
    sent = Sent(own_code="OWN-X01", own_name="阿莫西林", kind="101", code="X01", first_day=MARCH)
    (row,) = propose_mappings(actor=system.client.user, sent=[sent])
    decide_mappings(actor=cast.supervisor, mappings=[row.pk], event="agree_mapping", on=TODAY)
    return system


def line(own: str, code: str) -> dict[str, Any]:
    return {"medins_list_codg": own, "med_list_codg": code}


def told(system: System, *lines: dict[str, Any], on: date = TODAY) -> list[str]:
    message = asked(system.client, "2204", "feedetail", list(lines), on)
    check_mapped(message, "feedetail", message.rows("feedetail"), on)
    return message.warnings


def rules(cast: SimpleNamespace, area: Division, mapped_from: date | None) -> InterfaceRule:
    rule = propose_rules(
        actor=cast.supervisor, area=area, on=TODAY, mapped_from=mapped_from, traced_from=None,
        evidence="医保办〔2026〕4号", reason="规范编码",
    )  # fmt: skip
    return RULES.decide(rule, "approve_rules", actor=cast.approver, on=TODAY)


def test_unmapped_and_otherwise_meant_lines_are_told(mapped: System) -> None:
    with CaptureQueriesContext(connection) as statements:
        assert told(mapped, line("OWN-X01", "X01")) == []
    assert len(statements) == 1
    assert told(mapped, line("OWN-X01", "X01"), line("OWN-X02", "X02"), line("N1", "X02")) == [
        "没有对照的机构编码 2 个：OWN-X02、N1，请上传目录对照【3301】"
    ]
    assert told(mapped, line("OWN-X01", "X02")) == [
        "与已同意的对照不符的机构编码 1 个：OWN-X01，请核对"
    ]
    many = [line(f"N{at}", "X02") for at in range(60)]
    with CaptureQueriesContext(connection) as statements:
        assert told(mapped, *many) == [
            "没有对照的机构编码 60 个：N0、N1、N2、N3、N4等，请上传目录对照【3301】"
        ]
    assert len(statements) <= 2


def test_from_the_county_s_day_on_they_are_refused(
    mapped: System, cast: SimpleNamespace, county: Division
) -> None:
    rules(cast, county, TODAY)
    assert told(mapped, line("N1", "X02"), on=TODAY - timedelta(days=1)) != []
    with pytest.raises(Refusal, match="N1 没有已同意的目录对照") as refused:
        told(mapped, line("OWN-X01", "X01"), line("N1", "X02"))
    assert refused.value.at == ("feedetail", 1, "medins_list_codg")
    with pytest.raises(Refusal, match="已同意的对照是 X01"):
        told(mapped, line("OWN-X01", "X02"))
    assert told(mapped, line("OWN-X01", "X01")) == []
    rules(cast, county, None)  # and the latest rules hold
    assert len(told(mapped, line("N1", "X02"))) == 1


def test_two_people_decide_the_rules(
    cast: SimpleNamespace, county: Division, other_county: Division
) -> None:
    facts = {"area": county, "on": TODAY, "mapped_from": TODAY, "traced_from": None,
             "evidence": "会议纪要", "reason": "规范编码"}  # fmt: skip
    with pytest.raises(Refusal, match="由基金监管岗提出"):
        propose_rules(actor=cast.reviewer, **facts)
    rule = propose_rules(actor=cast.supervisor, **facts)
    with pytest.raises(Refusal, match="待审批"), transaction.atomic():
        propose_rules(actor=cast.supervisor, **facts)
    assert rule_in_force("500225") is None
    with pytest.raises(Refusal, match="不同的人"):
        RULES.decide(
            rule, "approve_rules", actor=in_duty(cast.supervisor, cast.approver.role), on=TODAY
        )
    RULES.decide(rule, "approve_rules", actor=cast.approver, on=TODAY)
    assert rule_in_force("500225") == rule
    assert rule_in_force("500226") is None
    assert InterfaceRule.objects.visible_to(cast.other_officer).count() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        InterfaceRule.objects.update(mapped_from=None)
