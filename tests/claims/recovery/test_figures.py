"""What the ledger's check, the month's report and the sheet say after money came back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Division
from claims.computation import paid_in_year
from claims.models import Settlement
from claims.papers import sheet_facts
from claims.recovery.checking import book_problems
from claims.recovery.models import Recovery, RecoveryReceipt
from enrollment.models import Person
from funds.models import Voucher
from lib.periods import Month
from reports.figures import collect
from tests.claims.dependence.test_stories import special
from tests.conftest import past_the_guards

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


@pytest.fixture
def back(
    counter: Enter, paid: Any, ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt], wang: Person,
) -> Recovery:  # fmt: skip
    """590.00 paid, of which 100.00 and 0.07 came back; 690.00 paid and kept."""
    first = paid(special(counter, wang, 3))
    paid(special(counter, wang, 4))
    debt = ask(first, amounts={"basic": Decimal("200.00")}, reason="beyond")
    take(debt, "100.00")
    take(debt, "0.07")
    return debt


def test_the_ledger_says_what_the_receipts_say(back: Recovery, county: Division) -> None:
    assert list(book_problems(county)) == []


def test_a_voucher_that_was_made_smaller_is_found(back: Recovery, county: Division) -> None:
    voucher = Voucher.objects.get(key=f"recovery:{back.pk}:10000")
    past_the_guards(Voucher.objects.filter(pk=voucher.pk), amount=Decimal("0.05"))
    (problem,) = book_problems(county)
    assert problem.endswith("为 0.07 元，账上凭证为 0.05 元")


def test_verify_books_tells_it(back: Recovery, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_books")
    voucher = Voucher.objects.get(key=f"recovery:{back.pk}:10000")
    past_the_guards(Voucher.objects.filter(pk=voucher.pk), key="recovery:0:0")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("verify_books")
    told = capsys.readouterr().out
    assert "账上凭证为 0.00 元" in told and "账上有追回凭证 0.07 元" in told


def test_a_receipt_that_is_gone_is_found(back: Recovery, county: Division) -> None:
    last = RecoveryReceipt.objects.order_by("-pk").first()
    assert last is not None
    past_the_guards(RecoveryReceipt.objects.filter(pk=last.pk), amount=Decimal("0.01"))
    assert len(list(book_problems(county))) == 1


def test_the_month_report_to_the_fen(back: Recovery, county: Division) -> None:
    """590.00 + 690.00 − 100.07 = 1 179.93 are spent; R25 says 100.07."""
    found = collect(area=county, month=Month(2026, 3))
    rows = {row["name"]: row["year"] for row in found["indicators"]}
    assert rows["追回基金"] == "100.07"
    assert found["expenditure"]["total"]["year"] == "1179.93"


def test_the_sheet_says_what_came_back(back: Recovery, wang: Person) -> None:
    first, second = Settlement.objects.order_by("pk").select_related("visit__person", "pack")
    assert paid_in_year(first) == Decimal("489.93")
    assert paid_in_year(second) == Decimal("1179.93")
    assert sheet_facts(first)["since"] == ["已追回 100.07 元"]
    assert sheet_facts(second)["since"] == []
