"""Three administrators are three people, and nobody passes the own work under a second spelling."""

import io
from collections.abc import Callable
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import ADMINISTRATORS, Role, excludes
from accounts.services import assign_role, create_user
from desk.administration.resources import AccountResource
from tests.conftest import make_user
from tests.masterdata import faults

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
HEADER = ["用户名", "姓名", "角色", "所属代码", "同名说明"]
As = Callable[[User], Client]


def opened(cast: SimpleNamespace, as_user: As, username: str, name: str) -> Any:
    """By the page of the system administrator: the account, or what the page said."""
    form = {"username": username, "name": name, "password": "tianqi-henhao-71"}
    answer = as_user(cast.sysadmin).post("/accounts/users/new", form)
    return User.objects.filter(username=username).first() or answer.content.decode()


def asked(cast: SimpleNamespace, as_user: As, user: User, role: str, code: str = "") -> str:
    """By the page of the security administrator: what it said, "" when the duty was given."""
    given = {"role": role, "division_code": code, "is_active": "on"}
    answer = as_user(cast.secadmin).post(f"/accounts/users/{user.pk}", given)
    return "" if answer.status_code == 302 else answer.content.decode()


def test_an_administrator_has_no_other_duty() -> None:
    for one, other in permutations(Role, 2):
        if {one, other} & ADMINISTRATORS:
            assert excludes(one, other), (one, other)
    assert not excludes(Role.SECURITY_ADMIN, Role.SECURITY_ADMIN)
    assert not excludes(Role.SUPERVISOR, Role.APPROVER)


@pytest.mark.parametrize(
    ("who", "role", "in_county", "told"),
    [
        ("secadmin", "audit_admin", False, "孙全已有账号 secadmin（安全管理员）"),
        ("sysadmin", "security_admin", False, "钱管已有账号 sysadmin（系统管理员）"),
        ("auditadmin", "cashier", True, "李察已有账号 auditadmin（审计管理员）"),
        ("sysadmin", "village_cadre", True, "钱管已有账号 sysadmin（系统管理员）"),
        ("auditor", "audit_admin", False, "沈严已有账号 auditor（审计）"),
        ("hospital_clerk", "system_admin", False, "韩梅已有账号 hospital_clerk（定点机构）"),
        ("other_officer", "security_admin", False, "秦外已有账号 other_officer（初审）"),
    ],
)
def test_an_administrator_who_asks_for_more_is_asked_who_he_is(
    cast: SimpleNamespace, county: Division, as_user: As,
    who: str, role: str, in_county: bool, told: str,
) -> None:  # fmt: skip
    second = opened(cast, as_user, "second", getattr(cast, who).name)
    code = county.code if in_county else ""
    assert told in asked(cast, as_user, second, role, code)
    second.refresh_from_db()
    assert not second.is_active
    given = {"role": role, "division": county if in_county else None, "institution_code": ""}
    note = "人民医院信息科的另一人，1990 年生"
    assign_role(actor=make_user("sec2", "管安全", Role.SECURITY_ADMIN), user=second,
                is_active=True, other_person=note, **given)  # fmt: skip
    assert AuditLine.objects.filter(action="accounts.assign_role").latest("pk").reason == note


def test_the_supervisor_may_be_the_approver(
    cast: SimpleNamespace, county: Division, as_user: As
) -> None:
    second = opened(cast, as_user, "second", "蒋正平")
    assert asked(cast, as_user, second, "approver", county.code) == ""


@pytest.mark.parametrize("name", ["冯 小兰", "冯\u3000小兰 ", "冯小\u200b兰", "冯\u2063小兰\u00a0"])
def test_a_blank_makes_nobody_another_person(
    cast: SimpleNamespace, county: Division, as_user: As, name: str
) -> None:
    """冯小兰 is the cashier and would like to review as well."""
    second = opened(cast, as_user, "second", name)
    assert second.name == "冯小兰"
    told = asked(cast, as_user, second, "reviewer", county.code)
    assert "冯小兰已有账号 cashier（出纳）" in told


@pytest.mark.parametrize(
    ("name", "told"), [("冯小兰·", "间隔号前后都应有字"), ("冯小兰（复核）", "第 4 个字“(”")]
)
def test_what_is_no_name_is_refused_everywhere(
    cast: SimpleNamespace, as_user: As, name: str, told: str
) -> None:
    assert told in opened(cast, as_user, "second", name)
    with pytest.raises(Refusal, match=told.replace("(", r"\(")):
        create_user(actor=cast.sysadmin, username="second", name=name, password="qiushou-2026-x")
    row = ["fengxl", name, "会计", "500225", ""]
    (fault,) = faults(AccountResource(cast.sysadmin, today()), [HEADER, row])
    assert "姓名" in fault and told in fault


def test_a_name_of_earlier_years_is_compared_by_its_letters(
    cast: SimpleNamespace, county: Division, as_user: As
) -> None:
    User.objects.filter(pk=cast.cashier.pk).update(name="冯 小兰·")
    second = opened(cast, as_user, "second", "冯小兰")
    assert "已有账号 cashier（出纳）" in asked(cast, as_user, second, "reviewer", county.code)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["sunq", "孙 全", "审计管理员", "", ""], "孙全已有账号 secadmin（安全管理员）"),
        (["sunq", "孙全", "村干部", "500225101201", ""], "孙全已有账号 secadmin（安全管理员）"),
        (["shenyan", "沈严", "系统管理员", "", ""], "沈严已有账号 auditor（审计）"),
        (["fengxl", "冯 小 兰", "会计", "500225", ""], "冯小兰已有账号 cashier（出纳）"),
    ],
)
def test_the_table_asks_the_same(
    cast: SimpleNamespace, village_a: Division, row: list[str], told: str
) -> None:
    (fault,) = faults(AccountResource(cast.sysadmin, today()), [HEADER, row])
    assert told in fault
    row[4] = "另一人，身份证不同"
    assert faults(AccountResource(cast.sysadmin, today()), [HEADER, row]) == []


def test_the_command_asks_the_same(cast: SimpleNamespace) -> None:
    with pytest.raises(CommandError, match=r"冯小兰已有账号 cashier（出纳）"):
        call_command("open_administrator", "security_admin", "fengxl", "冯 小兰")
    assert not User.objects.filter(username="fengxl").exists()
    note = "县信息中心的冯小兰，身份证不同"
    call_command(
        "open_administrator", "security_admin", "fengxl", "冯 小兰", note=note, stdout=io.StringIO()
    )
    assert User.objects.get(username="fengxl").name == "冯小兰"
    assert AuditLine.objects.latest("pk").reason == note
