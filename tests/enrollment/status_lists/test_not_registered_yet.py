"""A department names somebody whom nobody has registered yet; later somebody does."""

from datetime import date

import pytest

from enrollment.cover.enrolling import enroll_household
from enrollment.models import Enrollment, IdentityStatus, ListedStatus, Person
from enrollment.people.register import MemberEntry, add_person
from tests.enrollment.conftest import OCTOBER, resident_id
from tests.enrollment.people.conftest import MARCH, named
from tests.enrollment.status_lists.conftest import HEADER, aid

pytestmark = pytest.mark.django_db
LIU = resident_id("19510404", 5, male=False)
APRIL, MAY = date(2026, 4, 10), date(2026, 5, 10)


def with_liu(*people, name="刘大妈", word="特困人员"):
    return [HEADER, [name, LIU, word], *aid(*people)[1:]]


def come(cast, household, name="刘大妈", on=APRIL):
    entry = MemberEntry(position=0, name=name, resident_id=LIU, relationship="8")
    return add_person(actor=cast.clerk_a, household=household, entry=entry, on=on)


def waiting():
    rows = ListedStatus.objects.order_by("pk")
    return list(rows.values_list("name", "code", "first_day", "last_day"))


def test_the_list_waits_for_who_comes(cast, chens, uploaded, confirmed):
    one = confirmed(uploaded(with_liu(("陈国强", "低保"))))
    assert (one.unknown_count, one.added_count) == (1, 1)
    first = MARCH.replace(day=1)
    assert waiting() == [("刘大妈", "wubao", first, None)]
    person = come(cast, chens)
    row = IdentityStatus.objects.get(person=person)
    assert (row.code, row.first_day, row.source, row.batch) == (
        "wubao", first, "民政局", f"2026-03 名单 {one.pk}",
    )  # fmt: skip
    assert waiting() == []
    next_one = confirmed(uploaded(with_liu(("陈国强", "低保")), month=APRIL))
    assert (next_one.unknown_count, next_one.same_count) == (0, 2)


def test_the_next_list_ends_what_it_does_not_say(cast, chens, uploaded, confirmed):
    confirmed(uploaded(with_liu(("陈国强", "低保"))))
    confirmed(uploaded(with_liu(("陈国强", "低保")), month=APRIL))
    first = MARCH.replace(day=1)
    assert waiting() == [("刘大妈", "wubao", first, None)]  # said again: it goes on
    confirmed(uploaded(with_liu(("陈国强", "低保"), name="刘大娘"), month=MAY))
    assert waiting() == [
        ("刘大妈", "wubao", first, date(2026, 4, 30)),
        ("刘大娘", "wubao", date(2026, 5, 1), None),
    ]
    person = come(cast, chens, name="刘大娘", on=MAY)
    assert person.statuses.get().first_day == date(2026, 5, 1)


def test_who_is_registered_between_check_and_confirmation(cast, chens, uploaded, confirmed):
    one = uploaded(with_liu(("陈国强", "低保")))
    person = come(cast, chens, on=MARCH)
    confirmed(one)
    assert person.statuses.get().code == "wubao"
    assert waiting() == []


def test_a_word_that_the_measures_do_not_know_is_not_kept(chens, uploaded, confirmed):
    confirmed(uploaded(with_liu(("陈国强", "低保"), word="孤儿")))
    assert waiting() == []


def test_what_waits_for_payment_follows_the_list_while_the_campaign_is_open(
    cast, campaign, chens, uploaded, confirmed
):
    """陈国强 and 李桂芳 owe 120 each; October's list makes his 110, hers stays."""
    people = [named("陈国强"), named("李桂芳")]
    enroll_household(actor=cast.clerk_a, household=chens, members=people, tier="tier2", on=OCTOBER)
    confirmed(uploaded(aid(("陈国强", "低保")), month=OCTOBER))
    amounts = Enrollment.objects.order_by("person__member_number")
    assert list(amounts.values_list("personal_amount", "premium_status")) == [
        (110, "dibao"), (120, ""),
    ]  # fmt: skip
    assert Person.objects.count() == 6
