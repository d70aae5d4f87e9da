"""The pages of a month: each hand does its step where it stands, and the statement on paper."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from claims.clearing.models import Clearing, ClearingRule, Deduction, PaymentMethod
from claims.clearing.papers import CLEARING_STATEMENT
from claims.clearing.services import answer, check, deduct
from claims.clearing.work import undeclared
from claims.models import Settlement
from funds.models import Book
from funds.services import EventLine, post_event
from institutions.models import Institution
from lib.periods import Month
from tests.claims.clearing.conftest import CHECKED, Month3, reloaded
from tests.claims.conftest import stay
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """The day on which the pages are used."""

    def is_today(day: date) -> None:
        for module in ("claims.clearing.views", "claims.clearing.forms", "desk.decision_pages"):
            monkeypatch.setattr(f"{module}.today", lambda: day)

    return is_today


def post(client: Client, name: str, *parts: Any, **data: Any) -> str:
    response = client.post(reverse(f"claims:{name}", args=parts), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_month_on_its_pages(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any, on: Callable[[date], None]
) -> None:
    on(CHECKED)
    claim = approved("王强", "4200")
    assert [row.payable for row in undeclared(cast.hospital_clerk)] == [Decimal("2000.00")]
    hospital = as_user(cast.hospital_clerk)
    page = hospital.get(reverse("claims:clearings")).content.decode()
    assert "2026-03：可申报 1 笔" in page
    assert "已申报 1 笔，2,000.00 元" in post(hospital, "clearing_declare", month="2026-03")
    clearing = Clearing.objects.get()
    assert not undeclared(cast.hospital_clerk).exists()

    reviewer = as_user(cast.reviewer)
    given = {
        "claim": clearing.claims.get().pk,
        "code": "over_price",
        "words": "",
        "amount": "10.55",
    }
    assert "已扣减 10.55 元" in post(reviewer, "clearing_deduct", clearing.pk, **given)
    assert "不超过这笔还剩的" in post(
        reviewer, "clearing_deduct", clearing.pk, **given | {"amount": "1989.46"}
    )
    assert "核对完毕" in post(reviewer, "clearing_act", clearing.pk, "check_clearing")
    approver = as_user(cast.approver)
    assert "签发清算单" in post(approver, "clearing_act", clearing.pk, "issue_clearing")
    row = Deduction.objects.get()
    page = post(hospital, "clearing_confirm", clearing.pk, **{f"dispute-{row.pk}": "物价局已批"})
    assert "1 条异议待答复" in page
    # 1,989.45 agreed, 198.95 kept (198.945), 1,790.50 paid.
    assert "1,790.50" in page
    page = as_user(cast.reviewer).get(reverse("claims:claim", args=[claim.pk])).content.decode()
    assert clearing.number in page
    said = {"gives_back": "yes", "answer": "批文属实"}
    assert "已答复" in post(reviewer, "deduction_answer", row.pk, **said)
    assert "退还机构" in post(approver, "deduction_decide", row.pk, "agree")
    assert reloaded(row).status == "given_back"


def test_nobody_else_declares_and_strangers_see_nothing(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any
) -> None:
    approved("王强", "4200")
    clearing = month.declare()
    address = reverse("claims:clearing", args=[clearing.pk])
    assert as_user(cast.other_officer).get(address).status_code in {403, 404}
    assert as_user(cast.sysadmin).get(address).status_code == 403
    declare = reverse("claims:clearing_declare")
    assert as_user(cast.reviewer).post(declare, {"month": "2026-03"}).status_code == 403


def test_a_rule_is_proposed_and_decided_on_its_pages(
    county: Any, cast: SimpleNamespace, as_user: Any, on: Callable[[date], None]
) -> None:
    on(CHECKED)
    given = {"first_month": "2026-05", "deposit_percent": "5", "full_score": "95",
             "days_to_answer": "7", "evidence": "大医保〔2026〕3号", "reason": "协议"}  # fmt: skip
    supervisor = as_user(cast.supervisor)
    assert "已提出月结规程" in post(supervisor, "clearing_rule_new", **given)
    rule = ClearingRule.objects.get()
    page = post(as_user(cast.approver), "clearing_rule_act", rule.pk, "approve_clearing_rule")
    assert "已办理“同意”" in page
    assert ClearingRule.objects.in_force("500225") == rule


def test_a_payment_method_on_its_pages(
    month: Month3,
    approved: Make,
    cast: SimpleNamespace,
    as_user: Any,
    hospital: Institution,
    on: Callable[[date], None],
) -> None:
    """8 days at 110.00: 880.00 of 2,000.00 by items, 1,120.00 are the hospital's; 88.00 kept."""
    on(CHECKED)
    given = {"institution": hospital.pk, "care": "inpatient", "way": "bed_day", "rate": "",
             "first_month": "2026-03", "heads": "", "budget": "", "prices": "",
             "evidence": "大医协〔2026〕7号", "reason": "年度协议"}  # fmt: skip
    supervisor = as_user(cast.supervisor)
    page = post(supervisor, "payment_method_new", **given)
    assert "按床日付费要填写“标准（元）”，请按协议填写" in page
    page = post(supervisor, "payment_method_new", **given | {"prices": "J18 1 2"})
    assert "每行一个编码、一个数" in page
    page = post(supervisor, "payment_method_new", **given | {"rate": "110"})
    assert "已提出付费方式" in page and "每床日 110.00 元" in page
    method = PaymentMethod.objects.get()
    address = reverse("claims:payment_method", args=[method.pk])
    assert "每床日 110.00 元" in as_user(cast.hospital_clerk).get(address).text
    assert as_user(cast.other_officer).get(address).status_code in {403, 404}
    act = "payment_method_act"
    assert "已办理“同意”" in post(as_user(cast.approver), act, method.pk, "approve_payment_method")
    approved("王强", "4200")
    clearing = month.issue(month.declare())
    hospital_clerk = as_user(cast.hospital_clerk)
    page = hospital_clerk.get(reverse("claims:clearing", args=[clearing.pk])).text
    assert "超支自担 1,120.00 元" in page and "-1,120.00" in page
    page = hospital_clerk.get(f"/claims/clearings/{clearing.pk}/statement").text
    for words in (
        "按床日付费：每床日 110.00 元（协议 大医协〔2026〕7号，自 2026-03 起）",
        "超支自担 1,120.00 元", "按付费方式逐笔给付", "按付费方式超支（自担）", "880.00", "792.00",
    ):  # fmt: skip
        assert words in page


def test_the_statement_on_paper(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any, hospital: Institution
) -> None:
    approved("王强", "4200")
    clearing = month.declare()
    claim = clearing.claims.get()
    deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal("10.55"))
    clearing = month.issue(clearing)
    page = keeps_what_it_said(
        CLEARING_STATEMENT,
        f"/claims/clearings/{clearing.pk}/statement",
        hand=as_user(cast.hospital_clerk),
        change=lambda: Institution.objects.filter(pk=hospital.pk).update(name="新名") and None,
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    # 第二十六条(三), and nothing was booked of it.
    for words in (
        "按项目付费", "乡镇承担 40%、医疗机构承担 60%（第二十六条(三)）",
        "经办中心承担 40%、医疗机构承担 60%", "没有（本单不含超支分担）",
    ):  # fmt: skip
        assert words in page
    for words in ("大足县人民医院", "2026年03月", "10.55", "超标准收费", "198.95", "1,790.50"):
        assert words in page


def test_a_statement_has_room_for_objections_and_then_tells_them(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any
) -> None:
    """Each is an edition: what was printed before the hospital objected keeps what it said."""
    approved("王强", "4200")
    clearing = month.declare()
    off = deduct(
        actor=cast.reviewer, claim=clearing.claims.get(), code="over_price", amount=Decimal("10.55")
    )
    clearing = month.issue(clearing)
    address = reverse("claims:clearing_statement", args=[clearing.pk])
    hospital = as_user(cast.hospital_clerk)
    assert "机构异议（没有的不填）" in hospital.get(address).content.decode()
    editions = [CLEARING_STATEMENT.edition(clearing)]
    month.confirm(clearing, {off.pk: "物价部门已批准"})
    editions.append(CLEARING_STATEMENT.edition(reloaded(clearing)))
    page = hospital.get(address).content.decode()
    assert "物价部门已批准" in page and "有异议" in page and "没有的不填" not in page
    answer(actor=cast.reviewer, deduction=off, gives_back=False, words="批文自 4 月起执行")
    editions.append(CLEARING_STATEMENT.edition(reloaded(clearing)))
    assert "批文自 4 月起执行" in hospital.get(address).content.decode()
    assert len(set(editions)) == 3
    assert max(map(len, editions)) <= 60


def test_the_statement_says_who_has_borne_what_went_beyond(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any, county: Any, book: Book
) -> None:
    """100 000.01 went beyond in February, 40 and 60; what is booked later is not of it."""
    for on, level, amount in (
        (date(2026, 2, 10), "county", "40000.00"),
        (date(2026, 2, 10), "institution", "60000.01"),
        (date(2026, 4, 10), "institution", "5.00"),
    ):
        line = EventLine(amount=Decimal(amount), policy_year=2026, funding_level=level)
        post_event(
            event="overspend_received", area=county, on=on, key=f"over:{on}:{level}",
            source="超支分担通知", actor=cast.accountant, lines=[line],
        )  # fmt: skip
    approved("王强", "4200")
    clearing = month.issue(month.declare())
    page = as_user(cast.hospital_clerk).get(f"/claims/clearings/{clearing.pk}/statement").text
    told = "100,000.01 元：经办中心 40,000.00 元、医疗机构 60,000.01 元（本单不含）"
    assert told in page and "2026 年至本月已入账的超支分担" in page


def test_who_issues_a_statement_sees_what_it_will_say(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any, on: Callable[[date], None]
) -> None:
    """2,000.00 less 10.55 is 1,989.45; a tenth of that stays, 198.95, and 1,790.50 are paid: as on
    the statement that it then becomes. Until the hospital's days are over nobody confirms for it.
    """
    on(CHECKED)
    approved("王强", "4200")
    clearing = month.declare()
    claim = clearing.claims.get()
    deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal("10.55"))
    check(actor=cast.reviewer, clearing=clearing, on=CHECKED)
    approver = as_user(cast.approver)
    address = reverse("claims:clearing", args=[clearing.pk])
    page = approver.get(address).content.decode()
    for words in ("10.55", "198.95", "现在签发应付（元）", "1,790.50"):
        assert words in page, words
    draft = CLEARING_STATEMENT.facts(reloaded(clearing))
    assert draft["is_draft"]
    assert reloaded(clearing).deducted_amount == 0
    page = post(approver, "clearing_act", clearing.pk, "issue_clearing")
    assert "现在签发" not in page
    assert "逾期视同确认" not in page
    issued = reloaded(clearing)
    assert (issued.paid_amount, issued.deposit_amount) == (Decimal("1790.50"), Decimal("198.95"))
    assert CLEARING_STATEMENT.facts(issued)["sums"] == draft["sums"]
    on(date(2026, 4, 20))
    assert "逾期视同确认" in approver.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_december_is_shown_before_it_is_issued(
    month: Month3, approved: Make, cast: SimpleNamespace, as_user: Any, on: Callable[[date], None]
) -> None:
    """It works off an advance. Whoever reads the page, or prints the draft, locks nothing, for it
    is read outside any transaction."""
    day = date(2027, 1, 8)
    on(day)
    stayed = stay(date(2026, 12, 1), date(2026, 12, 9))
    approved("王强", "4200", on=date(2026, 12, 10), visit=stayed)
    clearing = month.declare(Month(2026, 12), day)
    reviewer = as_user(cast.reviewer)
    page = reviewer.get(reverse("claims:clearing", args=[clearing.pk])).content.decode()
    assert "1,800.00" in page
    assert CLEARING_STATEMENT.facts(reloaded(clearing))["is_draft"]
