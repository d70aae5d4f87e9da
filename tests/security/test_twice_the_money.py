"""One stay, one invoice, one payment: ways to be paid twice that must not work."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.services import Cut, cut_and_review, reject
from enrollment.models import Person
from tests.claims.conftest import TODAY, invoice, line

Enter = Callable[..., Settlement]
CUT = {1: Cut(Decimal("900.00"), "超量用药")}


def live(person: Person) -> list[Settlement]:
    return list(Settlement.objects.effective().filter(visit__person=person))


def test_a_stay_that_was_cut_is_not_settled_again_from_the_old_claim(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """韩梅 opens the withdrawn original to "correct" it while the cut settlement stands."""
    claim = counter(wang, line("X01", "100", "10"))
    standing = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=CUT, on=TODAY)
    with pytest.raises(Refusal, match=f"{standing.number}.*不能重复结算"):
        counter(wang, line("X01", "100", "10"), replaces=claim)
    assert live(wang) == [standing]


def test_an_invoice_that_was_cut_is_not_paid_again_under_another_spelling(
    paper: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """陈秀英 writes the issuer a little differently: same number, day and amount."""
    claim = paper(wang, "1000.00")
    standing = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=CUT, on=TODAY)
    other = [invoice("NO1001", "1000.00", issuer="重庆市第一医院(本部)")]
    with pytest.raises(Refusal, match="不能重复报销"):
        paper(wang, "1000.00", invoices=other, replaces=claim)
    assert live(wang) == [standing]


def test_once_the_cut_claim_is_sent_back_too_the_stay_can_be_entered_anew(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    standing = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=CUT, on=TODAY)
    reject(actor=cast.approver, settlement=standing, reason="重新核对")
    again = counter(wang, line("X01", "90", "10"), replaces=claim)
    assert live(wang) == [again]
    with pytest.raises(Refusal, match=f"这次就诊另有结算单 {again.number}"):
        counter(wang, line("X01", "90", "10"), replaces=standing)


def test_the_page_does_not_offer_to_correct_what_stands(
    counter: Enter, wang: Person, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    client = as_user(cast.hospital_clerk)
    cut_and_review(actor=cast.reviewer, settlement=claim, cuts=CUT, on=TODAY)
    page = client.get(f"/claims/{claim.pk}").content.decode()
    assert f"?from={claim.pk}" not in page
