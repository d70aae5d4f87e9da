"""五保 and its like come from a department's list or an approval; nobody ticks them."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import AuditLine
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.cover.proposals import approve, propose_ending, propose_status
from enrollment.models import Enrollment, IdentityStatus, ListedStatus, Person
from enrollment.people.lifecycle import Newcomer, change_number, record_newcomer
from enrollment.people.register import change_person, statuses_on
from tests.enrollment.conftest import OCTOBER, member, resident_id, text_of
from tests.enrollment.cover.test_pages import NEW, typed
from tests.enrollment.refusals import refuses
from tests.enrollment.statuses import SINCE, listed, paper
from tests.rooms import rooms_but

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]
LIU = resident_id("19500220", male=False)
ROOT = Path(__file__).resolve().parents[3]


def held(person, day=OCTOBER):
    return set(statuses_on([person.pk], day)[person.pk])


def liu(name="刘大妈"):
    return member(0, name, LIU, "0")


def wubao(person, cast, on=OCTOBER):
    row = propose_status(actor=cast.clerk_a, person=person, code="wubao", document=paper(), on=on)
    return approve(actor=cast.reviewer, proposal=row, on=on)


def test_who_is_listed_takes_it_up_when_registered(enter, cast):
    """刘大妈 is on the list since September, before anybody registered her: 100, not 120."""
    listed("刘大妈", LIU, ["wubao"])
    person = enter([liu()], paid=False).members.get()
    row = IdentityStatus.objects.get(person=person)
    assert (row.code, row.source, row.first_day, row.last_day) == ("wubao", "民政局", SINCE, None)
    cover = Enrollment.objects.get()
    assert (cover.personal_amount, cover.premium_status) == (100, "wubao")
    assert not ListedStatus.objects.exists()
    line = AuditLine.objects.get(action="enrollment.save_entry")
    assert line.after["statuses"] == {str(person.pk): {"added": ["wubao"]}}


def test_a_list_means_the_person_that_it_names(enter, cast):
    """Under another name the number gives nothing: 120. Corrected, it is hers."""
    listed("刘大妈", LIU, ["wubao"])
    person = enter([liu("刘大娘")], paid=False).members.get()
    assert Enrollment.objects.get().personal_amount == 120
    change_person(
        actor=cast.clerk_a, person=person, on=OCTOBER, name="刘大妈", relationship="0",
        residence="rural",
    )  # fmt: skip
    assert held(person) == {"wubao"}


def test_a_list_of_another_county_and_one_that_has_ended_give_nothing(enter, other_county):
    listed("刘大妈", LIU, ["wubao", "dibao"])
    ListedStatus.objects.filter(code="wubao").update(area=other_county)
    ListedStatus.objects.filter(code="dibao").update(last_day=date(2025, 9, 30))
    person = enter([liu()], paid=False).members.get()
    assert held(person) == set()
    assert held(person, date(2025, 9, 30)) == {"dibao"}  # it was so
    assert Enrollment.objects.get().personal_amount == 120


def test_the_window_asks_for_no_status_and_shows_what_is_known(cast, books, village_a, as_user):
    listed("刘大妈", LIU, ["wubao"])
    clerk = as_user(cast.clerk_a)
    assert "second_status" not in clerk.get(NEW).content.decode()
    ticked = {"resident_id": LIU, "name": "刘大妈", "status": "dibao", "second_status": "dibao"}
    page = text_of(clerk.post(NEW, typed(village_a, [ticked]), headers={"HX-Request": "true"}))
    assert "农村五保 民政局 2025-09-01 起" in page
    assert "100.00 元" in page
    other = typed(village_a, [ticked | {"name": "刘大娘"}])
    page = text_of(clerk.post(NEW, other, headers={"HX-Request": "true"}))
    assert "部门名单中这个证件号码登记的不是“刘大娘”" in page
    assert "120.00 元" in page
    unsaid = typed(village_a, [ticked | {"name": ""}])
    page = text_of(clerk.post(NEW, unsaid, headers={"HX-Request": "true"}))
    assert "五保" not in page  # a number alone tells nothing
    clerk.post(NEW, typed(village_a, [ticked]))
    assert held(Person.objects.get()) == {"wubao"}


def test_renewing_goes_by_the_lists(autumn, cast):
    """罗家: 何素芬 is on 低保 by the list; whoever renews her enters no status: 110."""
    wife = Person.objects.get(name="何素芬")
    entry = HouseholdEntry(
        household=autumn.luos, division=autumn.luos.division, tier="tier2",
        members=[member(0, "何素芬", "", "1", person_id=wife.pk)],
    )  # fmt: skip
    (row,) = save_entry(actor=cast.clerk_b, entry=entry, on=OCTOBER).enrollments
    assert (row.personal_amount, row.premium_status) == (110, "dibao")


def test_a_newborn_whose_number_comes_later(autumn, cast):
    """The list knows the child by its resident id, the register by the birth certificate yet."""
    number = resident_id("20251001", 8)
    listed("陈新", number, ["dibao"])
    child = record_newcomer(
        actor=cast.clerk_a, household=autumn.chens, kind="birth", on=OCTOBER,
        newcomer=Newcomer(name="陈新", relationship="2", kind="birth_certificate",
                          number="T500000001", sex="1", birth_date=date(2025, 10, 1)),
    )  # fmt: skip
    assert held(child) == set()
    change_number(
        actor=cast.clerk_a, person=child, kind="resident_id", number=number,
        effective_on=OCTOBER, on=OCTOBER,
    )  # fmt: skip
    assert held(child) == {"dibao"}


def owed(person):
    row = Enrollment.objects.get(person=person, status="pending")
    return row.personal_amount, row.premium_status


def told_anew():
    line = AuditLine.objects.get(action="enrollment.assess_anew")
    return line.before["personal_amount"], line.after["personal_amount"]


def test_a_corrected_name_changes_what_waits_for_payment(enter, cast):
    """刘大娘 is entered at 120; as 刘大妈 she is 五保 by the list and pays 100, not 120."""
    listed("刘大妈", LIU, ["wubao"])
    house = enter([liu("刘大娘")], paid=False)
    person = house.members.get()
    assert owed(person) == (Decimal("120.00"), "")
    change_person(
        actor=cast.clerk_a, person=person, on=OCTOBER, name="刘大妈", relationship="0",
        residence="rural",
    )  # fmt: skip
    assert owed(person) == (Decimal("100.00"), "wubao")
    assert told_anew() == ("120.00", "100.00")
    receipt, change = take_payment(
        actor=cast.clerk_a, household=house, received=Decimal(120), on=OCTOBER
    )
    assert (receipt.amount, change) == (Decimal("100.00"), Decimal("20.00"))


def test_a_corrected_number_changes_what_waits_for_payment(enter, cast):
    listed("刘大妈", LIU, ["wubao"])
    wrong = member(0, "刘大妈", resident_id("19500221", male=False), "0")
    person = enter([wrong], paid=False).members.get()
    assert owed(person) == (Decimal("120.00"), "")
    change_person(
        actor=cast.clerk_a, person=person, on=OCTOBER, name="刘大妈", relationship="0",
        residence="rural", resident_id=LIU,
    )  # fmt: skip
    assert owed(person) == (Decimal("100.00"), "wubao")


def test_another_document_changes_what_waits_for_payment(autumn, cast):
    """陈新 is enrolled under the birth certificate at 120; the list knows the resident id: 110."""
    number = resident_id("20251001", 8)
    listed("陈新", number, ["dibao"])
    child = record_newcomer(
        actor=cast.clerk_a, household=autumn.chens, kind="birth", on=OCTOBER,
        newcomer=Newcomer(name="陈新", relationship="2", kind="birth_certificate",
                          number="T500000001", sex="1", birth_date=date(2025, 10, 1)),
    )  # fmt: skip
    entry = HouseholdEntry(
        household=autumn.chens, division=autumn.chens.division, tier="tier2",
        members=[member(0, "陈新", "", "2", person_id=child.pk)],
    )  # fmt: skip
    save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    assert owed(child) == (Decimal("120.00"), "")
    change_number(
        actor=cast.clerk_a, person=child, kind="resident_id", number=number,
        effective_on=OCTOBER, on=OCTOBER,
    )  # fmt: skip
    assert owed(child) == (Decimal("110.00"), "dibao")


def test_a_name_corrected_on_the_entry_changes_what_waits_for_payment(enter, cast):
    """Her husband joins later; on the same form 刘大娘 becomes 刘大妈: 100 and 120."""
    listed("刘大妈", LIU, ["wubao"])
    house = enter([liu("刘大娘")], paid=False)
    person = house.members.get()
    entry = HouseholdEntry(
        household=house, division=house.division, tier="tier2",
        members=[
            member(0, "刘大妈", "", "0", person_id=person.pk, joins=False),
            member(1, "王大爷", resident_id("19490312"), "1"),
        ],
    )  # fmt: skip
    (row,) = save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER).enrollments
    assert row.personal_amount == Decimal("120.00")
    assert owed(person) == (Decimal("100.00"), "wubao")
    assert told_anew() == ("120.00", "100.00")


def test_what_was_paid_before_the_approval_is_told_and_comes_back_by_the_receipt(enter, cast):
    """刘大妈 paid 120; as 五保 she owes 100. Nothing is given back by itself: the receipt of the
    day is made void, 120 go back and 100 are taken."""
    house = enter([liu()])
    person, cover = house.members.get(), Enrollment.objects.get()
    row = wubao(person, cast)
    (told,) = row.differences
    assert (told["paid"], told["due"], told["over"], told["short"]) == ("120.00", "100.00", 20, 0)
    cover.refresh_from_db()
    assert (cover.personal_amount, cover.status) == (120, "active")
    void_receipt(actor=cast.clerk_a, receipt=cover.receipt, reason="身份已认定", on=OCTOBER)
    cover.refresh_from_db()
    assert (cover.personal_amount, cover.status) == (100, "pending")
    line = AuditLine.objects.get(action="enrollment.assess_anew")
    assert (line.before["personal_amount"], line.after["personal_amount"]) == ("120.00", "100.00")
    receipt, change = take_payment(
        actor=cast.clerk_a, household=house, received=cover.personal_amount, on=OCTOBER
    )
    assert (receipt.amount, change) == (100, 0)


def test_an_approval_in_error_is_taken_back_by_two_and_the_shortfall_told(enter, cast):
    """刘大妈 paid 100 as 五保; it was an error: 20 too little, told, and due when paid anew."""
    person = enter([liu()], paid=False).members.get()
    wubao(person, cast)
    take_payment(actor=cast.clerk_a, household=person.household, received=100, on=OCTOBER)
    facts = {"actor": cast.clerk_a, "person": person, "code": "wubao", "document": paper()}
    with refuses("请写明事由", ("reason",)):
        propose_ending(**facts, on=OCTOBER, reason="")
    row = propose_ending(**facts, on=OCTOBER, reason="审批有误")
    assert held(person) == {"wubao"}
    with refuses("您的角色不能办理“同意”"):
        approve(actor=cast.clerk_a, proposal=row, on=OCTOBER)
    row = approve(actor=cast.approver, proposal=row, on=OCTOBER)
    assert held(person) == set()
    (told,) = row.differences
    assert (told["paid"], told["due"], told["short"], told["over"]) == ("100.00", "120.00", 20, 0)
    cover = Enrollment.objects.get()
    assert (cover.personal_amount, cover.status) == (100, "active")
    with refuses("刘大妈现在没有这个身份，不必取消", ("code",)):
        propose_ending(**facts, on=OCTOBER, reason="审批有误")


@pytest.mark.parametrize(
    ("wrong", "message", "at"),
    [
        ({"document_number": ""}, "请写明文号或证号，如“00123 号”", "document_number"),
        ({"issuer": " "}, "请写明发文、发证单位，如“区民政局”", "issuer"),
        ({"issued_on": date(2025, 10, 16)}, "发文、发证日期不能晚于今天", "issued_on"),
    ],
)
def test_a_status_is_asked_for_with_number_office_and_day(autumn, cast, wrong, message, at):
    person = Person.objects.get(name="李桂芳")
    with refuses(message, (at,)):
        propose_status(
            actor=cast.clerk_a, person=person, code="wubao", document=paper(**wrong), on=OCTOBER
        )


def test_taking_a_status_away_on_the_pages(autumn, cast, as_user):
    person, clerk = Person.objects.get(name="陈国强"), as_user(cast.clerk_a)
    assert "申请取消身份" in text_of(clerk.get(f"/enrollment/people/{person.pk}/edit"))
    url = f"/enrollment/people/{person.pk}/status/end"
    page = text_of(clerk.get(url))
    assert "低保" in page
    assert "农村五保" not in page  # what he does not hold is not offered
    asked = {
        "code": "dibao", "evidence": "核查表", "document_number": "3 号", "issuer": "区民政局",
        "issued_on": "2025-10-01", "reason": "收入超标",
    }  # fmt: skip
    page = text_of(clerk.post(url, asked, follow=True))
    assert "已提交，审批之前登记、身份和收费不变" in page
    assert "2026 110.00 120.00 10.00" in page
    assert "核查表 3 号" in page


def test_nothing_else_writes_statuses():
    """The kind: only lists, approvals and the taking up of what was listed make a status."""
    writes = re.compile(r"IdentityStatus(?:\.objects\.\w*create|\()|INTO enrollment_identitystatus")
    found = {
        str(path.relative_to(ROOT))
        for room in rooms_but("demo")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts and writes.search(path.read_text(encoding="utf-8"))
    }
    assert found == {
        "enrollment/people/models.py",  # the class itself
        "enrollment/carried/statuses.py",  # of the old system, by two people, with their source
        "enrollment/people/listed.py",
        "enrollment/cover/proposals.py",
        "enrollment/status_lists/applying.py",
    }
