"""Who a person with paid cover is, and a status without a list: two people decide."""

from datetime import date

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.cover.proposals import (
    Corrected,
    approve,
    decide,
    propose_identity,
    propose_status,
)
from enrollment.models import IdentityStatus, Person, Proposal
from enrollment.people.lifecycle import change_number
from enrollment.people.register import change_person, statuses_on
from tests.enrollment.conftest import OCTOBER, member, resident_id, text_of
from tests.enrollment.refusals import refuses
from tests.enrollment.statuses import PAPER as STATUS_PAPER
from tests.enrollment.statuses import paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]
PAPER = {"evidence": "户口簿第 3 页", "reason": "出生日期录错"}
RIGHT = resident_id("20120902", 3)


@pytest.fixture
def son(autumn):
    """陈小明, whose cover is paid: 120 yuan."""
    return Person.objects.get(name="陈小明")


def ask(cast, person, **corrected):
    facts = PAPER | {key: corrected.pop(key) for key in PAPER if key in corrected}
    return propose_identity(
        actor=cast.clerk_a, person=person, corrected=Corrected(**corrected), on=OCTOBER, **facts
    )


def test_nothing_changes_until_somebody_else_agrees(son, cast):
    row = ask(cast, son, name="陈晓明", number_kind="resident_id", number=RIGHT)
    assert Person.objects.get(pk=son.pk).name == "陈小明"
    assert row.difference == [{"year": 2026, "paid": "120.00", "due": "120.00"}]
    with refuses("您的角色不能办理“同意”"):
        approve(actor=cast.clerk_a, proposal=row, on=OCTOBER)
    approve(actor=cast.approver, proposal=row, on=OCTOBER)
    now = Person.objects.get(pk=son.pk)
    assert (now.name, now.resident_id, now.birth_date) == ("陈晓明", RIGHT, date(2012, 9, 2))
    assert now.former_numbers.get().mistaken
    assert Person.objects.search(RIGHT).get() == now
    row.refresh_from_db()
    assert (row.status, row.decided_by, row.decided_on) == ("approved", cast.approver, OCTOBER)
    seen = str(list(AuditLine.objects.values_list("before", "after")))
    assert RIGHT not in seen
    assert "陈晓明" not in seen
    with refuses(f"{row}现为“已同意”，不能办理“不同意”"):
        decide(
            actor=cast.reviewer, proposal=row, event="refuse_change", reason="材料不清", on=OCTOBER
        )


def test_every_other_door_is_shut_for_who_has_paid(son, cast):
    facts = {"actor": cast.clerk_a, "person": son, "on": OCTOBER}
    same = {"name": "陈小明", "relationship": "2", "residence": "rural"}
    for changed in ({"name": "陈晓明"}, {"resident_id": RIGHT}):
        with pytest.raises(Refusal, match="陈小明已缴费参保，姓名、证件号码由另一人审批后才能更正"):
            change_person(**facts, **(same | changed))
    with pytest.raises(Refusal, match="由另一人审批"):
        change_number(
            **facts, kind="resident_id", number=resident_id("20120901", 9), effective_on=OCTOBER
        )
    change_person(**facts, **same, phone="13812345678")
    assert not Proposal.objects.exists()


def test_an_age_that_cannot_be_is_refused_before_anybody_is_asked(son, cast):
    """A son of 2012 is no man of 1950."""
    with pytest.raises(Refusal, match="陈小明是户主陈国强的子，年纪却比他大"):
        ask(cast, son, number_kind="resident_id", number=resident_id("19500101"))


def test_a_proposal_names_its_paper_and_is_open_once(son, cast):
    with refuses("请写明证明材料的名称和编号，如“户口簿第 3 页”", ("evidence",)):
        ask(cast, son, name="陈晓明", evidence="无")
    with refuses("与登记的相同，没有要更正的内容", ("name",)):
        ask(cast, son, name="陈小明", number_kind="resident_id", number=son.resident_id)
    row = ask(cast, son, name="陈晓明")
    with refuses("此人已有同样的申请待审批，请勿重复", ("person",)):
        ask(cast, son, name="陈小民")
    decide(actor=cast.clerk_a, proposal=row, event="withdraw_change", on=OCTOBER)
    again = ask(cast, son, name="陈小民")
    decide(
        actor=cast.reviewer, proposal=again, event="refuse_change", reason="材料不清", on=OCTOBER
    )
    assert Person.objects.get(pk=son.pk).name == "陈小明"


def test_a_status_without_a_list_counts_when_it_is_approved(enter, cast):
    """刘大妈 waits to pay 120; as 五保 of the measures she pays 100 on the second tier."""
    house = enter([member(0, "刘大妈", resident_id("19500220", male=False), "0")], paid=False)
    person = house.members.get()
    row = propose_status(
        actor=cast.clerk_a, person=person, code="wubao", document=paper(), on=OCTOBER
    )
    cover = person.enrollments.get()
    assert (cover.personal_amount, statuses_on([person.pk], OCTOBER)[person.pk]) == (120, set())
    approve(actor=cast.reviewer, proposal=row, on=OCTOBER)
    cover.refresh_from_db()
    assert (cover.personal_amount, cover.premium_amount) == (100, 200)
    status = IdentityStatus.objects.get()
    assert (status.code, status.source, status.batch) == (
        "wubao",
        "审批认定",
        f"认定身份 {row.pk} 号",
    )
    with refuses("刘大妈已有这个身份，不必申请", ("code",)):
        propose_status(
            actor=cast.clerk_a, person=person, code="wubao", document=paper(), on=OCTOBER
        )


def test_renewing_changes_no_name(son, autumn, cast, campaign):
    again = member(2, "陈晓明", "", "2", person_id=son.pk)
    entry = HouseholdEntry(
        household=autumn.chens, division=autumn.chens.division, members=[again], tier="tier2"
    )
    with pytest.raises(Refusal, match="由另一人审批") as refused:
        save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    assert refused.value.at == ("members", 2, "name")


def test_from_the_window_to_the_decision(son, cast, as_user):
    clerk = as_user(cast.clerk_a)
    url = f"/enrollment/people/{son.pk}/identity"
    assert "申请更正姓名、证件" in text_of(clerk.get(url))
    answer = clerk.post(
        url, PAPER | {"name": "陈晓明", "number_kind": "resident_id", "number": RIGHT}, follow=True
    )
    page = text_of(answer)
    assert "已提交，审批之前登记、身份和收费不变" in page
    assert "陈小明 陈晓明" in page
    assert RIGHT not in page
    assert "同意" not in page.replace("未同意", "")
    row = Proposal.objects.get()
    home = text_of(clerk.get(f"/enrollment/households/{son.household_id}"))
    assert "更正姓名、证件待审批" in home
    officer = as_user(cast.approver)
    assert "陈小明" in text_of(officer.get("/enrollment/proposals"))
    assert "2026 120.00 120.00" in text_of(officer.get(f"/enrollment/proposals/{row.pk}"))
    page = text_of(officer.post(f"/enrollment/proposals/{row.pk}/approve_change", follow=True))
    assert "已办理“同意”" in page
    status = f"/enrollment/people/{son.pk}/status"
    answer = clerk.post(status, STATUS_PAPER | {"code": "dibao"}, follow=True)
    assert "已提交，审批之前登记、身份和收费不变" in text_of(answer)
