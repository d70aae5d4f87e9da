"""The eight documents of a case: numbered, kept as issued, each read once for what it must say."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from accounts.roles import Role
from enrollment.models import Person
from institutions.models import Institution
from supervision.cases import parties, services
from supervision.cases.models import Case
from supervision.cases.papers import (
    CASE_CLOSING,
    CASE_DECISION,
    CASE_DELIVERY,
    CASE_FILING,
    CASE_INQUIRY,
    CASE_NOTICE,
    CASE_NOTICE_DELIVERY,
    CASE_REGISTER,
    CASE_TALK,
)
from supervision.cases.services import Clue
from tests.conftest import make_user
from tests.papers import keeps_what_it_said
from tests.supervision.cases.conftest import finding
from tests.supervision.cases.rows import told_of

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
        [
            "医保决〔",
            "91500000TEST000001",
            "渝执业0001",
            "李院长",
            "处损失金额 5 倍罚款 2,000.00 元",
            "上缴国库",
        ],
        lambda url, **how: keeps_what_it_said(CASE_DECISION, url, **how),
    ),
    "notice_delivery": (
        ["行政处理事先告知书", "2026-05-22", "直接送达", "蒋正平、罗明亮"],
        lambda url, **how: keeps_what_it_said(CASE_NOTICE_DELIVERY, url, **how),
    ),
    "delivery": (
        ["2026-06-10", "2026-06-03", "直接送达", "永兴医院办公室", "李院长", "送达人（二人签字）"],
        lambda url, **how: keeps_what_it_said(CASE_DELIVERY, url, **how),
    ),
    "closing": (
        ["医保结〔", "渝库0001", "记分〔2026〕1号"],
        lambda url, **how: keeps_what_it_said(CASE_CLOSING, url, **how),
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_document(
    name: str, request: pytest.FixtureRequest, cast: Any, as_user: Any, other_county: Division
) -> None:
    """Notice and decision are asked before they are served: a closed case has them printed."""
    told, keeps = NAMES[name]
    stage = {"notice": "looked_into", "decision": "decided"}.get(name, "closed")
    closed: Case = request.getfixturevalue(stage)

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


def test_the_second_notice_has_a_receipt_of_its_own(
    filed: Case, team: Any, evidence: Any, act: Any, cast: Any, as_user: Any
) -> None:
    """Told on 20 May and sent back; what is told anew on 27 May is not filled in with the first."""
    one, _, third = team
    evidence(filed)
    url = f"/supervision/cases/{filed.pk}/papers/notice_delivery"
    client, pages = as_user(one), []
    for day in (20, 27):
        on = date(2026, 5, day)
        found = finding(loss=Decimal(400), factor=500)
        services.report_case(actor=one, case=filed, finding=found, on=on)
        act(filed, "check_case", third, on)
        assert "□ 直接" in client.post(url).content.decode()
        told_of(actor=one, case=filed, on=on)
        pages.append(client.post(url).content.decode())
        if day == 20:
            act(filed, "return_case", cast.approver, on, "核实金额")
            assert "□ 直接" in client.get(url).content.decode()
    assert "2026-05-20" in pages[0]
    assert "2026-05-27" in pages[1] and "2026-05-20" not in pages[1]


def test_what_the_party_refuses_is_left_before_a_witness(
    filed: Case, team: Any, evidence: Any, act: Any, cast: Any, as_user: Any, settings: Any
) -> None:
    """The number of the printed decision, the two who went and the witness stand on the receipt."""
    one, _, third = team
    evidence(filed)
    on = date(2026, 5, 20)
    services.report_case(actor=one, case=filed, finding=finding(loss=400, factor=500), on=on)
    act(filed, "check_case", third, on)
    told_of(actor=one, case=filed, on=on)
    act(filed, "decide_case", cast.approver, date(2026, 6, 1))
    settings.TODAY = date(2026, 6, 3)
    client, papers = as_user(one), f"/supervision/cases/{filed.pk}/papers"
    blank = client.get(f"{papers}/delivery").content.decode()
    assert "□ 直接" in blank and "送达人（二人姓名）" in blank
    number = re.search(r"医保决〔\d+〕\d+号", client.post(f"{papers}/decision").content.decode())
    assert number
    left = {
        "way": "left", "receiver": "", "relation": "", "refusal": "认为罚款过重",
        "served_on": "2026-06-03", "place": "永兴医院", "server": "蒋正平", "reference": "",
    }  # fmt: skip
    url = f"/supervision/cases/{filed.pk}/ask/deliver_case"
    for more, at in (
        ({"other_server": "蒋正平", "witness": "赵村主任"}, "送达人应是两人"),
        ({"other_server": "蒋　正平 ", "witness": "赵村主任"}, "送达人应是两人"),
        ({"other_server": "蒋正平（科长）", "witness": "赵村主任"}, "送达人姓名第 4 个字“(”"),
        ({"server": "。", "other_server": "罗明亮", "witness": "赵村主任"}, "送达人姓名"),
        ({"other_server": "罗明亮", "witness": ""}, "留置送达请填写见证人"),
    ):
        page = client.post(url, left | more).content.decode()
        assert at in page and "认为罚款过重" in page
    client.post(url, left | {"other_server": "罗明亮", "witness": "赵村主任，永兴居委会"})
    filed.refresh_from_db()
    assert (filed.delivered_on, filed.due_on) == (date(2026, 6, 3), date(2026, 6, 18))
    page = client.get(f"{papers}/delivery").content.decode()
    for words in (number[0], "留置送达", "认为罚款过重", "赵村主任，永兴居委会", "见证人（签字）",
                  "蒋正平、罗明亮"):  # fmt: skip
        assert words in page


def test_who_described_the_party_is_in_the_trail(closed: Case, team: Any, cast: Any) -> None:
    """李院长 stands on the served decision: nobody writes another name under it."""
    line = AuditLine.objects.get(action="supervision.describe_party")
    assert line.before["party_head"] == "" and line.after["party_head"].startswith("李")
    assert line.after["changed"] == ["party_code", "party_address", "party_head"]
    described = {"address": "永兴镇正街 2 号", "on": date(2026, 6, 9)}
    with pytest.raises(Refusal, match="您的角色不能登记当事人信息"):
        parties.describe_party(actor=cast.approver, case=closed, **described)
    with pytest.raises(Refusal, match="不再登记当事人信息"):
        parties.describe_party(actor=team[0], case=closed, **described)


def test_a_person_is_named_by_a_masked_number(
    cast: Any, county: Division, wang: Person, as_user: Any
) -> None:
    told = Clue(source="handed", told="出借医保凭证", person=wang)
    case = services.open_clue(actor=cast.supervisor, area=county, clue=told, on=date(2026, 4, 1))
    facts = dict(map(tuple, parties.particulars(case)))
    assert facts["证件号码"].count("*") > 5 and wang.resident_id not in str(facts)
    assert facts["住址"].startswith(county.name)
