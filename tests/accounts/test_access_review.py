"""Once a year somebody looks at every account: it goes on, or it is closed."""

import re
from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.duties import namesakes
from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.roles import Role
from desk.administration.access import checked_by, close_access, keep_access, unchecked
from desk.administration.models import AccessCheck
from desk.administration.work import REVIEW_FROM
from desk.worklist import tiles
from tests.conftest import make_division, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
NOVEMBER = date(2026, 11, 20)
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def staff(cast: SimpleNamespace) -> SimpleNamespace:
    """Everybody came in on 18 November, but the cashier last in May."""
    User.objects.update(
        last_login=datetime(2026, 11, 18, 9, tzinfo=CHINA), must_change_password=False
    )
    User.objects.filter(pk=cast.cashier.pk).update(
        last_login=datetime(2026, 5, 20, 9, tzinfo=CHINA)
    )
    return cast


def test_who_gives_duties_looks_at_all_others_and_is_looked_at(staff: SimpleNamespace) -> None:
    of_security = set(unchecked(staff.secadmin, 2026))
    of_audit = set(unchecked(staff.auditadmin, 2026))
    assert of_audit == {staff.secadmin}
    assert of_security == set(User.objects.filter(is_active=True)) - {staff.secadmin}
    assert not unchecked(staff.sysadmin, 2026).exists()


def test_an_account_goes_on_and_is_not_asked_about_again_this_year(staff: SimpleNamespace) -> None:
    assert keep_access(actor=staff.secadmin, accounts=[staff.reviewer.pk], on=NOVEMBER) == 1

    row = AccessCheck.objects.get()
    assert (row.account, row.year, row.role, row.verdict) == (
        staff.reviewer, 2026, "reviewer", "kept",
    )  # fmt: skip
    assert staff.reviewer not in unchecked(staff.secadmin, 2026)
    assert staff.reviewer in unchecked(staff.secadmin, 2027)
    assert AuditLine.objects.get(action="accounts.check_access").user == staff.secadmin
    with pytest.raises(Refusal, match="本年度已经复核"):
        keep_access(actor=staff.secadmin, accounts=[staff.reviewer.pk], on=NOVEMBER)


def test_who_did_not_come_for_half_a_year_goes_on_with_a_reason_only(
    staff: SimpleNamespace,
) -> None:
    both = [staff.cashier.pk, staff.reviewer.pk]
    with pytest.raises(Refusal, match="继续使用的理由"):
        keep_access(actor=staff.secadmin, accounts=both, on=NOVEMBER)
    assert not AccessCheck.objects.exists()

    keep_access(actor=staff.secadmin, accounts=both, on=NOVEMBER, reason="产假，12月返岗")
    said = dict(AccessCheck.objects.values_list("account__username", "reason"))
    assert said == {staff.cashier.username: "产假，12月返岗", staff.reviewer.username: ""}


def test_a_closed_account_is_signed_out_at_once(
    staff: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    desk = as_user(staff.cashier)
    assert desk.get("/").status_code == 200

    close_access(
        actor=staff.secadmin, accounts=[staff.cashier.pk], on=NOVEMBER, reason="已调离本单位"
    )

    staff.cashier.refresh_from_db()
    assert not staff.cashier.is_active
    assert desk.get("/").status_code == 302
    assert AccessCheck.objects.get().reason == "已调离本单位"


def test_nobody_looks_at_his_own_and_the_auditor_closes_nothing(staff: SimpleNamespace) -> None:
    for actor, account in (
        (staff.secadmin, staff.secadmin),
        (staff.auditadmin, staff.auditadmin),
        (staff.auditadmin, staff.cashier),
    ):
        with pytest.raises(Refusal, match="不由您复核"):
            keep_access(actor=actor, accounts=[account.pk], on=NOVEMBER, reason="照常")
    with pytest.raises(Refusal, match="由安全管理员办理"):
        close_access(
            actor=staff.auditadmin, accounts=[staff.secadmin.pk], on=NOVEMBER, reason="调离"
        )
    with pytest.raises(Refusal, match="先勾选"):
        keep_access(actor=staff.secadmin, accounts=[], on=NOVEMBER)
    assert not AccessCheck.objects.exists()


def test_the_page_says_who_is_in_doubt_and_takes_what_is_ticked(
    staff: SimpleNamespace, as_user: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("listings", "pages", "work"):
        monkeypatch.setattr(f"desk.administration.{module}.today", lambda: NOVEMBER)
    client = as_user(staff.secadmin)
    page = client.get("/accounts/users/access", {"state": "open"}).content.decode()
    assert "184 天没有登录" in page and "停用" in page
    ticked = re.findall(r'name="accounts" value="(\d+)"', page)
    assert str(staff.secadmin.pk) not in ticked
    (work,) = [one for one in tiles(staff.secadmin) if one.work.title == "权限年度复核"]
    assert work.number == len(ticked)

    client.post("/accounts/users/access/keep", {"accounts": ticked, "reason": "产假"})
    assert AccessCheck.objects.count() == len(ticked)
    assert not unchecked(staff.secadmin, 2026).exists()
    assert NOVEMBER.month >= REVIEW_FROM


def test_who_had_two_duties_before_that_was_asked_is_found(
    staff: SimpleNamespace, as_user: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """冯小兰 is the cashier; an account of earlier years, spelled with a blank, reviews. 蒋正平 may
    be approver as well, and is shown beside himself all the same; a closed account is nobody's
    duty, and a namesake of another county passes nothing."""
    for module in ("listings", "pages", "work"):
        monkeypatch.setattr(f"desk.administration.{module}.today", lambda: NOVEMBER)
    county = staff.cashier.division
    old = make_user("fengxl_old", "冯小兰", Role.REVIEWER, county)
    fine = make_user("jiangzp2", "蒋正平", Role.APPROVER, county)
    closed = make_user("qianguan2", staff.sysadmin.name, Role.CASHIER, county)
    far = make_division("500120", "璧山县", county.parent)
    make_user("fengxl_far", "冯小兰", Role.APPROVER, far)
    User.objects.filter(pk=old.pk).update(name="冯 小兰")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    User.objects.update(last_login=datetime(2026, 11, 18, 9, tzinfo=CHINA))
    User.objects.update(must_change_password=False)

    client = as_user(staff.secadmin)
    with CaptureQueriesContext(connection) as few:
        page = client.get("/accounts/users/access", {"state": "same"}).content.decode()
    assert set(re.findall(r'name="accounts" value="(\d+)"', page)) == {
        str(old.pk), str(staff.cashier.pk), str(fine.pk), str(staff.supervisor.pk),
    }  # fmt: skip
    assert "与同名账号 fengxl_old（初审）是不相容岗位" in page
    assert "与同名账号 cashier（出纳）是不相容岗位" in page
    assert "有同名账号 supervisor（基金监管），若是同一人，不得复核自己经办的事项" in page
    for at in range(5):
        make_user(f"more{at}", "冯小兰", Role.APPROVER, county)
    with CaptureQueriesContext(connection) as many:
        client.get("/accounts/users/access", {"state": "same"})
    assert len(many) == len(few)
    with pytest.raises(Refusal, match="有同名账号"):
        keep_access(actor=staff.secadmin, accounts=[old.pk], on=NOVEMBER)
    with pytest.raises(Refusal, match="有同名账号"):
        keep_access(actor=staff.secadmin, accounts=[fine.pk], on=NOVEMBER)
    said = "与监督岗的蒋正平是两人，1990 年生"
    assert keep_access(actor=staff.secadmin, accounts=[fine.pk], on=NOVEMBER, reason=said) == 1
    close_access(actor=staff.secadmin, accounts=[old.pk], on=NOVEMBER, reason="两个岗位只留一个")
    assert old.pk not in namesakes()


def test_nobody_keeps_the_second_account_of_the_own_name(
    staff: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    """The security administrator reviews under another account too: that is looked at by the audit
    administrator, who sees every account of the name."""
    county = staff.cashier.division
    second = make_user("second", staff.secadmin.name, Role.REVIEWER, county)
    third = make_user("third", staff.secadmin.name, Role.APPROVER, county)
    assert not checked_by(staff.secadmin).filter(pk__in=[second.pk, third.pk]).exists()
    theirs = checked_by(staff.auditadmin)
    assert {second.pk, third.pk, staff.secadmin.pk} <= set(theirs.values_list("pk", flat=True))
    with pytest.raises(Refusal):
        keep_access(actor=staff.secadmin, accounts=[second.pk], on=NOVEMBER, reason="另一个人")
    told = namesakes()[second.pk].told
    assert "secadmin（安全管理员）" in told and "third（复核）" in told
