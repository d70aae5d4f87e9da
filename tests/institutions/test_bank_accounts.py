"""To which account an institution is paid: by two, from a day on, sealed and shown by its end."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine
from funds.payments.institutions import institution_payee
from institutions.bank_accounts.models import BankAccount
from institutions.bank_accounts.services import (
    APPROVE,
    MISTYPED,
    decide_account,
    propose_account,
)
from institutions.models import Institution
from tests.application import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
MARCH, APRIL = date(2026, 3, 2), date(2026, 4, 1)
NUMBER = "6228480012345678901"
ALIKE = "6228480077777778901"  # with the same end


def asked(cast: SimpleNamespace, hospital: Institution, **given: Any) -> BankAccount:
    facts: dict[str, Any] = {
        "holder": "大足县人民医院", "bank": "农业银行大足支行",
        "account": "6228 4800 1234 5678 901",
        "first_day": APRIL, "evidence": "开户许可证", "reason": "登记收款账户", "on": MARCH,
    }  # fmt: skip
    return propose_account(actor=cast.supervisor, institution=hospital, **facts | given)


def agreed(cast: SimpleNamespace, hospital: Institution, **given: Any) -> BankAccount:
    row = asked(cast, hospital, **given)
    return agree(cast, row, given.get("account", NUMBER), given.get("on", MARCH))


def agree(
    cast: SimpleNamespace, row: BankAccount, account: str = NUMBER, on: date = MARCH
) -> BankAccount:
    return decide_account(actor=cast.approver, row=row, event=APPROVE, on=on, account=account)


def test_what_is_asked_for_from_its_day_on_goes_to_the_account(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    row = asked(cast, hospital)
    assert institution_payee(hospital, APRIL).account == ""  # one hand decides nothing
    with pytest.raises(Refusal, match="您的角色不能办理"):
        decide_account(actor=cast.supervisor, row=row, event=APPROVE, on=MARCH, account=NUMBER)
    agree(cast, row)
    before, after = (
        institution_payee(hospital, date(2026, 3, 31)),
        institution_payee(hospital, APRIL),
    )
    assert (before.name, before.account, before.code) == ("大足县人民医院", "", hospital.code)
    assert (after.account, after.bank, after.code) == (NUMBER, "农业银行大足支行", hospital.code)
    agreed(cast, hospital, account="6228480099999999999", first_day=date(2026, 7, 1))
    assert institution_payee(hospital, date(2026, 6, 30)).account == NUMBER
    assert institution_payee(hospital, date(2026, 7, 1)).account == "6228480099999999999"


def test_nobody_reads_it_in_the_database_the_trail_or_on_a_page(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any
) -> None:
    settings.TODAY = APRIL
    row = agreed(cast, hospital)
    with connection.cursor() as cursor:
        cursor.execute("SELECT account FROM institutions_bankaccount")
        assert NUMBER not in cursor.fetchone()[0]
    assert NUMBER not in str(list(AuditLine.objects.values_list("before", "after")))
    pages = [
        reverse("institutions:bank_account", args=[row.pk]),
        reverse("institutions:institution", args=[hospital.pk]),
        f"{reverse('institutions:bank_accounts')}?status=approved",
    ]
    for user in (cast.hospital_clerk, cast.approver):
        for page in pages:
            text = as_user(user).get(page).content.decode()
            assert "尾号 8901" in text and NUMBER not in text
    township = as_user(cast.clerk_a)
    assert township.get(pages[0]).status_code == 403
    assert "8901" not in township.get(pages[1]).content.decode()


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"account": "62284800x"}, "account", "8 至 30 位数字"),
        ({"account": "1234567"}, "account", "8 至 30 位数字"),
        ({"first_day": date(2026, 3, 1)}, "first_day", "不能早于今天（2026-03-02）"),
    ],
)
def test_what_is_refused_at_its_input(
    cast: SimpleNamespace, hospital: Institution, given: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(cast, hospital, **given)
    assert words in refused.value.message and refused.value.at == (field,)


def test_it_is_put_forward_and_agreed_to_at_the_window(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any
) -> None:
    settings.TODAY = MARCH
    given = {
        "institution": hospital.pk, "holder": "大足县人民医院", "bank": "农业银行大足支行",
        "account": NUMBER, "first_day": "2026-04-01", "evidence": "开户许可证",
        "reason": "登记收款账户",
    }  # fmt: skip
    told = as_user(cast.supervisor).post(
        reverse("institutions:bank_account_new"), given, follow=True
    )
    assert "已提出机构收款账户，待第二人审批" in told.content.decode()
    row = BankAccount.objects.get()
    page = reverse("institutions:bank_account", args=[row.pk])
    act = reverse("institutions:bank_account_act", args=[row.pk, APPROVE])
    approver = as_user(cast.approver)
    text = approver.get(page).content.decode()
    assert 'name="account"' in text and 'accesskey="s">同意 (Alt+S)' in text
    told = approver.post(act, follow=True).content.decode()
    assert "请按证明材料原件重新输入账号" in told  # the button alone agrees to nothing
    told = approver.post(act, {"account": "６２２８ 4800 1234 5678 901"}, follow=True)
    assert "账号不一致" not in told.content.decode()
    row.refresh_from_db()
    assert row.status == "approved" and row.account == NUMBER


def test_who_agrees_types_the_number_from_the_paper(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """李审批 has the paper before him: its number ends in 8901 too, and is another."""
    settings.TODAY = MARCH
    caplog.set_level(0)
    row = asked(cast, hospital)
    approver = as_user(cast.approver)
    act = reverse("institutions:bank_account_act", args=[row.pk, APPROVE])
    for times in (1, 2, 3):
        answer = approver.post(act, {"account": ALIKE}, follow=True)
        told = answer.content.decode()
        assert f"输入的账号与申请的不一致（第 {times} 次）" in told and ALIKE not in told
        assert ALIKE not in str(answer.redirect_chain)
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("proposed", None)
    lines = AuditLine.objects.filter(action=MISTYPED, user=cast.approver).order_by("pk")
    assert [one.reason for one in lines] == ["", "", "已 3 次与申请的账号不一致"]
    assert {one.subject_id for one in lines} == {str(row.pk)}
    agree(cast, row)
    assert BankAccount.objects.get().status == "approved"
    trail = str(list(AuditLine.objects.values()))
    for number in (NUMBER, ALIKE):
        assert number not in trail and number not in caplog.text


def test_nobody_learns_by_trying_who_may_not_decide(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution
) -> None:
    """Refused before anything is compared, right or wrong; so is a number that was exchanged."""
    row = asked(cast, hospital)
    for account in (NUMBER, ALIKE):
        with pytest.raises(Refusal, match="您的角色不能办理"):
            decide_account(actor=cast.supervisor, row=row, event=APPROVE, on=MARCH, account=account)
    assert not AuditLine.objects.filter(action=MISTYPED).exists()
    other = asked(cast, township_hospital, account=ALIKE)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_bankaccount SET account ="
            " (SELECT account FROM institutions_bankaccount WHERE id = %s) WHERE id = %s",
            [other.pk, row.pk],
        )
    for account in (NUMBER, ALIKE):
        with pytest.raises(Refusal, match="登记的账号与提出时不符"):
            agree(cast, row, account)


def test_what_was_agreed_for_a_later_day_does_not_come_back_over_a_newer_decision(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    """Agreed for July; in April another is wanted: it is for July or later, and then holds."""
    agreed(cast, hospital, first_day=date(2026, 7, 1))
    newer = {"account": "6228480099999999999", "on": APRIL}
    with pytest.raises(Refusal, match="尾号 8901）自 2026-07-01 起使用") as refused:
        asked(cast, hospital, first_day=APRIL, **newer)
    assert refused.value.at == ("first_day",)
    agreed(cast, hospital, first_day=date(2026, 7, 1), **newer)
    assert institution_payee(hospital, date(2026, 7, 1)).account == "6228480099999999999"


def test_another_institutions_number_put_in_its_place_is_not_paid_to(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution
) -> None:
    """A ciphertext of the same column opens; the index that goes with it cannot be made."""
    mine = agreed(cast, hospital)
    other = agreed(cast, township_hospital, account="6228480099999999999")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_bankaccount SET account ="
            " (SELECT account FROM institutions_bankaccount WHERE id = %s) WHERE id = %s",
            [other.pk, mine.pk],
        )
    with pytest.raises(Refusal, match="不是两人同意的那个账号"):
        institution_payee(hospital, APRIL)
