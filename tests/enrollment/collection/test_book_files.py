"""郑淑芬 issues the autumn's receipt books to the townships with one table."""

from datetime import date

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from desk import masterdata
from desk.models import MasterFile
from enrollment.collection.books import issue_book
from enrollment.collection.models import ReceiptBook
from enrollment.collection.resources import ReceiptBookResource
from tests.conftest import table_in
from tests.enrollment.conftest import OCTOBER
from tests.masterdata import confirm, faults, send

pytestmark = pytest.mark.django_db
URL = "/enrollment/prepare/books/load"
HEADER = ["票据本号", "参保年度", "领用人用户名", "领用人", "起号", "止号"]


@pytest.fixture(autouse=True)
def _autumn(settings):
    settings.TODAY = OCTOBER


def test_books_are_issued_and_the_same_table_issues_none(cast, campaign, as_user):
    client = as_user(cast.accountant)
    rows = [
        HEADER,
        ["LS01", 2026, "clerk_a", "陈秀英", 1, 100],
        ["ＷＧ０１", "２０２６", "clerk_b", "", 101, 250],
    ]
    assert "新增 2" in send(client, URL, rows)
    assert "新增 2 条，变更 0 条" in confirm(client, URL)
    book = ReceiptBook.objects.get(code="WG01")
    assert (book.clerk, book.township.name, book.next_number, book.last_number) == (
        cast.clerk_b,
        "万古镇",
        101,
        250,
    )
    assert AuditLine.objects.filter(action="enrollment.issue_book").count() == 2
    assert "与现有数据完全一致" in send(client, URL, rows)
    rows = table_in(client.post(f"{URL}/export").getvalue())
    assert rows[1:] == [
        ["LS01", "2026", "clerk_a", "陈秀英", "1", "100", ""],
        ["WG01", "2026", "clerk_b", "罗志强", "101", "250", ""],
    ]
    # Its clerk is gone, the book is still in the table that comes back.
    User.objects.filter(pk=cast.clerk_b.pk).update(is_active=False)
    assert "无变化 2" in send(client, URL, rows)


def test_five_faults_are_told_and_no_book_is_issued(cast, campaign, as_user):
    issue_book(
        actor=cast.accountant, clerk=cast.clerk_a, year=2026, code="LS01", first_number=1,
        last_number=100,
    )  # fmt: skip
    User.objects.filter(pk=cast.clerk_a2.pk).update(is_active=False)
    rows = [
        HEADER,
        ["LS01", 2026, "clerk_a", "", 1, 200],
        ["LS/02", 2026, "clerk_a", "", 101, 200],
        ["LS03", 2026, "reviewer", "", 201, 300],
        ["LS04", 2026, "clerk_a2", "", 301, 400],
        ["LS05", 2026, "clerk_a", "", 500, 401],
        ["LS06", 2026, "clerk_a", "", 501, 600],
    ]
    assert faults(ReceiptBookResource(cast.accountant, OCTOBER), rows) == [
        "第 2 行：票据本号：票据本 LS01 已经发放，不能用表修改；转交、交回、挂失请在“票据本”里办理",
        "第 3 行：票据本号：票据本号为 2 至 20 位字母、数字或短横",
        "第 4 行：领用人用户名：本辖区没有“reviewer”这个乡镇经办，请核对",
        "第 5 行：领用人用户名：谭明芳已不在岗，票据本只能发给在岗的乡镇经办",
        "第 6 行：止号：止号不能小于起号 500",
    ]
    send(as_user(cast.accountant), URL, rows)
    assert ReceiptBook.objects.count() == 1


def test_a_book_issued_at_the_window_meanwhile_is_not_issued_twice(cast, campaign, as_user):
    client = as_user(cast.accountant)
    send(client, URL, [HEADER, ["LS01", 2026, "clerk_a", "", 1, 100]])
    file = MasterFile.objects.get()
    shown = masterdata.plan_of(ReceiptBookResource, file, on=date(2025, 10, 15)).fingerprint
    issue_book(
        actor=cast.accountant, clerk=cast.clerk_a2, year=2026, code="LS01", first_number=1,
        last_number=50,
    )  # fmt: skip
    with pytest.raises(Refusal, match="有人改过这些数据"):
        masterdata.confirm(
            ReceiptBookResource, actor=cast.accountant, fingerprint=shown, on=OCTOBER
        )
    assert ReceiptBook.objects.get().last_number == 50


def test_only_who_prepares_the_campaign_issues_books(cast, as_user):
    for person in (cast.clerk_a, cast.supervisor, cast.cashier):
        assert as_user(person).get(URL).status_code == 403
