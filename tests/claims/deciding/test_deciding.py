"""Refused is not returned, sent back is not withdrawn, and large payments take several hands."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.roles import Role
from claims.models import Settlement, UsageEntry
from claims.papers import sheet_facts
from claims.services import (
    Cut,
    approve,
    cut_and_review,
    refuse,
    reject,
    reopen,
    return_to_clerk,
    review,
    send_back,
    withdraw,
)
from enrollment.models import Enrollment, Person
from tests.claims.conftest import TODAY, invoice, line
from tests.claims.deciding.conftest import rules
from tests.conftest import make_user

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db
ACCIDENT = {"code": "accident", "words": "交警认定对方全责"}


@pytest.fixture
def third(cast: SimpleNamespace, county) -> User:
    return make_user("approver3", "夏长江", Role.APPROVER, county)


def paid_so_far(person: Person) -> int:
    return UsageEntry.objects.filter(person=person).totals().get("annual_paid", 0)


class TestRefusing:
    def test_nothing_is_paid_and_nothing_is_used(
        self, paper: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        """(6000 − 1000) × 35 % = 1750.00 would have counted; refused, 0.00 is used."""
        claim = paper(wang, "6000.00")
        assert paid_so_far(wang) == 175_000
        refuse(actor=cast.reviewer, settlement=claim, **ACCIDENT)
        claim.refresh_from_db()
        assert (claim.status, claim.reviewed_by) == ("refused", cast.reviewer)
        assert paid_so_far(wang) == 0
        assert Enrollment.objects.get(person=wang).drawn_amount == 0
        assert claim.denial.article == "第二十五条(三)"
        assert AuditLine.objects.get(action="claims.refused").reason == "交警认定对方全责"
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_it_is_final_for_the_window(
        self, paper: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        claim = paper(wang, "6000.00")
        refuse(actor=cast.reviewer, settlement=claim, **ACCIDENT)
        with pytest.raises(Refusal, match="NO1001"):
            paper(wang, "6000.00")
        other = {"invoices": [invoice("NO1002", "6000.00")]}
        with pytest.raises(Refusal, match="现为“不予支付”"):
            paper(wang, "6000.00", replaces=claim, **other)

    def test_a_complaint_that_was_right_opens_it(
        self, paper: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        claim = paper(wang, "6000.00")
        review(actor=cast.reviewer, settlement=claim)
        refuse(actor=cast.approver, settlement=claim, **ACCIDENT)
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            reopen(actor=cast.approver, settlement=claim, reason="查明无第三人")
        reopen(actor=cast.approver2, settlement=claim, reason="查明无第三人责任")
        claim.refresh_from_db()
        again = paper(wang, "6000.00", replaces=claim)
        assert again.fund_amount == Decimal("1750.00")
        assert paid_so_far(wang) == 175_000

    @pytest.mark.parametrize(
        ("given", "at"), [({"code": "nonsense"}, "code"), ({"words": " "}, "words")]
    )
    def test_it_names_article_and_facts(
        self, counter: Enter, wang: Person, cast: SimpleNamespace, given: dict, at: str
    ) -> None:
        claim = counter(wang, line("X01", "100", "10"))
        with pytest.raises(Refusal) as refused:
            refuse(actor=cast.reviewer, settlement=claim, **ACCIDENT | given)
        assert refused.value.field == at

    def test_the_notice_says_article_and_way_to_complain(
        self, counter: Enter, wang: Person, cast: SimpleNamespace, as_user
    ) -> None:
        claim = counter(wang, line("X01", "100", "10"))
        notice = reverse("claims:denial_notice", args=[claim.pk])
        desk = as_user(cast.reviewer)
        assert desk.get(notice).status_code == 404
        page = desk.get(reverse("claims:claim", args=[claim.pk])).content.decode()
        assert "决定不予支付" in page
        desk.post(reverse("claims:refuse", args=[claim.pk]), ACCIDENT)
        text = desk.get(notice).content.decode()
        for said in ("第二十五条(三)", "交警认定对方全责", "1,000.00", "申诉", "行政复议"):
            assert said in text


class TestReturning:
    def test_it_names_the_papers_that_are_missing(
        self, paper: Enter, wang: Person, cast: SimpleNamespace, as_user
    ) -> None:
        claim = paper(wang, "6000.00")
        url = reverse("claims:act", args=[claim.pk, "returned"])
        as_user(cast.reviewer).post(url, {"missing": ["discharge", "list"], "reason": "两日内"})
        claim.refresh_from_db()
        assert claim.withdrawn_reason == "请补：住院费用结算汇总清单、出院小结或出院记录；两日内"

    def test_a_paper_nobody_knows_is_refused(
        self, paper: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        with pytest.raises(Refusal, match="没有“x”这种材料"):
            return_to_clerk(actor=cast.reviewer, settlement=paper(wang, "60.00"), missing=["x"])

    def test_sent_back_to_review_nothing_is_withdrawn(
        self, counter: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        """(1300 − 200) × 50 % = 550.00 counts all the time; then cut to 1240.00: 520.00, and the
        cut taken back: 550.00."""
        claim = counter(wang, line("X01", "120", "10"), line("X02", "1", "100"))
        review(actor=cast.reviewer, settlement=claim)
        send_back(actor=cast.approver, settlement=claim, reason="第二行超量")
        claim.refresh_from_db()
        assert (claim.status, claim.reviewed_by, claim.withdrawn_reason) == ("submitted", None, "")
        assert paid_so_far(wang) == 55_000
        cuts = {2: Cut(Decimal(40), "", "over_quantity")}
        again = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
        assert paid_so_far(wang) == 52_000
        send_back(actor=cast.approver, settlement=again, reason="病历中有医嘱")
        whole = {2: Cut(Decimal(100))}
        last = cut_and_review(actor=cast.reviewer, settlement=again, cuts=whole, on=TODAY)
        assert (last.fund_amount, last.borne_amount) == (Decimal("550.00"), 0)
        assert paid_so_far(wang) == 55_000


class TestSeveralApprovals:
    def test_amounts_above_take_two_and_three_different_people(
        self, counter: Enter, wang: Person, cast: SimpleNamespace, third: User
    ) -> None:
        """550.00 from the fund: exactly the amount takes one, a fen more another."""
        rules(cast, second_above=Decimal("500.00"), third_above=Decimal("549.99"))
        claim = counter(wang, line("X01", "130", "10"))
        review(actor=cast.reviewer, settlement=claim)
        assert approve(actor=cast.approver, settlement=claim).status == "reviewed"
        with pytest.raises(Refusal, match="您已复核过"):
            approve(actor=cast.approver, settlement=claim)
        assert approve(actor=cast.approver2, settlement=claim).status == "reviewed"
        done = approve(actor=third, settlement=claim)
        assert (done.status, done.approved_by) == ("approved", third)
        assert [each.by.name for each in done.approvals.all()] == ["吴国栋", "黄仁杰", "夏长江"]
        assert AuditLine.objects.filter(action="claims.agreed").count() == 2

    def test_exactly_the_amount_takes_one(
        self, counter: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        rules(cast, second_above=Decimal("550.00"))
        claim = counter(wang, line("X01", "130", "10"))
        review(actor=cast.reviewer, settlement=claim)
        assert approve(actor=cast.approver, settlement=claim).status == "approved"

    def test_after_sending_back_all_agree_anew(
        self, counter: Enter, wang: Person, cast: SimpleNamespace
    ) -> None:
        rules(cast, second_above=Decimal("100.00"))
        claim = counter(wang, line("X01", "130", "10"))
        review(actor=cast.reviewer, settlement=claim)
        approve(actor=cast.approver, settlement=claim)
        send_back(actor=cast.approver2, settlement=claim, reason="金额偏高")
        review(actor=cast.reviewer, settlement=claim)
        assert approve(actor=cast.approver, settlement=claim).status == "reviewed"
        assert approve(actor=cast.approver2, settlement=claim).status == "approved"

    def test_sql_counts_them_too(self, counter: Enter, wang: Person, cast: SimpleNamespace) -> None:
        rules(cast, second_above=Decimal("100.00"))
        claim = counter(wang, line("X01", "130", "10"))
        review(actor=cast.reviewer, settlement=claim)
        approve(actor=cast.approver, settlement=claim)
        rows = Settlement.objects.filter(pk=claim.pk)
        with pytest.raises(IntegrityError, match="and has 1"), transaction.atomic():
            rows.update(status="approved", approved_by=cast.approver)
        with pytest.raises(IntegrityError, match="not to be approved by"), transaction.atomic():
            claim.approvals.create(rank=2, by=cast.reviewer)
        approve(actor=cast.approver2, settlement=claim)
        with pytest.raises(IntegrityError, match="does not pay it"), transaction.atomic():
            rows.update(status="paid", paid_by=cast.approver, paid_on=TODAY)


def test_the_window_learns_of_what_review_and_approval_sent_back(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    from claims.work import _returned

    claim = counter(wang, line("X01", "100", "10"))
    review(actor=cast.reviewer, settlement=claim)
    reject(actor=cast.approver, settlement=claim, missing=["consent"])
    assert [row.pk for row in _returned(cast.hospital_clerk)] == [claim.pk]
    with pytest.raises(Refusal):
        withdraw(actor=cast.hospital_clerk, settlement=claim, reason="再撤")


def test_who_has_agreed_has_it_no_longer_in_the_queue(
    paper: Enter, wang: Person, cast: SimpleNamespace, as_user: Callable[..., Any]
) -> None:
    """It waits for the other approver, whom the queue tells whose hand it comes from."""
    rules(cast, second_above="1000.00")
    claim = paper(wang, "6000.00")
    review(actor=cast.reviewer, settlement=claim)

    def queue(user: User) -> str:
        return str(as_user(user).get(reverse("claims:approval_queue")).content.decode())

    assert f"{cast.reviewer.name}初审" in queue(cast.approver)
    approve(actor=cast.approver, settlement=claim)
    assert claim.number not in queue(cast.approver)
    assert not Settlement.objects.awaiting_approval_of(cast.approver).exists()
    page = queue(cast.approver2)
    assert claim.number in page
    assert f"{cast.approver.name}复核" in page
    send_back(actor=cast.approver2, settlement=claim, reason="请再看材料")
    review(actor=cast.reviewer, settlement=claim)
    assert claim.number in queue(cast.approver)
    for user in (cast.approver2, cast.approver):
        approve(actor=user, settlement=claim)
    claim.refresh_from_db()
    hands = dict(sheet_facts(claim)["hands"])
    assert hands["复核"] == f"{cast.approver2.name}、{cast.approver.name}"
