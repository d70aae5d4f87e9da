"""Findings of one event are one alert: one row, one page, one decision, and the money with it.

王建国 left 永兴医院 on 10 March and came back on the 15th with the same diagnosis; of each stay's
5 000.00 some 600.00 were outside the catalogue. The fund pays 2 400.00 for each.
"""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from claims.deciding.models import Screened
from claims.models import Settlement
from claims.paying.models import PaymentHold
from claims.services.drawn import recount
from desk.worklist import tiles
from supervision.cases.services import from_alert
from supervision.grouping import event_of, stake
from supervision.models import Alert, AlertReview
from supervision.reviewing.services import review_alert, step_review
from supervision.reviewing.serving import open_notice
from supervision.rules import Certainty, Hit
from supervision.services import (
    handle_alert,
    note_denial,
    note_found,
    release_payment,
    screen_new_claims,
)
from tests.at_once import at_once

pytestmark = pytest.mark.django_db
ON = date(2026, 4, 1)
BILLS, ALERTS = "claims_settlement", "supervision_alert"


@pytest.fixture
def stays(county: Division, wang: Any, settled: Any) -> tuple[Settlement, Settlement]:
    with transaction.atomic():  # the covers are told before the commit asks
        first = settled(wang, 5, 10, off_catalogue="600.00")
        second = settled(wang, 15, 20, off_catalogue="600.00")
        recount(county.code)
    with override_settings(TODAY=date(2026, 3, 31)):
        screen_new_claims(area=county)
    return first, second


def head() -> Alert:
    return Alert.objects.leading().get()


def found_twice(stay: Settlement) -> Alert:
    """A definite finding that comes later: paid twice."""
    hit = Hit(rule="A02", certainty=Certainty.CERTAIN, settlement=stay.pk, finding="同一发票")
    note_found(hits=[hit])
    return Alert.objects.get(rule="A02", settlement=stay)


def first_opinion(cast: Any, event: str = "dismiss_alert", **more: Any) -> AlertReview:
    return review_alert(
        actor=cast.supervisor, alert=head(), event=event, reason="病历齐全", on=ON, **more
    )


def statuses() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("rule", "pk").values_list("rule", "status"))


def test_three_findings_on_two_stays_are_one_row_and_one_page(
    stays: Any, cast: Any, as_user: Any
) -> None:
    assert [rule for rule, _ in statuses()] == ["A05", "A11", "A11"]
    lead = head()
    assert len(event_of(lead)) == 3
    row = Alert.objects.annotate(stake=stake()).get(pk=lead.pk)
    assert f"{row.stake:.2f}" == "4800.00", "each stay once, however much was found on it"
    client = as_user(cast.supervisor)
    listed = client.get("/supervision/").content.decode()
    assert "4,800.00" in listed and "A05、A11" in listed and "等 3 项发现" in listed
    assert "共 1 条" in listed
    member = Alert.objects.exclude(lead=None).first()
    assert member is not None
    page = client.get(reverse("supervision:alert", args=[member.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("supervision:alert", args=[lead.pk])
    told = page.content.decode()
    assert all(one.finding in told for one in event_of(lead))
    assert "4,800.00" in told and all(one.number in told for one in stays)


def test_the_list_begins_with_what_costs_most_and_keeps_its_filters(
    stays: Any, cast: Any, county: Division, neighbours: Any, settled: Any, as_user: Any
) -> None:
    small = settled(neighbours[0], 21, 25, off_catalogue="600.00")
    screen_new_claims(area=county)
    client = as_user(cast.supervisor)

    def numbers(**asked: str) -> list[str]:
        rows = client.get("/supervision/", asked).context["list"].rows
        return [one.settlement.number for one in rows]

    lead = Alert.objects.leading().get(settlement__in=stays)
    assert numbers() == [lead.settlement.number, small.number], "4 800.00 before 2 400.00"
    assert numbers(sort="stake") == [small.number, lead.settlement.number]
    assert numbers(rule="A05") == [lead.settlement.number]
    assert len(numbers(rule="A11")) == 2 and not numbers(certainty="certain")
    assert len(numbers(institution=small.visit.institution_name[:3])) == 2 and not numbers(
        institution="别家"
    )


def test_one_decision_concludes_all_and_holds_every_payment(stays: Any, cast: Any) -> None:
    handle_alert(actor=cast.supervisor, alert=head(), event="confirm_alert", reason="由医院承担")
    assert {status for _, status in statuses()} == {"confirmed"}
    assert [one.holds.standing().count() for one in stays] == [1, 2]
    assert AuditLine.objects.filter(action="supervision.confirm_alert").count() == 3


def test_a_definite_finding_leads_and_its_hold_falls_with_the_group(stays: Any, cast: Any) -> None:
    certain = found_twice(stays[1])
    assert head().pk == certain.pk and len(event_of(certain)) == 4
    assert PaymentHold.objects.standing().count() == 1
    review = first_opinion(cast)
    step_review(actor=cast.approver, row=review, event="agree_review", on=ON)
    assert {status for _, status in statuses()} == {"dismissed"}
    assert not PaymentHold.objects.standing().exists()


def test_what_comes_after_the_first_opinion_is_an_event_of_its_own(stays: Any, cast: Any) -> None:
    first_opinion(cast)
    certain = found_twice(stays[1])
    assert event_of(certain) == [certain] and Alert.objects.leading().count() == 2
    step_review(actor=cast.approver, row=AlertReview.objects.get(), event="agree_review", on=ON)
    certain.refresh_from_db()
    assert certain.status == "open" and stays[1].holds.standing().count() == 1


def test_what_a_person_says_is_answered_by_itself(stays: Any, cast: Any) -> None:
    """The hospital's two findings are dismissed; what 王建国 denies stays open and holds the
    payment, although it was there before."""
    denied = note_denial(actor=cast.clerk_a, settlement=stays[1], told="本人到窗口说明，核对身份证")
    lead = Alert.objects.leading().exclude(pk=denied.pk).get()
    assert event_of(denied) == [denied] and len(event_of(lead)) == 3
    handle_alert(actor=cast.supervisor, alert=lead, event="dismiss_alert", reason="病历齐全")
    assert set(statuses()) == {("A05", "dismissed"), ("A11", "dismissed"), ("A23", "open")}
    assert stays[1].holds.standing().count() == 1
    assert [words[:3] for words in Screened.objects.get(settlement=stays[1]).open] == ["A23"]


def test_money_counts_once_and_only_what_stands(stays: Any, cast: Any, county: Division) -> None:
    """The tile says what the list says; of a claim that was withdrawn nothing is at stake. A clue
    takes every settlement of the event that was found true."""

    def waits() -> list[str]:
        told = [one for one in tiles(cast.supervisor) if one.work.title == "可疑待核查"]
        return [f"{one.amount:.2f}" for one in told]

    assert waits() == ["4800.00"]
    handle_alert(actor=cast.supervisor, alert=head(), event="confirm_alert", reason="由医院承担")
    case = from_alert(actor=cast.supervisor, alert=head(), on=ON)
    listed = case.claims.order_by("settlement").values_list("settlement", "amount")
    assert list(listed) == [(one.pk, one.fund_amount) for one in stays]
    Settlement.objects.filter(pk=stays[0].pk).update(status="withdrawn", withdrawn_reason="录错")
    row = Alert.objects.annotate(stake=stake()).get(pk=head().pk)
    assert f"{row.stake:.2f}" == "2400.00"


def test_who_answers_reads_what_is_at_stake_in_all(stays: Any, cast: Any, as_user: Any) -> None:
    """4 800.00 on two settlements, not the 2 400.00 of the leading finding's."""
    review = first_opinion(cast, "confirm_alert")
    told = {"event": "tell_institution", "reason": "两次住院间隔 5 日，诊断相同", "on": ON}
    review = step_review(actor=cast.approver, row=review, **told)
    open_notice(actor=cast.hospital_clerk, row=review, event="open_notice", on=ON, reason="")
    client = as_user(cast.hospital_clerk)
    with override_settings(TODAY=ON):
        page = client.get(reverse("supervision:review_appeal", args=[review.pk])).content.decode()
        again = client.get(reverse("supervision:review", args=[review.pk])).content.decode()
    assert "涉及基金 4,800.00 元（2 张结算单）" in page and "4,800.00" in again


def test_settlements_are_locked_before_alerts(stays: Any, cast: Any) -> None:
    """Whoever concludes, frees a payment or finds something definite takes both in one order."""

    def locked(act: Any) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            act()
        told = [one["sql"] for one in queries if " UPDATE" in one["sql"] and " FOR " in one["sql"]]
        tables = [sql.split('FROM "')[1].split('"')[0] for sql in told if 'FROM "' in sql]
        return [one for one in dict.fromkeys(tables) if one in {BILLS, ALERTS}]

    assert locked(lambda: found_twice(stays[1])) == [BILLS, ALERTS]
    lead = head()
    confirm = {"actor": cast.supervisor, "event": "confirm_alert", "reason": "由医院承担"}
    assert locked(lambda: handle_alert(alert=lead, **confirm)) == [BILLS, ALERTS]

    def free() -> None:
        with pytest.raises(Refusal, match="还没有支付"):
            release_payment(actor=cast.approver, alert=lead, reason="已追回")

    assert locked(free) == [BILLS, ALERTS]


def test_nobody_concludes_on_what_the_page_did_not_show(
    stays: Any, cast: Any, as_user: Any
) -> None:
    lead, client = head(), as_user(cast.supervisor)
    seen = client.get(reverse("supervision:alert", args=[lead.pk])).context["seen"]
    found_twice(stays[1])
    sent = {"event": "dismiss_alert", "reason": "病历齐全", "seen": seen}
    told = client.post(reverse("supervision:handle", args=[lead.pk]), sent)
    assert "又有新的发现" in told.content.decode() and not AlertReview.objects.exists()
    with pytest.raises(Refusal, match="又有新的发现"):
        first_opinion(cast, seen=seen)


def test_other_people_and_other_hospitals_are_other_events(
    county: Division, wang: Any, neighbours: Any, settled: Any, township_hospital: Any
) -> None:
    settled(wang, 5, 10, off_catalogue="600.00")
    settled(wang, 15, 20, off_catalogue="600.00", institution=township_hospital)
    settled(neighbours[0], 5, 10, off_catalogue="600.00")
    screen_new_claims(area=county)
    assert Alert.objects.count() == Alert.objects.leading().count() == 3


def test_alerts_of_before_are_joined_by_the_migration(stays: Any) -> None:
    from importlib import import_module

    join = import_module("supervision.migrations.0020_join_alerts").JOIN
    Alert.objects.update(lead=None, due_on=None)
    with connection.cursor() as cursor:
        cursor.execute(join)
    assert Alert.objects.leading().count() == 2, "of each settlement one; across stays from now on"
    assert set(Alert.objects.values_list("lead__settlement", flat=True)) <= {None, stays[1].pk}


def test_a_term_is_red_once_it_has_passed(stays: Any, cast: Any, as_user: Any) -> None:
    """Found on Tuesday 31 March, five working days: due on 7 April."""
    assert head().due_on == date(2026, 4, 7)

    def waits(on: date) -> tuple[list[str], bool]:
        with override_settings(TODAY=on):
            red = [one.work.title for one in tiles(cast.supervisor) if one.number]
            page = as_user(cast.supervisor).get("/supervision/?status=late").content.decode()
        return [title for title in red if "逾期" in title], head().settlement.number in page

    assert waits(date(2026, 4, 7)) == ([], False)
    assert waits(date(2026, 4, 8)) == (["疑点初审已逾期"], True)
    first_opinion(cast)
    assert waits(date(2026, 4, 8)) == ([], False)
    assert waits(date(2026, 4, 9)) == (["疑点审核已逾期"], False)
    with override_settings(TODAY=date(2026, 4, 9)):
        page = as_user(cast.approver).get("/supervision/reviews?status=late").content.decode()
    assert "已逾期" in page and "4,800.00" in page


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_conclude_at_once_conclude_once(stays: Any, cast: Any, county: Division) -> None:
    member = Alert.objects.exclude(lead=None).first()
    assert member is not None

    def opinion(alert: Alert, event: str) -> Any:
        return lambda: review_alert(
            actor=cast.supervisor, alert=alert, event=event, reason="病历齐全", on=ON
        )

    told = at_once([opinion(head(), "dismiss_alert"), opinion(member, "dismiss_alert")])
    assert sum(isinstance(one, Refusal) for one in told) == 1
    review = AlertReview.objects.get()
    assert review.alert == head()

    def agree(actor: Any) -> Any:
        return lambda: step_review(actor=actor, row=review, event="agree_review", on=ON)

    told = at_once([agree(cast.approver), agree(cast.approver2)])
    assert sum(isinstance(one, Refusal) for one in told) == 1
    assert {status for _, status in statuses()} == {"dismissed"}
    assert AuditLine.objects.filter(action="supervision.dismiss_alert").count() == 3
