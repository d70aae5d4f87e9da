"""Assistance that was paid is asked back when what it rests on falls: by two, then a cashier."""

from datetime import date
from decimal import Decimal
from threading import Event

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.errors import Refusal
from claims.assistance.rooms import obstacles
from claims.assistance.services import approve_aid, publish_aid
from claims.paying.services import hold_payment, lift_hold
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, propose
from claims.services import stop
from enrollment.models import Enrollment
from funds.models import Voucher
from funds.payments.services import note_return
from supervision.models import Alert
from supervision.services import handle_alert
from tests.at_once import at_once
from tests.claims.assistance.conftest import AFTER, PUBLIC, lists
from tests.claims.assistance.test_stories import order_of, release
from tests.claims.conftest import stay
from tests.claims.test_one_person import child, merge, undo  # noqa: F401 - two records of one child
from tests.conftest import in_duty
from tests.paying import pay

LATER = date(2026, 5, 6)


@pytest.fixture
def two_stays(cast, county, wang, stay_of, decided):
    """5 000.00 and 1 000.00: he bore 2 600.00 and 600.00, of which 70 % are 2 240.00."""
    lists(wang)
    first = stay_of(wang)
    second = stay_of(wang, "1000.00", visit=stay(date(2026, 3, 11), date(2026, 3, 15)))
    row = decided(wang)
    assert (row.own_amount, row.amount) == (Decimal("3200.00"), Decimal("2240.00"))
    release(cast, county, row)
    row.refresh_from_db()
    return first, second, row


def all_hands(cast, debt, on=LATER):
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=on)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approver = in_duty(cast.reviewer, "approver")
        decide(actor=approver, recovery=debt, event="approve_recovery", on=on)
    return decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=on)


def take(cast, debt, yuan, on=LATER):
    how = {"on": on, "today": on, "reference": "BK1"}
    return receive(actor=cast.cashier, recovery=debt, amount=Decimal(yuan), **how)


def test_a_stay_that_is_stopped_asks_its_share_back(cast, two_stays, wang, as_user):
    """Without the second 70 % of 2 600.00 = 1 820.00 are due, 420.00 come back in two parts; the
    claim that fell was never paid itself."""
    _, second, row = two_stays
    stop(actor=cast.approver, settlement=second, reason="挂床住院")
    debt = Recovery.objects.get()
    assert (debt.amount, debt.debtor, debt.status) == (Decimal("420.00"), "household", "proposed")
    assert debt.payment_key == f"aid:{row.pk}"
    assert debt.facts == (
        f"结算单 {second.number} 已撤回，救助单 {row.number} 重算后应付 1,820.00 元"
    )
    with pytest.raises(Refusal, match="早于救助单"):
        take(cast, all_hands(cast, debt), "420.00", on=date(2026, 4, 9))
    take(cast, debt, "120.00")
    take(cast, debt, "300.00")
    debt.refresh_from_db()
    assert debt.status == "received"
    moved = Voucher.objects.filter(key__startswith=f"recovery:{debt.pk}:")
    assert {(one.event, one.book.fund_type) for one in moved} == {("claim_recovered", "assistance")}
    assert sum(one.amount for one in moved) == Decimal("420.00")
    row.refresh_from_db()
    assert (row.status, row.amount, order_of(row).status) == ("paid", Decimal("2240.00"), "sent")
    cover = Enrollment.objects.get(person=wang)
    assert (cover.drawn_claims, cover.drawn_amount) == (1, Decimal("2400.00"))
    page = as_user(cast.reviewer).get(reverse("claims:aid", args=[row.pk])).text
    assert debt.number in page
    told = as_user(cast.reviewer).get(reverse("claims:recovery", args=[debt.pk])).text
    assert f"救助单 {row.number}，2026-04-10 支付" in told


def test_what_falls_next_counts_what_is_asked_already(cast, two_stays):
    """Nobody has acted on the first 420.00: with the other stay all 2 240.00 are asked, once."""
    first, second, _ = two_stays
    for claim in (second, first):
        stop(actor=cast.approver, settlement=claim, reason="挂床住院")
    told = Recovery.objects.order_by("pk").values_list("amount", "status")
    assert list(told) == [(Decimal("420.00"), "replaced"), (Decimal("2240.00"), "proposed")]


def test_what_was_decided_stays_and_the_rest_is_asked_beside_it(cast, two_stays, apply, stay_of,
                                                                wang):  # fmt: skip
    """1 820.00 more; the cap of the year has them again, for another stay of 4 000.00."""
    first, second, _ = two_stays
    stop(actor=cast.approver, settlement=second, reason="挂床住院")
    all_hands(cast, Recovery.objects.get())
    stop(actor=cast.approver, settlement=first, reason="冒名住院")
    told = Recovery.objects.order_by("pk").values_list("amount", "status")
    assert list(told) == [(Decimal("420.00"), "approved"), (Decimal("1820.00"), "proposed")]
    third = stay_of(wang, "4000.00", visit=stay(date(2026, 3, 18), date(2026, 3, 19)))
    again = apply(wang)
    assert again.amount == third.cash_amount * Decimal("0.7")


def test_the_bank_gave_the_aid_back(cast, two_stays, as_user):
    """It lies in the fund's account: nobody can bring it."""
    _, second, row = two_stays
    stop(actor=cast.approver, settlement=second, reason="挂床住院")
    debt = all_hands(cast, Recovery.objects.get())
    order = order_of(row)
    transfer = order.transfers.get()
    note_return(actor=cast.accountant, transfers=[(transfer, "户名不符")], on=LATER)
    with pytest.raises(Refusal, match=f"救助单 {row.number}的款项现为“退汇”"):
        take(cast, debt, "420.00")
    told = as_user(cast.reviewer).get(reverse("claims:recovery", args=[debt.pk])).text
    assert f"救助单 {row.number}，2026-04-10 支付" in told
    notice = as_user(cast.reviewer).get(reverse("claims:recovery_notice", args=[debt.pk]))
    assert notice.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_claim_falls_while_the_aid_is_being_paid(cast, county, wang, stay_of, decided):
    """The cashier's batch has read the claim as it stood: the fall waits, and asks all back."""
    lists(wang)
    claim = stay_of(wang)
    row = decided(wang)
    went, fell = Event(), Event()

    def pay():
        with transaction.atomic():
            release(cast, county, row)
            went.set()
            fell.wait(timeout=0.5)  # it waits for this commit, or is through

    def fall():
        went.wait(timeout=30)
        stop(actor=cast.approver, settlement=claim, reason="冒名住院")
        fell.set()

    assert at_once([pay, fall]) == [None, None]
    row.refresh_from_db()
    assert (row.status, Recovery.objects.get().amount) == ("paid", row.amount)


def test_open_applications_of_two_records_are_decided_first(cast, request, stay_of, apply):
    two = request.getfixturevalue("child")
    for person, day in ((two.kept, 1), (two.given_up, 11)):
        lists(person)
        stay_of(person, visit=stay(date(2026, 3, day), date(2026, 3, day + 3)))
        apply(person)
    with pytest.raises(Refusal, match="各有一份同类救助申请没有办结"):
        merge(cast, two.kept, two.given_up)


def test_what_both_records_got_beyond_one_person_is_told(cast, county, request, stay_of, decided):
    """Two stays of 100 000.00: each record got the whole cap of the year, 30 000.00; one person is
    due it once. Undone, nothing is asked back any more."""
    two = request.getfixturevalue("child")
    for person, day in ((two.kept, 1), (two.given_up, 11)):
        lists(person)
        days = stay(date(2026, 3, day), date(2026, 3, day + 3))
        stay_of(person, "100000.00", visit=days)
        given = decided(person)
        assert given.amount == Decimal("30000.00")
        release(cast, county, given)
    row = merge(cast, two.kept, two.given_up)
    (told,) = [one for one in row.told if "救助" in one]
    debt = Recovery.objects.get()
    assert debt.amount == Decimal("30000.00")
    assert (
        f"两条登记合计超过一人应得的救助 30,000.00 元，已提出追回（追回单 {debt.number}）" in told
    )
    undo(cast, row)
    assert not Recovery.objects.standing().exists()


def test_it_waits_for_a_claim_that_is_held(cast, county, wang, stay_of, apply, decided, aid_book):
    """1 820.00 rest on one stay: held, they are neither approved nor paid; lifted, both go on."""
    lists(wang)
    stay = stay_of(wang)
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    hold_payment(actor=None, settlement=stay, source="alert:7", reason="住院重叠")
    told = f"救助单 {row.number} 所依据的结算单 {stay.number} 暂停支付：住院重叠"
    with pytest.raises(Refusal, match=told):
        approve_aid(actor=cast.approver, application=row, on=AFTER)
    lift_hold(actor=cast.supervisor, settlement=stay, source="alert:7", reason="已核实")
    approve_aid(actor=cast.approver, application=row, on=AFTER)
    hold_payment(actor=None, settlement=stay, source="alert:8", reason="挂床")
    with pytest.raises(Refusal, match="暂停支付：挂床，办结以后才能审批、支付"):
        release(cast, county, row)
    lift_hold(actor=cast.supervisor, settlement=stay, source="alert:8", reason="已核实")
    release(cast, county, row)
    row.refresh_from_db()
    assert (row.status, row.amount) == ("paid", Decimal("1820.00"))


def test_a_confirmed_alert_on_a_paid_claim_is_let_go_once_it_is_settled(
    cast, county, wang, stay_of, apply, aid_book, as_user
):
    """He bore 2 600.00 of a stay that was paid 2 400.00; he says that he was not there. Confirmed,
    200.00 are asked back and come: his 1 820.00 wait until the approver says that it is settled."""
    lists(wang)
    claim = stay_of(wang)
    pay(actor=cast.cashier, settlements=[claim], on=AFTER, today=AFTER)
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    clerk, supervisor, approver = (
        as_user(one) for one in (cast.clerk_a, cast.supervisor, cast.approver)
    )
    page = clerk.get(f"/claims/{claim.pk}").content.decode()
    assert "款项已经支付：登记后由基金监管人员核查" in page and "照常付款" not in page
    answer = clerk.post(
        f"/supervision/denials/{claim.pk}", {"reason": "本人持身份证到窗口"}, follow=True
    )
    assert "依据它的救助、二次补偿暂缓支付" in answer.content.decode()
    alert = Alert.objects.get()
    handle_alert(actor=cast.supervisor, alert=alert, event="confirm_alert", reason="只住了三天")
    sent = {
        "reason": "invented", "facts": "只住了三天", "debtor": "institution", "debtor_name": "",
        "usage": "kept", "amount-basic": "200.00",
    }  # fmt: skip
    supervisor.post(f"/supervision/{alert.pk}/recover", sent)
    debt = Recovery.objects.get()
    release_it = {"reason": f"追回单 {debt} 已收回"}
    answer = approver.post(f"/supervision/{alert.pk}/release", release_it, follow=True)
    assert f"追回单 {debt} 还没有办结" in answer.content.decode()
    take(cast, all_hands(cast, debt), "200.00")
    with pytest.raises(Refusal, match=f"结算单 {claim.number} 暂停支付"):
        approve_aid(actor=cast.approver, application=row, on=LATER)
    assert "处理完毕，解除暂停" in approver.get(f"/supervision/{alert.pk}").content.decode()
    approver.post(f"/supervision/{alert.pk}/release", release_it)
    approve_aid(actor=cast.approver, application=row, on=LATER)
    row.refresh_from_db()
    assert (row.status, row.amount) == ("approved", Decimal("1820.00"))


def test_all_of_a_claim_back_with_its_usage_kept_asks_it_back(cast, county, two_stays):
    """The second stay (600.00 borne) was paid 400.00, which are asked back and come back, usage
    kept: of 2 240.00 are due 70 % of 2 600.00 = 1 820.00, so 420.00 are owed. While nobody knows,
    what came back from the bank waits."""
    _, second, row = two_stays
    pay(actor=cast.cashier, settlements=[second], on=LATER, today=LATER)
    what = Proposal(reason="invoice", facts="发票虚假", debtor="household", usage="kept")
    debt = propose(actor=cast.supervisor, settlement=second, proposal=what)
    note_return(
        actor=cast.accountant,
        transfers=[(order_of(row).transfers.get(), "账户已销户")],
        on=LATER,
    )
    assert [one.words for one in obstacles([f"aid:{row.pk}"], LATER)] == [
        f"救助单 {row.number} 所依据的结算单 {second.number} 已提出全部追回（{debt.number}），"
        "还没有办结，办结以后才能审批、支付"
    ]
    take(cast, all_hands(cast, debt), "400.00")
    more = Recovery.objects.exclude(pk=debt.pk).get()
    assert (more.payment_key, more.amount) == (f"aid:{row.pk}", Decimal("420.00"))
