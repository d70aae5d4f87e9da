"""Two records that are one person, each with a second compensation of the year.

A minor bears 200.00 and 45 % of the rest of a stay at the county hospital. 100 000.00 each leave
far more than 16 000.00, so each record gets the whole cap of 3 000.00: of 6 000.00 one person is
due 3 000.00. 5 000.00 and 10 000.00 leave 2 360.00 and 4 610.00: 272.00 + 722.00 were paid; as
one (6 970.00 − 1 000.00) × 20 % = 1 194.00, so nothing is asked back, the next list gives 200.00.
"""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from claims.recovery.models import Recovery
from claims.recovery.services import decide
from enrollment.people.same import approve_same, propose_same, propose_undoing
from tests.claims.second.conftest import JANUARY
from tests.claims.second.test_stories import listed, release
from tests.claims.test_one_person import PAPERS, child

__all__ = ["child"]
pytestmark = pytest.mark.django_db
BACK = {"evidence": "派出所证明第 3 号", "reason": "是两个孩子"}


@pytest.fixture
def given(cast, county, child, stayed, tried, granted, book):
    """Both records' stays of so many yuan, compensated and paid."""

    def made(*amounts):
        for month, (person, amount) in enumerate(
            zip((child.kept, child.given_up), amounts, strict=True), start=1
        ):
            stayed(person, amount, month)
        run = tried()
        granted(run)
        release(cast, county, *run.payments.all())
        return list(run.payments.order_by("person"))

    return made


def ask(cast, child, swapped=False):
    kept, given_up = (child.kept, child.given_up)[:: -1 if swapped else 1]
    papers = {"kept": kept, "given_up": given_up, "on": JANUARY, **PAPERS}
    return propose_same(actor=cast.clerk_a, **papers)


@pytest.mark.parametrize("swapped", [False, True])
def test_beyond_one_cap_is_told_asked_back_and_let_go_again(cast, child, given, as_user, swapped):
    """Whichever record the later payment was made to, of which it is asked back."""
    one, other = given("100000.00", "100000.00")
    assert one.amount == other.amount == Decimal("3000.00")
    row = ask(cast, child, swapped)
    page = as_user(cast.approver).get(reverse("enrollment:same_person", args=[row.pk])).text
    for payment in (one, other):
        assert f"{payment} 3,000.00 元（已支付）" in page
    assert "2026 年度两条登记都有年终二次补偿" in page and "合计 6,000.00 元" in page
    assert "应补偿 3,000.00 元" in page
    row = approve_same(actor=cast.approver, same=row, on=JANUARY)
    debt = Recovery.objects.get()
    assert (debt.amount, debt.debtor, debt.status) == (Decimal("3000.00"), "household", "proposed")
    assert debt.payment_key == f"second:{max(one.pk, other.pk)}"
    told = f"已提出追回 3,000.00 元（追回单 {debt.number}）"
    assert any(told in words for words in row.told)

    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=JANUARY)
    undo = {"actor": cast.clerk_a, "same": row, "on": JANUARY, **BACK}
    with pytest.raises(Refusal, match=f"合并时提出的追回单 {debt.number} 已在办理"):
        propose_undoing(**undo)
    decide(actor=cast.approver2, recovery=debt, event="refuse_recovery", reason="另查", on=JANUARY)
    approve_same(actor=cast.approver, same=propose_undoing(**undo), on=JANUARY)
    assert not Recovery.objects.standing().exists()


def test_undone_before_anybody_acted_nothing_is_owed(cast, child, given):
    given("100000.00", "100000.00")
    row = approve_same(actor=cast.approver, same=ask(cast, child), on=JANUARY)
    undo = propose_undoing(actor=cast.clerk_a, same=row, on=JANUARY, **BACK)
    approve_same(actor=cast.approver, same=undo, on=JANUARY)
    assert Recovery.objects.get().status == "replaced"


def test_one_floor_less_is_more(cast, child, given, tried):
    given("5000.00", "10000.00")
    approve_same(actor=cast.approver, same=ask(cast, child), on=JANUARY)
    assert not Recovery.objects.exists()
    assert listed(tried()) == [("杨小雨", "6970.00", "200.00")]
