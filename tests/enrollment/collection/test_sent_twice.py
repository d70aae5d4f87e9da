"""A double click at the window: done once, and the second click shows what the first did."""

from decimal import Decimal

import pytest

from enrollment.collection.refunds import grant_refund
from enrollment.models import DayClose, Enrollment, Household, Receipt, Refund
from tests.enrollment.collection.conftest import confirm, hand_in, person_id
from tests.enrollment.conftest import OCTOBER, resident_id
from tests.paying import provide
from tests.sent_twice import double_click, told

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "/enrollment/households/new"


@pytest.fixture(autouse=True)
def _october(settings):
    settings.TODAY = OCTOBER


def typed(village, number, name):
    return {
        "division": village.pk, "address": "3 组", "phone": "", "tier": "tier2",
        "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 0,
        "members-0-resident_id": number, "members-0-name": name,
        "members-0-relationship": "0", "members-0-residence": "rural",
    }  # fmt: skip


def both_led_to(answers, where):
    assert [answer.status_code for answer in answers] == [302, 302]
    assert {answer.url for answer in answers} == {where}


def test_a_new_household_is_saved_once(cast, books, village_a, as_user):
    form = typed(village_a, resident_id("19780512"), "陈国强")
    answers = double_click(as_user(cast.clerk_a), NEW, NEW, form)
    both_led_to(answers, f"/enrollment/households/{Household.objects.get().pk}/payment")
    assert Enrollment.objects.count() == 1


def test_a_renewal_is_saved_once(cast, books, autumn, as_user):
    household = autumn.yangs
    url = f"/enrollment/households/{household.pk}/renew"
    people = list(household.members.order_by("member_number"))
    form = {
        "address": "", "phone": "", "tier": "tier2",
        "members-TOTAL_FORMS": 2, "members-INITIAL_FORMS": 2,
    }  # fmt: skip
    for at, person in enumerate(people):
        form |= {
            f"members-{at}-person_id": person.pk, f"members-{at}-name": person.name,
            f"members-{at}-relationship": person.relationship,
            f"members-{at}-residence": "rural", f"members-{at}-joins": "on",
        }  # fmt: skip
    answers = double_click(as_user(cast.clerk_a), url, url, form)
    both_led_to(answers, f"/enrollment/households/{household.pk}/payment")
    assert Enrollment.objects.filter(household=household, status="pending").count() == 2


def test_the_money_is_taken_once_and_the_change_told_to_both(cast, books, single, as_user):
    url = f"/enrollment/households/{single(cast.clerk_a, 1).pk}/payment"
    answers = double_click(as_user(cast.clerk_a), url, url, {"received": "150"})
    receipt = Receipt.objects.get()
    both_led_to(answers, f"/enrollment/receipts/{receipt.pk}")
    assert receipt.amount == 120
    for answer in answers:
        assert "找零 30.00 元" in told(answer)[0]


def test_a_receipt_is_void_once(cast, books, paid, as_user):
    receipt = paid(cast.clerk_a, 1)
    url = f"/enrollment/receipts/{receipt.pk}/void"
    answers = double_click(as_user(cast.clerk_a), url, url, {"reason": "姓名录错"})
    both_led_to(answers, f"/enrollment/households/{receipt.household_id}/payment")
    assert all("已作废" in told(answer)[0] for answer in answers)


def test_a_day_is_closed_once(cast, books, paid, as_user):
    paid(cast.clerk_a, 1)
    url = "/enrollment/treasury/day"
    form = {"day": "2025-10-15", "counted": "120", "explanation": ""}
    clerk = as_user(cast.clerk_a)
    both_led_to(double_click(clerk, url, url, form), url)
    assert DayClose.objects.get().counted == 120
    assert "已日结，转入次日" in clerk.get(url).text


def test_a_refund_is_asked_for_once_and_paid_once(cast, campaign, books, paid, as_user):
    receipt = paid(cast.clerk_a, 1)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-1", 120, OCTOBER))
    row = receipt.enrollments.get()
    url = f"/enrollment/treasury/enrollments/{row.pk}/refund"
    form = {
        "ground": "elsewhere", "ground_date": "2025-10-10", "evidence": "职工医保参保证明",
        "payee": "王强", "bank_account": "6217000000000000001",
    }  # fmt: skip
    both_led_to(double_click(as_user(cast.clerk_a), url, url, form), "/enrollment/treasury/refunds")
    refund = grant_refund(actor=cast.accountant, refund=Refund.objects.get(), on=OCTOBER)
    provide(campaign.area)
    lists = "/enrollment/treasury/refunds"
    pay = f"/enrollment/treasury/refunds/{refund.pk}/pay"
    answers = double_click(as_user(cast.cashier), lists, pay, {"paid_on": "2025-10-15"})
    both_led_to(answers, lists)
    assert all("已支付 120.00 元" in told(answer)[0] for answer in answers)


def test_the_same_number_typed_anew_is_told_apart(cast, books, village_a, as_user):
    """Not a double click: another form about somebody who is registered by now."""
    clerk = as_user(cast.clerk_a)
    form = typed(village_a, person_id(1), "王强")
    double_click(clerk, NEW, NEW, form)
    answer = clerk.post(NEW, form | {"submission": "another"})
    assert answer.status_code == 200
    assert Household.objects.count() == 1
    assert Enrollment.objects.get().personal_amount == Decimal(120)
