"""A county's people come in one table: asked for by one administrator, given by another, and each
gets the first password in a letter that nobody else reads."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.passwords import MAX_LETTERS, hand_out
from accounts.roles import Role
from accounts.services import grant_asked
from desk.administration.resources import AccountResource
from desk.models import Paper
from tests.enrollment.collection.test_keyboard import sign_in
from tests.masterdata import confirm, faults, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
URL = "/accounts/users/load"
HEADER = ["用户名", "姓名", "角色", "所属代码", "同名说明"]
STAFF = [
    HEADER,
    ["tangxy", "唐小雨", "乡镇经办", "500225101", ""],
    ["yedg", "叶登高", "初审", "500225", ""],
    ["hanyi", "韩医", "定点机构", "H50022500001", ""],
    ["wangdm", "王大民", "村干部", "500225101201", ""],
    ["lisj", "李审计", "审计管理员", "", ""],
]
ROW = re.compile(r'name="accounts" value="(\d+)"')
SEEN = re.compile(r'name="seen" value="([0-9a-f]{32})"')
LETTER = re.compile(r"<dt>用户名</dt><dd>(\w+)</dd>.*?hz-onetime\">([\w-]+)</dd>", re.DOTALL)


def loaded(cast: SimpleNamespace, as_user: Callable[..., Client]) -> str:
    client = as_user(cast.sysadmin)
    assert "新增 5" in send(client, URL, STAFF)
    return confirm(client, URL)


def test_from_the_table_to_the_first_sign_in(
    cast: SimpleNamespace, village_a: object, as_user: Callable[..., Client]
) -> None:
    assert "新增 5 条" in loaded(cast, as_user)
    clerk = User.objects.get(username="tangxy")
    assert (clerk.is_active, clerk.has_usable_password(), clerk.asked_role) == (
        False, False, "township_clerk",
    )  # fmt: skip

    client = as_user(cast.secadmin)
    page = client.get("/accounts/users/asked").content.decode()
    assert "唐小雨" in page and "乡镇经办" in page and "龙水镇" in page
    told = client.post(
        "/accounts/users/asked/grant",
        {"accounts": ROW.findall(page), "seen": SEEN.findall(page)[0]},
        follow=True,
    ).content.decode()
    assert "已授权 5 个账号" in told and "没有待授权的账号" in told
    clerk.refresh_from_db()
    assert (clerk.is_active, clerk.role, clerk.division.name, clerk.asked_role) == (
        True, "township_clerk", "龙水镇", "",
    )  # fmt: skip
    hospital = User.objects.get(username="hanyi")
    assert (hospital.role, hospital.institution_code) == ("institution_clerk", "H50022500001")

    page = client.get("/accounts/users/letters").content.decode()
    answer = client.post("/accounts/users/letters", {"accounts": ROW.findall(page)})
    letters = dict(LETTER.findall(answer.content.decode()))
    assert set(letters) == {"tangxy", "yedg", "hanyi", "wangdm", "lisj"}
    window = Client()
    window.post("/sign-in", {"username": "tangxy", "password": letters["tangxy"]})
    assert window.get("/")["Location"] == "/password"
    assert "唐小雨" not in client.get("/accounts/users/letters").content.decode()

    trail = AuditLine.objects.filter(subject_id=str(clerk.pk)).order_by("id")
    assert [line.action for line in trail] == [
        "accounts.ask_account", "accounts.assign_role", "accounts.hand_out_password",
        "accounts.sign_in",
    ]  # fmt: skip
    kept = str(list(AuditLine.objects.values())) + str(list(User.objects.values()))
    assert not Paper.objects.exists() and not [one for one in letters.values() if one in kept]


def test_a_letter_printed_again_voids_the_one_before(
    cast: SimpleNamespace, village_a: object, as_user: Callable[..., Client]
) -> None:
    loaded(cast, as_user)
    ids = list(User.objects.asking().values_list("pk", flat=True))
    grant_asked(actor=cast.secadmin, accounts=ids)
    one = [User.objects.get(username="yedg").pk]
    ((_, first),) = hand_out(actor=cast.secadmin, accounts=one)
    ((user, second),) = hand_out(actor=cast.secadmin, accounts=one)
    user.refresh_from_db()
    assert not user.check_password(first) and user.check_password(second)
    with pytest.raises(Refusal, match="请勾选要发密码的账号"):
        hand_out(actor=cast.secadmin, accounts=[])
    with pytest.raises(Refusal, match="有的已经登录过"):
        hand_out(actor=cast.secadmin, accounts=[cast.cashier.pk])


def test_letters_are_printed_some_at_a_time(cast: SimpleNamespace) -> None:
    users = User.objects.bulk_create(
        User(
            username=f"cadre_{n}", name=f"干部{n}", role=Role.VILLAGE_CADRE,
            must_change_password=True, division=cast.cadre_a.division,
        )
        for n in range(MAX_LETTERS + 1)
    )  # fmt: skip
    with pytest.raises(Refusal, match=f"一次最多打印 {MAX_LETTERS} 封"):
        hand_out(actor=cast.secadmin, accounts=[user.pk for user in users])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["Tang", "唐小雨", "乡镇经办", "500225101", ""], "用户名：小写字母开头"),
        (["clerk_a", "陈秀英", "会计", "500225", ""], "陈秀英的账号已有角色"),
        (["tangxy", "唐小雨", "局长", "500225", ""], "角色：“局长”应为：乡镇经办"),
        (["tangxy", "唐小雨", "乡镇经办", "", ""], "所属代码：这个角色必须填写"),
        (["tangxy", "唐小雨", "乡镇经办", "500225", ""], "乡镇经办的所属应是乡镇，500225 不是"),
        (["tangxy", "唐小雨", "会计", "510000", ""], "没有代码为 510000 的区划"),
        (["tangxy", "唐小雨", "定点机构", "500225", ""], "应为本县的机构代码"),
        (["tangxy", "唐小雨", "定点机构", "H51999900001", ""], "应为本县的机构代码"),
        (["tangxy", "唐小雨", "系统管理员", "500225", ""], "三员不填所属代码"),
        # 冯小兰 is the cashier: who prepares vouchers is not who pays.
        (["fengxl", "冯小兰", "会计", "500225", ""], "冯小兰已有账号 cashier（出纳）"),
    ],
)
def test_a_wrong_row_is_told_with_the_remedy(
    cast: SimpleNamespace, row: list[str], told: str
) -> None:
    (fault,) = faults(AccountResource(cast.sysadmin, today()), [HEADER, row])
    assert fault.startswith("第 2 行") and told in fault


def test_one_person_in_two_duties_of_the_same_table(cast: SimpleNamespace) -> None:
    rows = [
        HEADER,
        ["liugx1", "刘桂香", "会计", "500225", ""],
        ["liugx2", "刘桂香", "出纳", "500225", ""],
    ]
    (fault,) = faults(AccountResource(cast.sysadmin, today()), rows)
    assert "第 3 行" in fault and "刘桂香已有账号 liugx1（会计）" in fault
    rows[2][4] = "财务科刘桂香，身份证不同"
    assert faults(AccountResource(cast.sysadmin, today()), rows) == []


def test_who_took_up_a_forbidden_duty_meanwhile_is_not_granted_the_other(
    cast: SimpleNamespace, village_a: object, as_user: Callable[..., Client]
) -> None:
    loaded(cast, as_user)
    User.objects.filter(pk=cast.cashier.pk).update(name="叶登高")
    clerk = User.objects.get(username="yedg")
    with pytest.raises(Refusal, match="叶登高（yedg）：叶登高已有账号 cashier"):
        grant_asked(actor=cast.secadmin, accounts=[clerk.pk])
    clerk.refresh_from_db()
    assert not clerk.is_active and clerk.asked_role == "reviewer"


def test_nothing_is_granted_that_was_not_on_the_page(
    cast: SimpleNamespace, village_a: object, as_user: Callable[..., Client]
) -> None:
    loaded(cast, as_user)
    client = as_user(cast.secadmin)
    page = client.get("/accounts/users/asked").content.decode()
    User.objects.filter(username="tangxy").update(asked_role="approver", asked_place="500225")
    told = client.post(
        "/accounts/users/asked/grant",
        {"accounts": ROW.findall(page), "seen": SEEN.findall(page)[0]},
        follow=True,
    ).content.decode()
    assert "请看过现在的内容再授权" in told and User.objects.asking().count() == 5


def test_the_table_mends_what_is_not_granted_yet(
    cast: SimpleNamespace, village_a: object, as_user: Callable[..., Client]
) -> None:
    loaded(cast, as_user)
    client = as_user(cast.sysadmin)
    page = send(client, URL, [HEADER, ["yedg", "叶登高", "复核", "500225", ""]])
    assert "变更 1" in page and "原：初审" in page
    confirm(client, URL)
    assert User.objects.get(username="yedg").asked_role == "approver"
    assert AuditLine.objects.filter(action="accounts.ask_account").count() == 6


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_ticked_rows_without_figures_are_counted_and_asked_about(
    window: Page, live_server: LiveServer, cast: SimpleNamespace
) -> None:
    User.objects.filter(pk__in=[cast.clerk_a.pk, cast.clerk_b.pk]).update(must_change_password=True)
    sign_in(window, live_server.url, "secadmin")
    window.goto(f"{live_server.url}/accounts/users/letters")
    said = window.locator("[data-tally-said]")
    expect(said).to_have_text("已选 0 封")
    window.locator("[data-check-all]").check()
    expect(said).to_have_text("已选 2 封")
    asked: list[str] = []
    window.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    window.keyboard.press("Alt+s")
    expect(window.locator(".hz-letter")).to_have_count(2)
    assert asked == ["已选 2 封。给所选账号各发一个新的一次性密码？此前印过的信函作废。"]
