"""启用清单: 大足县 moves in, step by step, from an empty deployment."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.opening import Administrator, Asked, open_county
from accounts.roles import PERMISSIONS, ROLE_NAMES, Role
from desk.worklist import counts, notes
from enrollment.models import Campaign
from funds.opening.models import OpeningLine
from funds.opening.services import decide_opening, propose_opening
from funds.services import open_book
from institutions.models import CatalogueItem
from lib.periods import Month
from moving.beginning.models import Established, MovedIn
from moving.beginning.services import decide_moved_in, declare, is_over
from moving.beginning.steps import BY_KEY, STEPS, standing
from policies.models import Pack
from tests.conftest import make_division

pytestmark = pytest.mark.usefixtures("as_application")
SignIn = Callable[[User], Client]
DAY = date(2026, 7, 2)
WHY: dict[str, Any] = {"evidence": "验收会议纪要", "reason": "票据本由原系统用完"}


def at(area: Division) -> dict[str, Any]:
    return {one.step.key: one for one in standing(area, DAY)}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.message


def test_the_table_is_whole() -> None:
    assert len(BY_KEY) == len(STEPS)
    for step in STEPS:
        assert set(step.after) <= set(BY_KEY) - {step.key}, step.key
        assert step.roles and step.lacks and step.needs, step.key
        assert set(step.roles) <= PERMISSIONS["accounts.view_beginning"], step.key
        for link in step.links:
            try:
                assert link.url
            except NoReverseMatch:
                pytest.fail(f"{step.key}: {link.route}")
        # Somebody who does the step can open a way to it.
        assert any(not link.is_file for link in step.links), step.key


def test_no_step_waits_for_itself() -> None:
    """However long the way: after each step comes what it waits for, and never the step again."""
    for step in STEPS:
        seen, ahead = set(), list(step.after)
        while ahead:
            key = ahead.pop()
            assert key != step.key, step.key
            if key not in seen:
                seen.add(key)
                ahead += BY_KEY[key].after


@pytest.mark.django_db
def test_an_empty_deployment_begins_with_the_divisions() -> None:
    open_county(Asked(
        code="500225", name="大足县", first_day=date(2026, 1, 1),
        administrators={
            Role.SYSTEM_ADMIN: Administrator("xt.admin", "钱管"),
            Role.SECURITY_ADMIN: Administrator("aq.admin", "孙全"),
            Role.AUDIT_ADMIN: Administrator("sj.admin", "李察"),
        },
    ))  # fmt: skip
    area = Division.objects.get()
    found = at(area)
    assert found["divisions"].told == "0 个乡镇、0 个村、0 个组"
    assert found["divisions"].stops == () and not found["divisions"].is_done
    assert found["users"].stops == ("还没有乡镇、村的区划，请先由系统管理员读入",)
    assert found["opening"].stops == ("还没有基本医疗保险基金的账套，请先由会计建账",)
    assert not any(one.is_done for one in found.values())
    town = make_division("500225101", "龙水镇", area)
    make_division("500225101201", "保竹村", town)
    found = at(area)
    assert found["divisions"].told == "1 个乡镇、1 个村、0 个组"
    assert found["divisions"].is_done and found["users"].stops == ()


def test_facts_are_counted(cast: SimpleNamespace, county: Division, pack: Pack) -> None:
    found = at(county)
    assert found["users"].is_done and found["users"].told == "15 个授权的账号"
    assert found["measures"].told == "1 个采用的办法"
    assert found["institutions"].told == "1 家机构"
    assert found["agreements"].told == "1 份有效的协议"
    assert found["books"].told == "0 个账套" and found["budget"].stops
    book = open_book(actor=cast.accountant, area=county, first_month=Month(2026, 7))
    assert at(county)["opening"].told == "城乡居民基本医疗保险基金没有登记"
    row = propose_opening(
        actor=cast.accountant, book=book, on=DAY, evidence="余额表", reason="启用",
        lines=[
            OpeningLine(account="1003", debit=Decimal("1234.50")),
            OpeningLine(account="3001", credit=Decimal("1234.50")),
        ],
    )  # fmt: skip
    assert at(county)["opening"].told == "城乡居民基本医疗保险基金待审批"
    decide_opening(actor=cast.approver, opening=row, event="approve_opening", on=DAY)
    now = at(county)["opening"]
    assert now.told == "城乡居民基本医疗保险基金 1,234.50 元（2026-06-0001）" and now.is_done
    User.objects.filter(pk__in=[cast.cashier.pk, cast.cashier2.pk]).update(is_active=False)
    assert at(county)["users"].told == "13 个授权的账号、还没有出纳"


def test_a_year_that_came_in_with_its_covers_is_no_campaign_of_ours(county: Division) -> None:
    for year in (2025, 2026, 2027):
        first, last = date(year - 1, 10, 1), date(year - 1, 11, 30)
        Campaign.objects.create(
            area=county, year=year, first_day=first, last_day=last, remit_by=last
        )
        now = at(county)["campaign"]
        assert now.is_done == (year == 2027)
    assert now.told == "2027 年度"


def test_a_code_counts_once_however_often_its_price_changed(county: Division) -> None:
    for first, last in ((date(2024, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), None)):
        CatalogueItem.objects.create(
            area=county, code="X01", name="阿莫西林", initials="AMXL", catalogue="drug", unit="盒",
            category="western_drug", payment_class="A", first_day=first, last_day=last,
        )  # fmt: skip
    assert at(county)["catalogues"].told == "药品 1 项、诊疗 0 项、设施 0 项"


def test_it_is_declared_by_two_and_not_while_something_lacks(
    cast: SimpleNamespace, county: Division, pack: Pack
) -> None:
    ask = {"actor": cast.accountant, "area": county, "on": DAY, **WHY}
    assert refused(lambda: declare(**ask)) == (
        "还不能办结：还没有基本医疗保险基金的账套，请先由会计建账"
    )
    open_book(actor=cast.accountant, area=county, first_month=Month(2026, 7))
    assert refused(lambda: declare(**ask | {"actor": cast.sysadmin})) == "启用办结由会计提出"
    row = declare(**ask)
    assert "票据本" in row.left and "区划" not in row.left
    assert not is_over(county)
    assert counts(cast.approver, DAY)["moving:beginning"].number == 1
    cast.accountant.role = Role.APPROVER
    said = refused(lambda: decide_moved_in(
        actor=cast.accountant, row=row, event="approve_moved_in", on=DAY
    ))  # fmt: skip
    assert "必须由不同的人办理" in said
    decide_moved_in(actor=cast.approver, row=row, event="approve_moved_in", on=DAY)
    assert is_over(county)
    assert refused(lambda: declare(**ask | {"actor": cast.accountant2})) == "启用已经办结"
    assert list(
        AuditLine.objects.filter(action__startswith="moving.")
        .order_by("id")
        .values_list("action", flat=True)
    ) == ["moving.propose_moved_in", "moving.approve_moved_in"]


def told(user: User) -> str:
    return "；".join(one.words for one in notes(user) if one.note.route == "moving:beginning")


def test_each_first_page_tells_its_steps_until_it_is_over(
    cast: SimpleNamespace, county: Division, other_county: Division
) -> None:
    assert told(cast.sysadmin) == "大足县正在启用，您经办：区划、用户——办到哪里，打开启用清单"
    assert "期初余额、本年预算" in told(cast.accountant)
    assert "本年已用情况" in told(cast.reviewer) and "票据本" in told(cast.clerk_a)
    assert told(cast.hospital_clerk) == "大足县正在启用，您经办：在院病人——办到哪里，打开启用清单"
    assert told(cast.auditor) == told(cast.cashier) == ""
    Established.objects.create(area=county)
    assert told(cast.sysadmin).startswith("荣昌县正在启用")  # the deployment's other county
    Established.objects.create(area=other_county)
    assert told(cast.sysadmin) == told(cast.accountant) == told(cast.clerk_a) == ""


def test_the_page_leads_each_role_to_its_steps(
    cast: SimpleNamespace, county: Division, pack: Pack, as_user: SignIn
) -> None:
    url = reverse("moving:beginning")
    page = as_user(cast.sysadmin).get(url).content.decode()
    assert reverse("accounts:load_users_template") in page
    assert "期初余额" not in page and ROLE_NAMES[Role.ACCOUNTANT] not in page
    page = as_user(cast.accountant).get(url).content.decode()
    # No way to what cannot begin yet, but its table can be taken home.
    assert f'"{reverse("funds:opening")}"' not in page.split("全部步骤")[1]
    assert reverse("funds:load_opening_template") in page
    assert "还没有基本医疗保险基金的账套，请先由会计建账" in page
    open_book(actor=cast.accountant, area=county, first_month=Month(2026, 7))
    page = as_user(cast.accountant).get(url).content.decode()
    assert f'"{reverse("funds:opening")}"' in page.split("全部步骤")[1]
    page = as_user(cast.hospital_clerk).get(url).content.decode()
    assert "在院病人" in page and "期初余额" not in page.split("您的步骤")[1]
    assert "全部步骤" not in page
    assert as_user(cast.cadre_a).get(url).status_code == 403


def test_it_is_declared_at_the_page(
    cast: SimpleNamespace, county: Division, pack: Pack, as_user: SignIn
) -> None:
    open_book(actor=cast.accountant, area=county, first_month=Month(2026, 7))
    hand = as_user(cast.accountant)
    page = hand.get(reverse("moving:beginning")).content.decode()
    assert "还没有办的：" in page and "提出办结" in page
    hand.post(reverse("moving:declare"), WHY)
    row = MovedIn.objects.get()
    page = as_user(cast.approver).get(reverse("moving:beginning")).content.decode()
    assert "待同意：启用办结" in page and "票据本由原系统用完" in page
    as_user(cast.approver).post(reverse("moving:end_act", args=[row.pk, "approve_moved_in"]))
    assert is_over(county)
    page = hand.get(reverse("moving:beginning")).content.decode()
    assert "吴国栋" in page and "提出办结" not in page


def test_what_cannot_begin_yet_is_refused_by_its_service_too(
    cast: SimpleNamespace, county: Division, as_user: SignIn
) -> None:
    """Nobody who has the address gets further than the page says: no book, no opening balances; no
    place, no account."""
    from funds.models import Opening
    from tests.masterdata import send

    hand = as_user(cast.accountant)
    for route in ("funds:opening", "funds:propose_opening", "funds:load_opening"):
        page = hand.get(reverse(route), follow=True).content.decode()
        assert "建立账套" in page
    assert not Opening.objects.exists()
    page = send(as_user(cast.sysadmin), reverse("accounts:load_users"), [
        ["用户名", "姓名", "角色", "所属代码"], ["wang.fang", "王芳", "乡镇经办", "500225999"],
    ])  # fmt: skip
    assert "500225999" in page and "新增 1" not in page
