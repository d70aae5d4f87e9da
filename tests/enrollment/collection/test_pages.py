"""The pages of collection as clerk, accountant, supervisor and stranger see them."""

import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLine
from enrollment.collection.subsidies import subsidy_rows
from enrollment.models import (
    BankLine,
    Campaign,
    DayClose,
    Enrollment,
    Receipt,
    ReceiptBook,
    Refund,
    SponsorFund,
    TaxFile,
)
from funds.services import EventLine, post_event
from tests.enrollment.collection.conftest import (
    NAMES,
    confirm,
    day,
    hand_in,
    person_id,
    statement,
    workbook,
)
from tests.enrollment.conftest import OCTOBER

pytestmark = pytest.mark.django_db
HOME = "/enrollment/treasury"


@pytest.fixture(autouse=True)
def _october(settings):
    settings.TODAY = OCTOBER


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def upload(content, name="f.xlsx"):
    return {"file": SimpleUploadedFile(name, content)}


def test_a_book_from_loss_to_the_printed_sheet(cast, campaign, books, paid, as_user):
    paid(cast.clerk_a, 1)
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    url = f"{HOME}/books/{books.a.pk}"
    assert "LS01" in text_of(clerk.get(f"{HOME}/books"))
    assert "LS02" not in text_of(clerk.get(f"{HOME}/books"))  # a colleague's
    assert clerk.get(f"{HOME}/books/{books.a2.pk}").status_code == 404
    assert "LS02" in text_of(accountant.get(f"{HOME}/books"))

    loss = {"loss-first_number": 2, "loss-last_number": 3, "loss-lost_on": "2025-10-15"}
    assert "请写明遗失经过" in text_of(clerk.post(f"{url}/loss", loss))
    assert clerk.post(f"{url}/loss", loss | {"loss-reason": "雨中丢失"}).status_code == 302
    assert clerk.post(f"{url}/hand-back", {"back-reason": "用毕"}).status_code == 302
    page = text_of(accountant.get(url))
    assert "1 / 0 / 2 / 97" in page and "雨中丢失" in page
    assert "1 张现金收据共 120.00 元 没有缴存入账" in page or "120.00 元没有缴存入账" in page
    accountant.post(f"{url}/check-off")
    assert ReceiptBook.objects.get(pk=books.a.pk).status == "returned"
    assert "未 核 销" in text_of(accountant.get(f"{url}/sheet"))

    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))
    assert clerk.post(f"{url}/check-off").status_code == 403
    assert "已核销" in text_of(accountant.post(f"{url}/check-off", follow=True))
    paper = text_of(accountant.get(f"{url}/sheet"))
    assert "壹佰贰拾元整" in paper and "核销人：郑淑芬" in paper and "未 核 销" not in paper


def test_no_page_names_a_lost_number_as_the_next(cast, books, paid, as_user):
    """After 1 and the loss of 2 to 4 the next receipt is 5; a book lost to its end is full."""
    paid(cast.clerk_a, 1)
    clerk, url = as_user(cast.clerk_a), f"{HOME}/books/{books.a.pk}/loss"
    loss = {"loss-first_number": 2, "loss-last_number": 4, "loss-lost_on": "2025-10-15"}
    clerk.post(url, loss | {"loss-reason": "雨中丢失"})
    assert "下一号 5 " in text_of(clerk.get("/enrollment/receipts"))
    assert "LS01 2026 龙水镇 陈秀英 1 100 5 " in text_of(clerk.get(f"{HOME}/books"))
    loss |= {"loss-first_number": 5, "loss-last_number": 100}
    clerk.post(url, loss | {"loss-reason": "整本遗失"})
    assert "（1–100） 已用完" in text_of(clerk.get("/enrollment/receipts"))
    assert "陈秀英 1 100 已用完" in text_of(clerk.get(f"{HOME}/books"))


def test_the_losing_clerk_is_asked_about_the_numbers_typed(books, cast, as_user):
    page = as_user(cast.clerk_a).get(f"{HOME}/books/{books.a.pk}").content.decode()
    assert 'data-confirm="挂失 [loss-first_number] 至 [loss-last_number] 号？' in page
    assert 'name="loss-first_number"' in page and 'name="loss-last_number"' in page


def test_a_slip_leads_to_its_receipts(cast, campaign, books, paid, as_user):
    paid(cast.clerk_a, 1)
    slip = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    later = paid(cast.clerk_a, 2)  # in the purse, on no slip yet
    accountant, url = as_user(cast.accountant), f"/enrollment/remittances/{slip.pk}"
    assert f'href="{url}"' in accountant.get("/enrollment/remittances").content.decode()
    page = text_of(accountant.get(url))
    assert "缴款单 JK-0001" in page and "LS01-00000001" in page and "合计" in page
    assert later.full_number not in page
    assert as_user(cast.clerk_b).get(url).status_code == 404
    assert as_user(cast.cadre_a).get(url).status_code == 403


def test_the_rest_of_a_book_is_passed_on_within_the_township(cast, books, as_user):
    accountant, url = as_user(cast.accountant), f"{HOME}/books/{books.a.pk}/transfer"
    wrong = {"transfer-clerk": cast.clerk_b.pk, "transfer-reason": "借用"}
    assert "选择一个有效的选项" in text_of(accountant.post(url, wrong))
    right = wrong | {"transfer-clerk": cast.clerk_a2.pk}
    assert accountant.post(url, right).status_code == 302
    assert ReceiptBook.objects.get(pk=books.a.pk).clerk == cast.clerk_a2


def test_a_clerk_closes_the_day(cast, books, paid, as_user):
    paid(cast.clerk_a, 1)
    clerk = as_user(cast.clerk_a)
    page = text_of(clerk.get(f"{HOME}/day"))
    assert "应有现金 120.00" in page
    short = clerk.post(f"{HOME}/day", {"day": "2025-10-15", "counted": "100"})
    assert "短款 20.00 元" in text_of(short)
    assert not DayClose.objects.exists()
    done = clerk.post(f"{HOME}/day", {"day": "2025-10-15", "counted": "120"}, follow=True)
    assert "今天（2025-10-15）已日结" in text_of(done)
    seen = text_of(as_user(cast.supervisor).get(f"{HOME}/days"))
    assert "陈秀英" in seen
    assert "没有日结记录" in text_of(as_user(cast.auditor).get(f"{HOME}/days?different=1"))
    assert as_user(cast.accountant).get(f"{HOME}/day").status_code == 403


def test_cash_held_too_long_is_on_both_pages(cast, campaign, books, paid, as_user, settings):
    paid(cast.clerk_a, 1)
    settings.TODAY = day(18)
    words = "龙水镇 陈秀英：2026 年度 1 张收据共 120.00 元，自 2025-10-15 起已 3 天"
    assert words in text_of(as_user(cast.clerk_a).get(f"{HOME}/day"))
    accountant = as_user(cast.accountant)
    assert words in text_of(accountant.get(f"{HOME}/reconciliation"))
    answer = accountant.post(f"{HOME}/campaigns/{campaign.pk}/cash-days", {"cash_days": "7"})
    assert answer.status_code == 302
    assert Campaign.objects.get().cash_days == 7
    assert words not in text_of(accountant.get(f"{HOME}/reconciliation"))
    accountant.post(f"{HOME}/campaigns/{campaign.pk}/cash-days", {"cash_days": "99"})
    assert Campaign.objects.get().cash_days == 7
    assert AuditLine.objects.filter(action="enrollment.set_cash_days").count() == 1


def test_the_accountant_reconciles_from_the_page(
    cast, campaign, books, paid, as_user, django_capture_on_commit_callbacks
):
    paid(cast.clerk_a, 1)
    hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    accountant = as_user(cast.accountant)
    content = statement(("8801", OCTOBER, 120, "JK-0001"), ("8802", OCTOBER, 55, "往来款"))
    with django_capture_on_commit_callbacks(execute=True):
        sent = accountant.post(f"{HOME}/statements/new", upload(content))
    assert "已导入 2 笔流水" in text_of(accountant.get(sent.url))
    assert "自动核对入账（1 笔相符）" in text_of(accountant.get(f"{HOME}/reconciliation"))
    after = text_of(accountant.post(f"{HOME}/reconciliation/run", follow=True))
    assert "已核对入账 1 笔" in after
    assert "有存款无缴存" in after and "流水 8802（2025-10-15，55.00 元）" in after
    again = accountant.post(f"{HOME}/statements/new", upload(content), follow=True)
    assert "已经导入过" in text_of(again)
    with django_capture_on_commit_callbacks(execute=True):
        bad = accountant.post(f"{HOME}/statements/new", upload(b"%PDF-1.4"))
    assert "只能读取" in text_of(accountant.get(bad.url))

    line = BankLine.objects.get(serial="8802")
    page = f"{HOME}/bank-lines/{line.pk}"
    assert "按用途入账" in text_of(accountant.get(page))
    wrong = accountant.post(f"{page}/book", {"kind": "transfer", "year": "2026"})
    assert "应是支出" in text_of(wrong)
    assert accountant.post(f"{page}/book", {"kind": "interest", "year": "2026"}).status_code == 302
    assert "没有差异" in text_of(as_user(cast.auditor).get(f"{HOME}/reconciliation"))
    assert "利息" in text_of(as_user(cast.auditor).get(f"{HOME}/bank-lines?kind=interest"))
    assert as_user(cast.auditor).post(f"{HOME}/reconciliation/run").status_code == 403
    assert as_user(cast.clerk_a).get(f"{HOME}/reconciliation").status_code == 403


def test_lines_are_linked_and_offset_from_the_page(
    cast, campaign, books, paid, as_user, django_capture_on_commit_callbacks
):
    for clerk, number in ((cast.clerk_a, 1), (cast.clerk_a2, 2)):
        paid(clerk, number)
        hand_in(clerk, campaign, f"JK-000{number}", 120)
    accountant = as_user(cast.accountant)
    content = statement(
        ("8801", OCTOBER, 120, ""), ("8802", OCTOBER, 77, ""), ("8803", OCTOBER, -77, "退回")
    )
    with django_capture_on_commit_callbacks(execute=True):
        accountant.post(f"{HOME}/statements/new", upload(content))
    lines = {line.serial: line.pk for line in BankLine.objects.all()}
    page = text_of(accountant.get(f"{HOME}/bank-lines/{lines['8801']}"))
    assert "JK-0001" in page and "JK-0002" in page
    remittance = campaign.remittance_set.get(slip_number="JK-0002")
    url = f"{HOME}/bank-lines/{lines['8801']}/link/{remittance.pk}"
    assert accountant.post(url).status_code == 302
    remittance.refresh_from_db()
    assert remittance.status == "confirmed"
    again = accountant.post(url, follow=True)
    assert "已有对应的银行流水" in text_of(again) or "不能再改" in text_of(again)
    accountant.post(f"{HOME}/bank-lines/{lines['8802']}/offset/{lines['8803']}")
    assert not BankLine.objects.open().exists()


def test_a_tax_file_from_the_page(
    cast, campaign, books, single, as_user, django_capture_on_commit_callbacks
):
    single(cast.clerk_a, 1)
    content = workbook(
        [
            ["身份证号", "姓名", "缴费金额", "缴费日期", "税票流水号"],
            [person_id(1), NAMES[1], 120, "2025-10-12", "T1"],
            [person_id(2), NAMES[2], 120, "2025-10-12", "T2"],
        ]
    )
    accountant = as_user(cast.accountant)
    with django_capture_on_commit_callbacks(execute=True):
        sent = accountant.post(f"{HOME}/tax/new", upload(content))
    page = accountant.get(sent.url)
    words = text_of(page)
    assert "已匹配开票 1 人" in words and "未匹配 1 笔" in words
    assert "SW2026-500225101-00000001" in words and "没有登记此人" in words
    assert person_id(1) not in page.content.decode()
    file = TaxFile.objects.get()
    again = accountant.post(f"{HOME}/tax/new", upload(content), follow=True)
    assert "这份文件已经导入过，没有重复记录" in text_of(again)
    single(cast.clerk_a, 2)
    more = accountant.post(f"{HOME}/tax/{file.pk}/match", follow=True)
    assert "又匹配开票 1 人" in text_of(more)
    assert "没有记录" in text_of(accountant.get(f"{HOME}/tax/{file.pk}?open=1"))
    assert "f.xlsx" in text_of(as_user(cast.auditor).get(f"{HOME}/tax"))


def test_a_sponsor_from_registration_to_the_window(
    cast, campaign, books, single, village_a, as_user
):
    household = single(cast.clerk_a, 1)
    accountant, clerk = as_user(cast.accountant), as_user(cast.clerk_a)
    facts = {
        "name": "桥亭村集体",
        "kind": "collective",
        "division": village_a.pk,
        "purpose": "资助本村村民参保",
        "numbers": person_id(7),
    }
    assert "第 1 个号码没有查到" in text_of(accountant.post(f"{HOME}/sponsors/new", facts))
    accountant.post(f"{HOME}/sponsors/new", facts | {"numbers": person_id(1)})
    fund = SponsorFund.objects.get()
    assert fund.people.count() == 1
    money = {"amount": "100", "received_on": "2025-10-14", "reference": "JZ-1"}
    accountant.post(f"{HOME}/sponsors/{fund.pk}/money", money)
    assert "已经登记" in text_of(accountant.post(f"{HOME}/sponsors/{fund.pk}/money", money))

    pay = f"{HOME}/households/{household.pk}/payment"
    assert "桥亭村集体（余 100.00 元）" in text_of(clerk.get(pay))
    form = {"sponsor": fund.pk, "channel": "cash", "received": "0", "reference": ""}
    assert "余额 100.00 元，不足" in text_of(clerk.post(pay, form))
    accountant.post(f"{HOME}/sponsors/{fund.pk}/money", money | {"reference": "JZ-2"})
    paper = text_of(clerk.post(pay, form, follow=True))
    assert "另由集体或社会资助代缴 ￥120.00" in paper
    page = text_of(accountant.post(f"{HOME}/sponsors/{fund.pk}/book", follow=True))
    assert "资助代缴已入账 120.00 元" in page and "余额 80.00" in page
    assert "80.00" in text_of(clerk.get(f"{HOME}/sponsors"))
    assert as_user(cast.clerk_b).get(f"{HOME}/sponsors/{fund.pk}").status_code == 404


def test_a_transfer_at_the_window(cast, campaign, books, single, as_user):
    household = single(cast.clerk_a, 1)
    clerk, pay = as_user(cast.clerk_a), f"{HOME}/households/{household.pk}/payment"
    form = {"sponsor": "", "channel": "bank", "received": "120", "reference": ""}
    assert "请填写转账回单上的流水号" in text_of(clerk.post(pay, form))
    paper = clerk.post(pay, form | {"reference": "ZZ-7001"}, follow=True)
    assert "银行转账 ZZ-7001" in text_of(paper)
    assert as_user(cast.clerk_b).get(pay).status_code == 404


@pytest.mark.usefixtures("provided")
def test_a_refund_from_the_township_to_the_voucher(cast, campaign, books, paid, as_user, settings):
    receipt = paid(cast.clerk_a, 1)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))
    row = Enrollment.objects.get()
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    page = clerk.get(f"{HOME}/households/{receipt.household_id}/refunds")
    assert f"{HOME}/enrollments/{row.pk}/refund" in page.content.decode()
    form = {
        "ground": "elsewhere",
        "ground_date": "2025-10-14",
        "evidence": "职工参保证明 118 号",
        "payee": "李刚",
        "bank_account": "6217000000000000001",
    }
    url = f"{HOME}/enrollments/{row.pk}/refund"
    late = clerk.post(url, form | {"ground_date": "2025-10-16"})
    assert "事由应已发生" in text_of(late)
    assert clerk.post(url, form).status_code == 302
    refund = Refund.objects.get()
    assert clerk.post(f"{HOME}/refunds/{refund.pk}/grant").status_code == 403
    accountant.post(f"{HOME}/refunds/{refund.pk}/refuse", {"reason": ""})
    refund.refresh_from_db()
    assert refund.status == "requested"
    done = accountant.post(f"{HOME}/refunds/{refund.pk}/grant", follow=True)
    assert "参保终止，待出纳支付 120.00 元" in text_of(done)
    assert not Enrollment.objects.active().exists()
    pay = f"{HOME}/refunds/{refund.pk}/pay"
    assert accountant.post(pay, {"paid_on": "2025-10-15"}).status_code == 403
    cashier = as_user(cast.cashier)
    queue = text_of(cashier.get(f"{HOME}/refunds"))
    assert "李刚 尾号 0001" in queue
    assert "请填写付款日期" in text_of(cashier.post(pay, {"paid_on": ""}, follow=True))
    paid_out = text_of(cashier.post(pay, {"paid_on": "2025-10-15"}, follow=True))
    assert "已支付 120.00 元，凭证 2025-10-0002" in paid_out
    assert "没有退费申请" in paid_out  # nothing else waits
    assert "冯小兰 2025-10-15 2025-10-0002" in text_of(accountant.get(f"{HOME}/refunds"))
    assert "6217000000000000001" not in done.content.decode()
    other = as_user(cast.clerk_b)
    assert other.get(url).status_code == 404
    assert "没有退费申请" in text_of(other.get(f"{HOME}/refunds"))


def test_subsidies_due_arrived_outstanding(cast, county, campaign, books, paid, as_user):
    """Two ordinary men and one on 低保; the county paid 10 in so far."""
    for sequence, statuses in ((1, set()), (2, set()), (3, {"dibao"})):
        paid(cast.clerk_a, sequence, statuses=statuses)
    post_event(
        event="subsidy_received",
        area=county,
        on=OCTOBER,
        key="subsidy:1",
        source="财社〔2025〕1号",
        actor=cast.accountant,
        lines=[
            EventLine(amount=Decimal(10), tier="tier2", policy_year=2026, funding_level="county")
        ],
    )
    rows = {row.name: row for row in subsidy_rows(campaign)}
    active = Enrollment.objects.active()
    for name, column in (("中央", "central"), ("市级", "city"), ("县级", "county")):
        due = sum(getattr(one, f"{column}_amount") for one in active)
        assert rows[name].due == due > 0
    assert (rows["县级"].arrived, rows["县级"].outstanding) == (10, rows["县级"].due - 10)
    total = sum(row.due for row in rows.values())
    assert total == sum(one.subsidy_amount for one in active)

    accountant = as_user(cast.accountant)
    assert f"{total:,.2f}" in text_of(accountant.get(f"{HOME}/subsidies"))
    assert accountant.get(f"{HOME}/subsidies?year=2031").status_code == 404
    answer = accountant.post(f"{HOME}/subsidies/export", {"year": "2026", "reason": "报财政"})
    book = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    first, second = book.worksheets
    assert [first["A7"].value, Decimal(str(first["C7"].value))] == ["合计", total]
    assert [cell.value for cell in second[2]][:3] == ["龙水镇", "二档", 3]
    line = AuditLine.objects.get(action="export")
    assert line.after["what"] == "subsidy_claim"


def test_the_pages_cost_the_same_however_many_rows(cast, campaign, books, paid, as_user):
    accountant = as_user(cast.accountant)
    paths = ("books", "reconciliation", "bank-lines", "days", "sponsors", "refunds", "subsidies")

    def statements():
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert accountant.get(f"{HOME}/{path}").status_code == 200
            counts.append(len(captured))
        return counts

    for number in (1, 2):
        paid(cast.clerk_a, number)
    hand_in(cast.clerk_a, campaign, "JK-0001", 240)
    few = statements()
    for number in range(3, 9):
        paid(cast.clerk_a, number, on=day(16))
        hand_in(cast.clerk_a, campaign, f"JK-000{number}", 120, day(16))
    assert statements() == few
    assert max(few) <= 40, dict(zip(paths, few, strict=True))
    assert Receipt.objects.count() == 8
