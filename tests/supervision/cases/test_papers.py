"""The eight documents of a case: numbered, kept as issued, each read once for what it must say."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from accounts.roles import Role
from institutions.models import Institution
from supervision.cases import execution, keeping, services
from supervision.cases.models import Case
from supervision.cases.papers import (
    CASE_CLOSING,
    CASE_DECISION,
    CASE_DELIVERY,
    CASE_FILING,
    CASE_INQUIRY,
    CASE_NOTICE,
    CASE_REGISTER,
    CASE_TALK,
)
from tests.conftest import make_user
from tests.papers import keeps_what_it_said
from tests.supervision.cases.conftest import finding

pytestmark = pytest.mark.django_db
# What each must say, and how it is asked whether it keeps it.
NAMES: dict[str, tuple[list[str], Callable[..., str]]] = {
    "filing": (
        [
            "医保立审〔",
            "虚构医药服务项目（《医疗保障基金使用监督管理条例》第四十条）",
            "蒋正平、罗明亮",
        ],
        lambda url, **how: keeps_what_it_said(CASE_FILING, url, **how),
    ),
    "inquiry": (
        ["医保查通〔", "申请回避的权利"],
        lambda url, **how: keeps_what_it_said(CASE_INQUIRY, url, **how),
    ),
    "talk": (
        ["被询问人核对"],
        lambda url, **how: keeps_what_it_said(CASE_TALK, url, **how),
    ),
    "register": (
        ["医保登存〔", "进销存账 2 册", "2026-05-09"],
        lambda url, **how: keeps_what_it_said(CASE_REGISTER, url, **how),
    ),
    "notice": (
        ["医保告〔", "五个工作日内陈述、申辩", "2,000.00 元（贰仟元整）"],
        lambda url, **how: keeps_what_it_said(CASE_NOTICE, url, **how),
    ),
    "decision": (
        ["医保决〔", "处损失金额 5 倍罚款 2,000.00 元", "上缴国库"],
        lambda url, **how: keeps_what_it_said(CASE_DECISION, url, **how),
    ),
    "delivery": (
        ["2026-06-10", "送达人（二人签字）"],
        lambda url, **how: keeps_what_it_said(CASE_DELIVERY, url, **how),
    ),
    "closing": (
        ["医保结〔", "渝库0001", "记分〔2026〕1号"],
        lambda url, **how: keeps_what_it_said(CASE_CLOSING, url, **how),
    ),
}


@pytest.fixture
def closed(
    filed: Case, team: Any, evidence: Any, act: Any, cast: SimpleNamespace, pointed: Any
) -> Case:
    """Without a claim of the county: 400.00 were paid back, which a measure says."""

    one, two, third = team
    sealed = evidence(filed, hold="seal", title="进销存账 2 册")
    keeping.release_evidence(actor=one, evidence=sealed, how="退还", on=date(2026, 5, 8))
    found = finding(loss=Decimal(400), factor=500)
    services.report_case(actor=one, case=filed, finding=found, on=date(2026, 5, 20))
    act(filed, "check_case", third, date(2026, 5, 21))
    told, on = date(2026, 5, 22), date(2026, 6, 3)
    services.notify_case(actor=one, case=filed, notified_on=told, on=told)
    points = execution.order_measure(
        actor=one, case=filed, kind="points", target="住院部医师", points=11, on=told
    )
    rest = execution.order_measure(
        actor=one, case=filed, kind="other", target="退回其余损失", amount=Decimal(400), on=told
    )
    act(filed, "decide_case", cast.approver, date(2026, 6, 1))
    services.deliver_case(actor=two, case=filed, delivered_on=on, how="直接送达", on=on)
    execution.note_fine(
        actor=one, case=filed, kind="paid", amount=Decimal(2000), paid_on=on, number="渝库0001",
        on=on,
    )  # fmt: skip
    pointed(on)
    execution.carry_out(actor=one, measure=points, note="记分〔2026〕1号", on=on)
    execution.carry_out(actor=one, measure=rest, note="收款凭证 B12", on=on)
    return act(filed, "close_case", cast.approver, date(2026, 6, 8))


@pytest.mark.parametrize("name", NAMES)
def test_a_document(
    name: str, closed: Case, cast: Any, as_user: Any, other_county: Division
) -> None:
    told, keeps = NAMES[name]

    def renamed() -> None:
        Institution.objects.filter(pk=closed.institution_id).update(name="永兴中心医院")
        Case.objects.filter(pk=closed.pk).update(party_name="永兴中心医院")

    page = keeps(
        f"/supervision/cases/{closed.pk}/papers/{name}",
        hand=as_user(cast.supervisor),
        change=renamed,
        elsewhere=as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.cashier),
    )
    for words in told:
        assert words in page, words


def test_a_case_that_came_back_is_told_anew(
    filed: Case, team: Any, evidence: Any, act: Any, cast: Any, as_user: Any
) -> None:
    """The second notice says the lesser fine, and the first stays as it was issued; so does a
    third of the same day."""
    one, _, third = team
    evidence(filed)
    url, client = f"/supervision/cases/{filed.pk}/papers/notice", as_user(one)
    for day, factor, fine in ((20, 500, "2,000.00"), (27, 300, "1,200.00"), (27, 200, "800.00")):
        on = date(2026, 5, day)
        found = finding(loss=Decimal(400), factor=factor)
        services.report_case(actor=one, case=filed, finding=found, on=on)
        act(filed, "check_case", third, on)
        page = client.post(url).content.decode()
        assert fine in page and "医保告〔" in page and "副本" not in page
        if factor > 200:
            act(filed, "return_case", cast.approver, on, "核实金额")
