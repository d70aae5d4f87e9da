"""A finding stands against the payment: a certain one at once, a suspicion when it is confirmed."""

from claims.paying.models import PaymentHold
from supervision.models import Alert
from supervision.services import handle_alert, screen_new_claims


def test_a_certain_finding_holds_until_it_is_dismissed(
    county, wang, settled, township_hospital, cast
):
    settled(wang, 1, 9)
    second = settled(wang, 8, 12, institution=township_hospital)
    screen_new_claims(area=county)
    alert = Alert.objects.get(rule="A03")
    hold = PaymentHold.objects.get()
    assert (hold.settlement, hold.source, hold.placed_by) == (second, f"alert:{alert.pk}", None)
    assert hold.reason == "住院期间重叠", "the other hospital's stay is not told to this one"
    screen_new_claims(area=county)
    assert PaymentHold.objects.count() == 1
    handle_alert(actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="转院当日")
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lifted_reason) == (cast.supervisor, "住院期间重叠，核查排除")
    assert not PaymentHold.objects.standing().exists()


def test_a_suspicion_holds_once_it_is_confirmed(county, wang, settled, cast):
    settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    assert not PaymentHold.objects.exists()
    alert = Alert.objects.get()
    handle_alert(actor=cast.supervisor, alert=alert, event="confirm_alert", reason="无签字")
    hold = PaymentHold.objects.standing().get()
    assert (hold.reason, hold.placed_by) == (f"{alert.rule_title}，核查属实", cast.supervisor)


def test_a_suspicion_that_is_dismissed_leaves_nothing(county, wang, settled, cast):
    settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    handle_alert(
        actor=cast.supervisor, alert=Alert.objects.get(), event="dismiss_alert", reason="同意书齐全"
    )
    assert not PaymentHold.objects.exists()
