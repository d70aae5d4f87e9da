"""An application from the township's window to the bank, and what stops it on its way."""

import base64
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from claims.assistance.models import AidApplication
from claims.assistance.services import AidPayee, approve_aid, change_payee, decide_aid, publish_aid
from claims.services import stop
from enrollment.models import IdentityStatus, Person
from funds.models import PaymentOrder, Posting
from funds.payments.services import make_batch, release_batch
from tests.claims.assistance.conftest import AFTER, APPLIED, OWN, PUBLIC, lists
from tests.claims.conftest import stay
from tests.conftest import in_duty
from tests.paying import provide

PAID = date(2026, 4, 10)


def order_of(row):
    return PaymentOrder.objects.get(key=f"aid:{row.pk}")


def release(cast, county, row):
    provide(county)
    batch = make_batch(actor=cast.accountant, orders=[order_of(row)], on=PAID)
    seen = batch.number_of, batch.total
    return release_batch(actor=cast.cashier, batch=batch, seen=seen, on=PAID, today=PAID)


def test_from_the_window_to_the_bank(cast, county, wang, stay_of, apply, aid_book):
    """(5000 − 200) × 50% = 2400 by insurance; he bore 2600; 70% of that are 1820."""
    lists(wang)
    assert stay_of(wang).cash_amount == Decimal("2600.00")
    row = apply(wang)
    assert (row.own_amount, row.amount) == (Decimal("2600.00"), Decimal("1820.00"))
    assert row.number == "JZ500225202600001"
    assert (row.held_name, row.held_source) == ("低保对象", "民政局")
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    with pytest.raises(Refusal, match="公示到 2026-04-08 截止"):
        approve_aid(actor=cast.approver, application=row, on=date(2026, 4, 8))
    approve_aid(actor=cast.approver, application=row, on=AFTER)
    assert order_of(row).amount == Decimal("1820.00")
    release(cast, county, row)
    row.refresh_from_db()
    assert (row.status, row.paid_on) == ("paid", PAID)
    # Its own book: 医疗救助, never that of the insurance.
    moved = {
        one.account.code: (one.debit, one.credit)
        for one in Posting.objects.filter(voucher__key__startswith="batch", account__book=aid_book)
    }
    assert moved["5001-inpatient"][0] == moved["1004"][1] == Decimal("1820.00")


def test_the_same_yuan_is_not_given_twice(cast, county, wang, stay_of, apply, decided):
    lists(wang)
    stay_of(wang)
    release(cast, county, decided(wang))
    with pytest.raises(Refusal, match=r"算得 0 元.*已给付1,820.00元"):
        apply(wang)
    # 再救助 looks at what is left: 2600 − 1820 = 780, below its floor of 10000.
    with pytest.raises(Refusal, match=r"减去其他救助已给付1,820.00元，余780.00元"):
        apply(wang, "further_aid")


def test_a_second_of_the_kind_waits_for_the_first(wang, stay_of, apply):
    lists(wang)
    stay_of(wang)
    apply(wang)
    with pytest.raises(Refusal, match="同类救助申请还没有办结"):
        apply(wang)


def test_a_status_counts_on_the_day_of_the_application(cast, wang, stay_of, apply, aid_book):
    stay_of(wang)
    with pytest.raises(Refusal, match="没有可申请住院救助的身份"):
        apply(wang)
    status = lists(wang, first=date(2026, 3, 25))  # after the stay: the year's own pay counts
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    # Lost afterwards: what was applied for in time stays.
    IdentityStatus.objects.filter(pk=status.pk).update(last_day=date(2026, 4, 5))
    assert approve_aid(actor=cast.approver, application=row, on=AFTER).status == "approved"


def test_a_status_that_never_was_takes_the_approval_away(cast, wang, stay_of, apply, aid_book):
    stay_of(wang)
    status = lists(wang)
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    IdentityStatus.objects.filter(pk=status.pk).update(last_day=date(2026, 3, 1))
    with pytest.raises(Refusal, match=f"{APPLIED} 的部门名单中"):
        approve_aid(actor=cast.approver, application=row, on=AFTER)


def test_three_hands(cast, wang, stay_of, apply):
    lists(wang)
    stay_of(wang)
    row = apply(wang)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        publish_aid(actor=in_duty(cast.clerk_a, "reviewer"), application=row, on=PUBLIC)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approve_aid(actor=in_duty(cast.reviewer, "approver"), application=row, on=AFTER)


def test_an_objection_is_looked_into_and_the_publicity_begins_anew(cast, wang, stay_of, apply):
    lists(wang)
    stay_of(wang)
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    how = {"application": row, "on": date(2026, 4, 5)}
    decide_aid(actor=cast.clerk_a, event="object_aid", reason="村民反映其有经营收入", **how)
    with pytest.raises(Refusal, match="有异议"):
        approve_aid(actor=cast.approver, application=row, on=AFTER)
    decide_aid(actor=cast.reviewer, event="settle_objection", reason="民政核实无经营收入", **how)
    row = publish_aid(actor=cast.reviewer, application=row, on=date(2026, 4, 10))
    assert row.public_to == date(2026, 4, 16)


def test_a_refused_one_uses_nothing(cast, wang, stay_of, apply):
    lists(wang)
    stay_of(wang)
    row = apply(wang)
    how = {"application": row, "on": PUBLIC, "reason": "商业保险已全额赔付"}
    row = decide_aid(actor=cast.reviewer, event="refuse_aid", **how)
    assert row.status == "refused"
    assert apply(wang).amount == Decimal("1820.00")


def test_what_was_made_public_is_what_is_paid(cast, wang, stay_of, apply, aid_book):
    """A second stay is decided during the publicity: computed and made public anew."""
    lists(wang)
    stay_of(wang)
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    second = stay_of(wang, "1000.00", visit=stay(date(2026, 3, 11), date(2026, 3, 15)))
    more = second.cash_amount
    with pytest.raises(Refusal, match=r"公示的救助金额是 1,820\.00 元"):
        approve_aid(actor=cast.approver, application=row, on=AFTER)
    how = {"application": row, "on": AFTER, "reason": "又有一次住院"}
    decide_aid(actor=cast.approver, event="recall_aid", **how)
    row = publish_aid(actor=cast.reviewer, application=row, on=AFTER)
    assert row.amount == (Decimal("2600.00") + more) * Decimal("0.7")


def test_nothing_is_paid_for_a_claim_that_fell(cast, county, wang, stay_of, decided):
    lists(wang)
    claim = stay_of(wang)
    row = decided(wang)
    stop(actor=cast.approver, settlement=claim, reason="发现挂名住院")
    with pytest.raises(Refusal, match="已撤回或改算"):
        release(cast, county, row)
    how = {"application": row, "on": AFTER, "reason": "结算单已撤回"}
    decide_aid(actor=cast.reviewer, event="recall_aid", **how)
    assert order_of(row).status == "cancelled"


def test_death_before_the_payment_leads_to_the_heir(cast, county, wang, stay_of, decided):
    lists(wang)
    stay_of(wang)
    row = decided(wang)
    Person.objects.filter(pk=wang.pk).update(death_date=AFTER)
    with pytest.raises(Refusal, match=r"死亡.*改收款人"):
        release(cast, county, row)
    decide_aid(
        actor=cast.reviewer, application=row, event="recall_aid", reason="申请人死亡", on=AFTER
    )
    how = {"actor": cast.clerk_a, "application": row, "reason": "申请人死亡，付给继承人"}
    heir = {"name": "王小红", "account": "6222020099998888777"}
    with pytest.raises(Refusal, match="收款人请写继承人"):
        change_payee(payee=OWN, **how)
    with pytest.raises(Refusal, match="请写明继承依据"):
        change_payee(payee=AidPayee(**heir), **how)
    change_payee(payee=AidPayee(**heir, document="公证书〔2026〕3号"), **how)
    publish_aid(actor=cast.reviewer, application=row, on=date(2026, 4, 1))
    approve_aid(actor=cast.approver, application=row, on=AFTER)
    release(cast, county, row)
    order = order_of(row)
    assert (order.payee, order.amount, order.status) == ("王小红", Decimal("1820.00"), "sent")


def test_premium_that_was_paid_before_the_list_came(wang, apply):
    """资助参保: half of the 200 yuan of the second tier for 低保."""
    lists(wang)
    row = apply(wang, "premium_aid")
    assert (row.own_amount, row.amount) == (Decimal("200.00"), Decimal("100.00"))
    assert list(row.claims.all()) == []


def test_who_named_the_payee_neither_reviews_nor_approves(cast, wang, stay_of, apply, aid_book):
    """One clerk took it in, another named the payee, and is the county's officer by now."""
    lists(wang)
    stay_of(wang)
    row = apply(wang)
    other = AidPayee(name="李四", account="6222020099998888777", document="委托书〔2026〕9号")
    colleague = in_duty(cast.reviewer, "township_clerk")
    change_payee(actor=colleague, application=row, payee=other, reason="本人委托代收")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    row.refresh_from_db()
    assert row.named_by == cast.reviewer
    change_payee(
        actor=in_duty(cast.approver, "township_clerk"), application=row, payee=OWN, reason="本人领"
    )
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approve_aid(actor=cast.approver, application=row, on=AFTER)


def test_what_was_approved_stays(cast, wang, stay_of, decided):
    lists(wang)
    stay_of(wang)
    decided(wang)
    for change in ({"amount": 1}, {"payee": "李四"}, {"bank": "别家"}):
        with pytest.raises(IntegrityError, match="what was approved stays"), transaction.atomic():
            AidApplication.objects.update(**change)


def test_an_old_key_is_retired_under_what_was_approved(cast, wang, stay_of, decided, settings):
    """Sealing every account anew is no change of the payee."""
    lists(wang)
    stay_of(wang)
    row = decided(wang)
    fresh = base64.b64encode(bytes([8]) * 32).decode()
    settings.SEAL_KEYS = f"{settings.SEAL_KEYS},99:{fresh}"
    call_command("rotate_keys")
    settings.SEAL_KEYS = f"99:{fresh}"
    row.refresh_from_db()
    assert (row.account, order_of(row).account) == (OWN.account, OWN.account)
