"""The pages of the ledger, each by the role it belongs to."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from funds.models import Book, Period, Voucher, VoucherDraft
from policies.models import Pack
from tests.conftest import make_user
from tests.funds.conftest import legs, through_all_hands

pytestmark = pytest.mark.usefixtures("money_aside")

TODAY = date(2026, 3, 20)
MARCH = date(2026, 3, 9)


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TODAY = TODAY


@pytest.fixture
def accountant(cast: SimpleNamespace, as_user: Callable[[User], Client]) -> Client:
    return as_user(cast.accountant)


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    response = client.get(reverse(f"funds:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_accountant_opens_the_book(accountant: Client, county: Division) -> None:
    assert "建立账套" in page(accountant, "vouchers")

    wrong = accountant.post(reverse("funds:open_book"), {"first_month": "26-1"})
    assert "月份应为 年-月" in wrong.content.decode()
    response = accountant.post(
        reverse("funds:open_book"), {"first_month": "2026-01", "fund_type": "resident"}
    )

    book = Book.objects.get()
    assert response["Location"] == f"/funds/periods?book={book.pk}"
    assert (book.area, book.first_month) == (county, date(2026, 1, 1))
    again = accountant.post(
        reverse("funds:open_book"), {"first_month": "2026-01", "fund_type": "resident"}
    )
    assert "已经建过" in again.content.decode()


def test_without_a_book_the_others_are_told_so(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    for name in ("vouchers", "accounts", "periods"):
        text = page(as_user(cast.auditor), name)
        assert "还没有账套" in text
        assert "建立账套" not in text


def test_the_list_is_narrowed_by_month_event_township_and_account(
    accountant: Client, post: Callable[..., Voucher], town_a: Division, town_b: Division
) -> None:
    post("premium_collected", "120.00", date(2025, 11, 3), township=town_a)
    post("claim_paid", "2050.00", MARCH, township=town_a, purpose="inpatient")
    post("claim_paid", "15.00", MARCH, township=town_b, purpose="outpatient")

    def labels(**query: str) -> list[str]:
        text = page(accountant, "vouchers", **query)
        known = ("2025-11-0001", "2026-03-0001", "2026-03-0002")
        return [label for label in known if label in text]

    assert labels() == ["2025-11-0001", "2026-03-0001", "2026-03-0002"]
    assert labels(month="2026-03") == ["2026-03-0001", "2026-03-0002"]
    assert labels(event="premium_collected") == ["2025-11-0001"]
    assert labels(township="500225101") == ["2025-11-0001", "2026-03-0001"]
    assert labels(account="5001") == ["2026-03-0001", "2026-03-0002"]
    assert labels(account="5001-outpatient") == ["2026-03-0002"]
    assert labels(account="5001", township="500225101") == ["2026-03-0001"]
    assert "没有符合条件的凭证" in page(accountant, "vouchers", event="reserve_used")
    assert labels(month="2026-99") == ["2025-11-0001", "2026-03-0001", "2026-03-0002"]


def test_the_list_takes_few_statements(
    accountant: Client, post: Callable[..., Voucher], django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        post("claim_paid", "15.00", MARCH, purpose="other")
    with django_assert_max_num_queries(12):
        page(accountant, "vouchers")


def test_a_voucher_prints_with_the_amount_in_words(
    accountant: Client,
    post: Callable[..., Voucher],
    pack: Pack,
    town_a: Division,
) -> None:
    voucher = post(
        "claim_paid",
        "2050.30",
        MARCH,
        purpose="inpatient",
        tier="tier2",
        township=town_a,
        institution_code="H50022500001",
        policy_year=2026,
        source="结算单 34",
    )

    text = page(accountant, "voucher", voucher.pk)

    for part in (
        "记账凭证",
        "2026年3月9日",
        "凭证号 2026-03-0001",
        "5001 社会保险待遇支出",
        "住院费用",
        "1004 支出户存款",
        "二档、龙水镇、大足县人民医院、2026年度",
        "贰仟零伍拾元叁角",
        "2,050.30",
        "制单：郑淑芬",
        "来源：结算单 34",
        "尚待封存",
    ):
        assert part in text, part
    assert "红冲</a>" not in text, "a business voucher is undone where it arose"


def test_another_countys_accountant_finds_nothing(
    post: Callable[..., Voucher],
    book: Book,
    other_county: Division,
    as_user: Callable[[User], Client],
) -> None:
    voucher = post("claim_paid", "15.00", MARCH, purpose="other")
    stranger = as_user(make_user("acc2", "段账", Role.ACCOUNTANT, other_county))

    assert "2026-03-0001" not in stranger.get(reverse("funds:vouchers")).content.decode()
    for method, name, pk in (
        ("get", "voucher", voucher.pk),
        ("get", "reverse", voucher.pk),
        ("post", "close", voucher.period_id),
        ("post", "export_month", book.pk),
    ):
        response = getattr(stranger, method)(reverse(f"funds:{name}", args=[pk]))
        assert response.status_code == 404, name
    assert stranger.get(reverse("funds:accounts"), {"book": book.pk}).status_code == 404
    asked = {"book": book.pk, "reason": "季度审计"}
    assert stranger.post(reverse("funds:ask_export"), asked).status_code == 404


def test_a_subsidy_notice_with_three_levels_is_one_voucher(
    accountant: Client, book: Book, pack: Pack, cast: SimpleNamespace
) -> None:
    assert "收到财政补助" in page(accountant, "post")
    url = reverse("funds:post") + f"?book={book.pk}&event=subsidy_received"
    form = accountant.get(url)
    key = form.context["form"]["key"].value()
    assert 'value="2026-03-20"' in form.content.decode(), "the date input shows today"
    data = {
        "on": "2026-03-09",
        "document": "渝财社〔2026〕18号",
        "amount_central": "400000",
        "amount_city": "300000.00",
        "amount_county": "100000.5",
        "tier": "tier1",
        "policy_year": "2026",
        "key": str(key),
    }

    first = accountant.post(url, data)
    second = accountant.post(url, data)

    draft = VoucherDraft.objects.get()
    assert first["Location"] == second["Location"] == reverse("funds:draft", args=[draft.pk])
    voucher = through_all_hands(draft, cast)
    assert legs(voucher) == [
        ("1003", "400000.00", "0.00"),
        ("1003", "300000.00", "0.00"),
        ("1003", "100000.50", "0.00"),
        ("4101-central", "0.00", "400000.00"),
        ("4101-city", "0.00", "300000.00"),
        ("4101-county", "0.00", "100000.50"),
    ]
    assert voucher.source == "渝财社〔2026〕18号"
    assert set(voucher.postings.values_list("tier", "policy_year")) == {("tier1", 2026)}


@pytest.mark.parametrize(
    ("event", "data", "words"),
    [
        ("subsidy_received", {"policy_year": "2026"}, "请至少填写一项金额"),
        ("expenditure_funded", {"amount_": ""}, "请填写金额"),
        ("expenditure_funded", {"amount_": "十元"}, "请填写金额，如 1200.50"),
        ("expenditure_funded", {"amount_": "10.005"}, "小数最多两位"),
        ("expenditure_funded", {"amount_": "-1"}, "金额应大于零"),
        ("expenditure_funded", {"amount_": "10", "on": "2026-03-21"}, "日期不能晚于今天"),
        ("expenditure_funded", {"amount_": "10", "on": "2025-09-30"}, "账套自 2025年10月 启用"),
        ("expenditure_funded", {"amount_": "10", "document": ""}, "请填写单据号"),
        ("expenditure_funded", {"amount_": "10", "on": "1899-12-31"}, "日期应在 1900 年至 2100 年"),
        ("expenditure_funded", {"amount_": "10", "on": "0200-01-01"}, "日期应在 1900 年至 2100 年"),
        ("expenditure_funded", {"amount_": "10", "on": "9999-12-31"}, "日期应在 1900 年至 2100 年"),
        ("expenditure_funded", {"amount_": "1e9"}, "金额“1e9”是科学记数法，请写成 1000000000"),
        ("expenditure_funded", {"amount_": "1_000"}, "金额“1_000”里有下划线，请写成 1000"),
        (
            "expenditure_funded",
            {"amount_": "١٠"},
            "金额第 1 个字（U+0661）不是通用的数字（应写",
        ),
        ("expenditure_funded", {"amount_": "Infinity"}, "请填写金额，如 1200.50"),
        ("expenditure_funded", {"amount_": "NaN"}, "请填写金额，如 1200.50"),
        ("expenditure_funded", {"amount_": "9" * 13}, "金额的数字过长，请核对"),
        (
            "subsidy_received",
            {"policy_year": "2026", "amount_central": "999999999999.99", "amount_city": "1"},
            "一张凭证的合计不能超过 999,999,999,999.99 元",
        ),
        (
            "expenditure_funded",
            {"amount_": "10", "document": "回\x1b单"},
            "单据号第 2 个字（U+001B）是终端控制符，请删去后重新输入",
        ),
    ],
)
def test_wrong_input_is_said_and_nothing_is_booked(
    accountant: Client, book: Book, event: str, data: dict[str, str], words: str
) -> None:
    url = reverse("funds:post") + f"?event={event}"
    key = "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a01"

    response = accountant.post(url, {"on": "2026-03-09", "document": "回单", "key": key} | data)

    assert words in response.content.decode()
    assert not Voucher.objects.exists()


def test_words_pasted_from_word_lose_its_soft_breaks(
    accountant: Client, book: Book, cast: SimpleNamespace
) -> None:
    url = reverse("funds:post") + "?event=expenditure_funded"
    data = {
        "on": "2026-03-09", "document": "回单\u200b１", "amount_": "10", "summary": "拨付\x0b三月",
        "key": "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a03",
    }  # fmt: skip
    accountant.post(url, data)
    voucher = through_all_hands(VoucherDraft.objects.get(), cast)
    assert (voucher.source, voucher.summary) == ("回单1", "拨付 三月")


def test_only_manual_events_have_a_form(accountant: Client, book: Book) -> None:
    response = accountant.get(reverse("funds:post"), {"event": "claim_paid"})
    assert "凭银行回单或批复在这里登记" in response.content.decode()
    assert "支付待遇</a>" not in response.content.decode()


def test_a_wrong_transfer_is_taken_back_in_red(
    accountant: Client, by_hand: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    voucher = by_hand("expenditure_funded", "500.00", MARCH)
    assert "红冲</a>" in page(accountant, "voucher", voucher.pk)
    url = reverse("funds:reverse", args=[voucher.pk])

    assert "请填写原因" in accountant.post(url, {"on": "2026-03-10", "reason": ""}).content.decode()
    response = accountant.post(url, {"on": "2026-03-10", "reason": "多打一个零"})

    draft = VoucherDraft.objects.get(reverses=voucher)
    assert response["Location"] == reverse("funds:draft", args=[draft.pk])
    waits = accountant.post(url, {"on": "2026-03-10", "reason": "又一次"})
    assert "红冲已制单" in waits.content.decode()
    red = through_all_hands(draft, cast)
    assert red.reversal_of == voucher
    text = page(accountant, "voucher", red.pk)
    assert "红字凭证，冲销" in text
    assert "负伍佰元整" in text
    assert "已由" in page(accountant, "voucher", voucher.pk)
    again = accountant.post(url, {"on": "2026-03-10", "reason": "又一次"})
    assert "不能重复红冲" in again.content.decode()


def test_balances_show_general_accounts_with_their_sums(
    accountant: Client, post: Callable[..., Voucher]
) -> None:
    post("claim_paid", "2050.00", MARCH, purpose="inpatient")
    post("claim_paid", "15.00", MARCH, purpose="outpatient")

    text = page(accountant, "accounts")

    assert "2,065.00" in text
    assert "社会保险待遇支出—住院费用" in text
    assert "债券投资" not in text, "accounts that never moved are left out"
    wrong = page(accountant, "accounts", first="2026-03", last="2025-10")
    assert "起始月份晚于截止月份" in wrong


def test_closing_a_month_from_the_page(
    accountant: Client,
    book: Book,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
) -> None:
    post("premium_collected", "120.00", date(2025, 10, 20))
    october = Period.objects.get(book=book, month=10)
    assert "收入户存款月末须无余额，现余 120.00 元" in page(accountant, "periods")
    refused = accountant.post(reverse("funds:close", args=[october.pk]), follow=True)
    assert "收入户存款月末须无余额" in refused.content.decode()

    post("premium_transferred", "120.00", date(2025, 10, 31))
    assert "由会计办理" in page(as_user(cast.auditor), "periods")
    done = accountant.post(reverse("funds:close", args=[october.pk]), follow=True)

    assert "2025年10月已结账" in done.content.decode()
    assert Period.objects.get(pk=october.pk).closed_by == cast.accountant


def test_reserves_from_the_page(
    accountant: Client, book: Book, pack: Pack, post: Callable[..., Voucher]
) -> None:
    post("premium_collected", "100000.00", MARCH, policy_year=2026)
    text = page(accountant, "reserves")
    assert "10,000.00" in text and "停提线" in text and "结余率" in text
    assert "提取风险基金" in text
    assert "-0.00" not in text

    def make(event: str) -> str:
        asked = {"year": "2026", "on": "2026-03-20"}
        done = accountant.post(reverse("funds:make_by_law", args=[event]), asked, follow=True)
        return done.content.decode()

    assert "提取风险基金已制单，待复核" in make("reserve_drawn")
    draft = VoucherDraft.objects.get()
    assert (draft.amount, draft.status) == (Decimal("10000.00"), "made")
    shown = accountant.get(reverse("funds:draft", args=[draft.pk])).content.decode()
    assert "计算过程" in shown and "筹资 × 5%" in shown and "第二十六条(二)" in shown
    assert "请等待复核、记账" in make("reserve_drawn")
    assert "2026年度还没有结束" in make("surplus_reserved")
    assert "没有等待转为 2026 年收入的预收保费" in make("advance_recognised")
    missing = accountant.post(reverse("funds:make_by_law", args=["claim_paid"]))
    assert missing.status_code == 404
    assert not Voucher.objects.filter(event="reserve_drawn").exists()


def test_the_auditor_exports_the_month(
    book: Book,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
) -> None:
    post("claim_paid", "15.00", MARCH, purpose="other")
    auditor = as_user(cast.auditor)
    assert "导出月账 Excel" in page(auditor, "accounts")
    month = reverse("funds:export_month", args=[book.pk])

    workbook = auditor.post(month, {"month": "2026-03", "reason": "季度审计"})

    assert workbook.getvalue()[:2] == b"PK"
    assert 'filename="ledger-500225-resident-2026-03.xlsx"' in workbook["Content-Disposition"]
    assert auditor.post(month, {"month": "2026-03", "reason": ""}).status_code == 302
    assert AuditLine.objects.filter(action="export", user=cast.auditor).count() == 1


def test_who_may_not(book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client]) -> None:
    for user, name, expected in (
        (cast.clerk_a, "vouchers", 403),
        (cast.reviewer, "accounts", 403),
        (cast.sysadmin, "periods", 403),
        (cast.auditor, "post", 403),
        (cast.cashier, "post", 403),
        (cast.cashier, "vouchers", 200),
        (cast.supervisor, "accounts", 200),
    ):
        response = as_user(user).get(reverse(f"funds:{name}"))
        assert response.status_code == expected, (user.username, name)
    period = Period.objects.get()
    refused = as_user(cast.auditor).post(reverse("funds:close", args=[period.pk]))
    assert refused.status_code == 403


def test_two_funds_are_two_books(
    accountant: Client, book: Book, post: Callable[..., Voucher]
) -> None:
    post("claim_paid", "15.00", MARCH, purpose="other")
    accountant.post(
        reverse("funds:open_book"), {"first_month": "2026-01", "fund_type": "assistance"}
    )
    aid = Book.objects.get(fund_type="assistance")

    assert "2026-03-0001" in page(accountant, "vouchers")
    assert "2026-03-0001" not in page(accountant, "vouchers", book=str(aid.pk))
    assert "城乡医疗救助基金" in page(accountant, "vouchers")
