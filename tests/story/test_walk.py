"""The whole year of one family in Chromium: enrolled, ill, reimbursed, booked, reported, audited.

Portal and worker run as the application's own role: a right that is not declared would be missing
in service only (accounts/rights.py).

Worked out by hand from the measures (tier 2, rural):
* premiums 110 (低保) + 120 + 120 + 100 (五保) = 450, 第十四条;
* county hospital, 5000 = 300 off catalogue + 800 special examination + 3900: deductible 200,
  50 %, first year: (5000 − 300 − 400 − 200) × 50 % = 2050, 第二十三条(二)2、(三);
* city hospital, referred, 12 000: (12 000 − 1000) × 35 % = 3850, 第二十三条(二)2、(七).
Paid from the fund in March 2026: 5900.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import AuditLine
from claims.models import Settlement
from config.celery import app
from funds.models import Book, PaymentBatch, Voucher, VoucherDraft
from institutions.models import CatalogueItem
from reports.models import MonthlyReport
from tests.application import PASSWORD
from tests.enrollment.conftest import resident_id
from tests.enrollment.statuses import listed
from tests.walk import Walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.seconds(120),
]

CHECKOUT = Path(__file__).resolve().parent.parent.parent
NOVEMBER, MARCH, APRIL = date(2025, 11, 12), date(2026, 3, 20), date(2026, 4, 1)
FATHER, MOTHER = resident_id("19780512"), resident_id("19800103", male=False)
FAMILY = (
    (FATHER, "陈国强", "0", "dibao"),
    (MOTHER, "李桂芳", "1", ""),
    (resident_id("20120901"), "陈小明", "2", "student"),
    (resident_id("19500220", male=False), "张素珍", "5", "wubao"),
)
BILL = (
    ("X01", "30", "13.50"), ("X02", "20", "42"), ("S03", "1", "1200"), ("F01", "8", "30"),
    ("S01", "1", "800"), ("X09", "2", "150"), ("X01", "10", "13.50"), ("X02", "5", "42"),
    ("S03", "1", "300"), ("F01", "1", "30"), ("X02", "10", "42"), ("S03", "1", "120"),
)  # fmt: skip


@pytest.fixture
def worker(as_application: str) -> Iterator[None]:
    """A real Celery worker process on the test database, fed through the real broker.

    It signs in as the application, as in service.
    """
    app.conf.task_always_eager = False
    settings = connection.settings_dict
    address = "postgres://{}:{}@{}:{}/{}".format(
        as_application, PASSWORD, settings["HOST"], settings["PORT"], settings["NAME"]
    )
    environment = os.environ | {
        "DATABASE_URL": address if settings["HOST"] else os.environ["DATABASE_URL"],
        "HEZUO_REAL_WORKER": "1",
        "HEZUO_QUEUE": app.conf.task_default_queue,
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo",
               "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, cwd=CHECKOUT)
    yield
    app.conf.task_always_eager = True
    process.terminate()
    process.wait(20)


def test_the_whole_walk(
    walk: Walk,
    worker: None,
    settings: Any,
    cast: SimpleNamespace,
    books: SimpleNamespace,
    catalogue: dict[str, CatalogueItem],
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.TODAY = NOVEMBER
    enrol(walk)
    hand_in(walk)
    settings.TODAY = MARCH
    fund_the_expenditure_account(walk)
    settle_at_the_counter(walk)
    settle_on_paper(walk)
    three_more_hands(walk)
    settings.TODAY = APRIL
    report(walk)
    audit(walk, capsys)
    assert walk.complaints == []


def enrol(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("clerk_a")
    walk.shoot("clerk-home")
    walk.go(reverse("enrollment:household_new"))
    page.select_option("[name=division]", index=1)
    walk.fill(address="3 组 12 号", phone="13800001234", tier="tier2")
    for number, name, _, status in FAMILY:  # what the departments' lists said in September
        listed(name, number, {status} - {""})
    for place, (number, name, relationship, _) in enumerate(FAMILY):
        row = f"members-{place}-"
        walk.fill(**{row + "resident_id": number, row + "name": name,
                     row + "relationship": relationship})  # fmt: skip
    expect(page.locator("#facts-1")).to_have_text("女 1980-01-03 45岁")
    expect(page.locator("#quote .hz-huge")).to_have_text("450.00")
    walk.shoot("household-of-four")
    walk.leads_on("Alt+s")
    walk.fill(received="500")
    expect(page.locator("#change")).to_have_text("50.00 元")
    walk.shoot("payment")
    walk.leads_on("Alt+s")
    for _, name, _, _ in FAMILY:
        expect(page.locator("article")).to_contain_text(name)
    expect(page.locator("article")).to_contain_text("肆佰伍拾元整")
    walk.shoot("receipt")


def hand_in(walk: Walk) -> None:
    page = walk.page
    walk.go(reverse("enrollment:remittances"))
    walk.fill(slip_number="JK20251112-01", amount="450")
    walk.shoot("remittance")
    walk.leads_on("Alt+s")
    walk.sign_in("accountant")
    walk.go(reverse("enrollment:remittances"))
    walk.fill(bank_amount="450")
    with page.expect_navigation():
        page.get_by_role("button", name="确认入账").click()
    expect(page.locator("main")).to_contain_text("2025-11-0001")
    walk.shoot("remittance-confirmed")
    walk.go(reverse("funds:voucher", args=[Voucher.objects.get(event="premium_collected").pk]))
    expect(page.locator("article")).to_contain_text("肆佰伍拾元整")
    walk.shoot("voucher")


def fund_the_expenditure_account(walk: Walk) -> None:
    """Central subsidy arrives, the fiscal account feeds the expenditure account."""
    for event, document, values in (
        (
            "subsidy_received",
            "财社〔2026〕3号",
            {"amount_central": "10000", "policy_year": "2026"},
        ),
        ("expenditure_funded", "用款计划 3 月", {"amount_": "8000"}),
    ):
        walk.sign_in("accountant")
        walk.go(reverse("funds:post") + f"?event={event}")
        walk.fill(on="2026-03-02", document=document, **values)
        walk.leads_on("Alt+s")
        draft = VoucherDraft.objects.get(event=event)
        for who, button in (("supervisor", "复核"), ("accountant2", "记账")):
            walk.sign_in(who)
            walk.go(reverse("funds:draft", args=[draft.pk]))
            walk.page.once("dialog", lambda dialog: dialog.accept())
            with walk.page.expect_navigation():
                walk.page.get_by_role("button", name=button).click()
        walk.shoot(f"draft-{event}")
    walk.go(reverse("funds:accounts"))
    walk.shoot("balances")


def settle_at_the_counter(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("hospital_clerk")
    walk.go(reverse("claims:enter_counter"))
    walk.fill(resident_id=MOTHER)
    walk.leads_on("Enter")
    walk.fill(care="inpatient", starts="2026-03-01", ends="2026-03-09", diagnosis="肺炎")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.check("[name=facts][value=special_approved]")
    page.check("[name=consent_signed]")
    for place, (code, quantity, price) in enumerate(BILL):
        if place and not page.locator(f"#id_lines-{place}-code").count():
            with page.expect_navigation():
                page.get_by_role("button", name="再加 6 行").click()
        row = f"lines-{place}-"
        walk.fill(**{row + "code": code, row + "quantity": quantity, row + "unit_price": price})
    walk.leads_on("Alt+t")
    preview = page.locator("#preview")
    for words in ("2,050.00", "2,950.00", "50%", "第二十三条"):
        expect(preview).to_contain_text(words)
    walk.shoot("counter-trial")
    walk.leads_on("Alt+s")
    expect(page.locator("main")).to_contain_text("已提交")
    walk.shoot("counter-settlement")
    claim = Settlement.objects.get()
    assert (str(claim.fund_amount), str(claim.cash_amount)) == ("2050.00", "2950.00")
    walk.go(reverse("claims:sheet", args=[claim.pk]))
    walk.shoot("settlement-sheet")


def settle_on_paper(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("clerk_a")
    walk.go(reverse("claims:enter_paper"))
    walk.fill(resident_id=FATHER)
    walk.leads_on("Enter")
    walk.fill(hospital="重庆市第一医院", level="city", referral="referred", care="inpatient",
              starts="2026-03-03", ends="2026-03-12", diagnosis="胆囊结石")  # fmt: skip
    for place, (number, amount) in enumerate((("NO8801", "7500"), ("NO8802", "4500"))):
        row = f"invoices-{place}-"
        walk.fill(**{row + "number": number, row + "issued_on": "2026-03-12",
                     row + "amount": amount})  # fmt: skip
    walk.fill(**{"lines-0-name": "住院费用", "lines-0-category": "other",
                 "lines-0-bill_class": "in_scope", "lines-0-amount": "12000"})  # fmt: skip
    walk.leads_on("Alt+t")
    expect(page.locator("#preview")).to_contain_text("3,850.00")
    walk.shoot("paper-trial")
    walk.leads_on("Alt+s")
    expect(page.locator("main")).to_contain_text("已提交")
    payee = page.locator("form[action$='/payee']")
    payee.locator("[name=relation]").select_option("self")
    for name, value in (("account", "6217000010001234567"), ("bank", "农业银行"),
                        ("reason", "本人填报账号")):  # fmt: skip
        payee.locator(f"[name={name}]").fill(value)
    with page.expect_navigation():
        payee.locator("button").click()
    expect(page.locator("main")).to_contain_text("已改收款人")
    walk.shoot("payee")


def three_more_hands(walk: Walk) -> None:
    page = walk.page
    for username, queue, event in (
        ("reviewer", "claims:review_queue", "reviewed"),
        ("approver", "claims:approval_queue", "approved"),
    ):
        walk.sign_in(username)
        walk.go(reverse(queue))
        walk.shoot(queue.partition(":")[2])
        for claim in Settlement.objects.order_by("pk"):
            walk.go(reverse("claims:claim", args=[claim.pk]))
            walk.leads_on("Alt+s")
            claim.refresh_from_db()
            assert claim.status == event
    walk.sign_in("accountant")
    walk.go(reverse("funds:payment_queue"))
    page.check("[data-check-all]")
    walk.shoot("payment-queue")
    walk.leads_on("Alt+s")
    walk.sign_in("cashier")
    walk.go(reverse("funds:payment_batch", args=[PaymentBatch.objects.get().pk]))
    walk.shoot("payment-batch")
    walk.leads_on("Alt+s")
    walk.shoot("paid")
    assert {str(claim.fund_amount) for claim in Settlement.objects.paid()} == {"2050.00", "3850.00"}
    paid = Voucher.objects.get(event="claim_paid")  # one of the batch and the township
    assert sum(posting.debit for posting in paid.postings.all()) == Decimal("5900.00")
    walk.go(reverse("claims:claim", args=[Settlement.objects.first().pk]))
    walk.shoot("claim-history")


def report(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("supervisor")
    walk.go(reverse("reports:list"))
    walk.fill(month="2026-03")
    walk.leads_on("Alt+s")
    # The worker is another process; the page asks until the row is done.
    expect(page.locator("tbody")).to_contain_text("已完成", timeout=60_000)
    walk.shoot("report-list")
    made = MonthlyReport.objects.get()
    walk.go(reverse("reports:show", args=[made.pk]))
    expect(page.locator("main")).to_contain_text("5,900.00")
    expect(page.locator("svg").first).to_be_visible()
    walk.shoot("monthly-report")


def audit(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    page = walk.page
    book = Book.objects.get()
    walk.sign_in("auditor")
    walk.go(reverse("funds:vouchers"))
    walk.shoot("auditor-vouchers")
    walk.go(reverse("reports:show", args=[MonthlyReport.objects.get().pk]))
    with page.expect_download() as download:
        page.get_by_role("button", name="导出本月账簿").click()
    content = Path(download.value.path()).read_bytes()
    assert "claim_paid" in json.dumps(list(Voucher.objects.values_list("event", flat=True)))
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "2050" in " ".join(cells)
    assert AuditLine.objects.filter(action="export", user__username="auditor").exists()
    call_command("verify_books", area=book.area.code)
    walk.shoot("auditor-export")
    walk.sign_in("cadre_a")
    walk.go(reverse("supervision:notices"))
    walk.shoot("cadre-notices")
    walk.go(reverse("enrollment:progress"))
    walk.shoot("cadre-progress")
