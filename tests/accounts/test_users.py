"""Three administrators, three duties: one opens accounts, one grants, one watches."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.roles import Role
from accounts.services import assign_role, create_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]


def test_an_account_works_only_after_two_administrators(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    as_user(cast.sysadmin).post(
        "/accounts/users/new",
        {"username": "clerk_c", "name": "唐小雨", "password": "chunfeng-2026"},
    )
    user = User.objects.get(username="clerk_c")
    assert not user.is_active
    as_user(cast.secadmin).post(
        f"/accounts/users/{user.pk}",
        {"role": "township_clerk", "division_code": "500225101", "is_active": "on"},
    )
    user.refresh_from_db()
    assert (user.is_active, user.role, user.division.name) == (True, "township_clerk", "龙水镇")
    assert user.must_change_password
    trail = AuditLine.objects.filter(subject_id=str(user.pk)).order_by("id")
    assert [line.action for line in trail] == ["accounts.create_user", "accounts.assign_role"]


def test_a_taken_name_is_refused(cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="已有人使用"):
        create_user(actor=cast.sysadmin, username="clerk_a", name="某", password="qiushou-2026")


def test_nobody_grants_to_himself(cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="不能修改自己"):
        assign_role(
            actor=cast.secadmin,
            user=cast.secadmin,
            role=Role.CASHIER,
            division=None,
            institution_code="",
            is_active=True,
        )


def test_a_division_role_needs_a_division(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    page = (
        as_user(cast.secadmin)
        .post(
            f"/accounts/users/{cast.cashier.pk}",
            {"role": "cashier", "division_code": "999999", "is_active": "on"},
        )
        .content.decode()
    )
    assert "没有代码为 999999 的区划" in page
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cast.cashier.pk).update(division=None)


@pytest.mark.parametrize(
    ("who", "first"),
    [
        ("clerk_a", "家庭查询"),
        ("reviewer", "待初审"),
        ("approver", "待复核"),
        ("cashier", "支付批次"),
        ("accountant", "缴存"),
        ("supervisor", "定点协议将到期"),
        ("auditadmin", "权限年度复核"),
        ("cadre_a", "未参保名单"),
    ],
)
def test_enter_on_the_home_page_opens_the_first_work_of_the_day(
    cast: SimpleNamespace, as_user: Callable[..., Client], who: str, first: str
) -> None:
    page = as_user(getattr(cast, who)).get("/").content.decode()
    assert page.count(" autofocus>") == 1
    assert f" autofocus>{first}</a>" in page


def test_a_new_account_has_no_role_chosen_for_it(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    new = create_user(
        actor=cast.sysadmin, username="zhangsan", name="张三", password="chunfeng-2026-x"
    )
    client = as_user(cast.secadmin)
    url = f"/accounts/users/{new.pk}"
    page = client.get(url).content.decode()
    assert '<option value="" selected>请选择</option>' in page
    assert "海棠街道" in page or cast.clerk_a.division.name in page
    assert "请选择角色" in client.post(url, {"is_active": "on"}).content.decode()
    off = client.post(
        url,
        {"role": "township_clerk", "division_code": cast.clerk_a.division.code},
        follow=True,
    )
    assert "账号未启用，不能登录" in off.content.decode()
