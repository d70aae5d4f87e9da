"""Real threads on PostgreSQL: one ceiling is never spent twice, one claim never paid twice."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement, UsageEntry
from claims.services import review, settling, withdraw
from enrollment.models import Enrollment, Person
from funds.models import Book, Voucher
from funds.services import open_book
from lib.periods import Month
from policies.services import adopt_pack, propose_pack
from tests.at_once import at_once
from tests.claims.conftest import TODAY, Register, invoice, line, stay
from tests.claims.test_layers import SIX
from tests.conftest import past_the_guards
from tests.paying import pay

Enter = Callable[..., Settlement]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_two_claims_at_once_never_pass_the_cap(counter: Enter, wang: Person) -> None:
    """Four visits of 50 000 each, cap 60 000."""
    days = [date(2026, 2, day) for day in (3, 4, 5, 6)]
    visits = [stay(day, day, care="special", diseases={"dialysis"}) for day in days]
    outcomes = at_once(
        [lambda v=visit: counter(wang, line("S03", "1", "100200"), visit=v) for visit in visits]
    )
    assert all(isinstance(outcome, Settlement) for outcome in outcomes)
    paid = Settlement.objects.aggregate(total=Sum("fund_amount"))["total"]
    assert paid == Decimal("60000.00")
    assert UsageEntry.objects.totals()["annual_paid"] == 6_000_000
    borne = Settlement.objects.aggregate(total=Sum("deductible_amount"))["total"]
    assert borne == Decimal("200.00")


def test_a_family_at_three_counters_spends_its_account_once(
    counter: Enter, register: Register, village_a: Division
) -> None:
    """Three people, 120 yuan, each with a bill of 70."""
    home = register.household(village_a)
    family = [register.person(f"孙{name}", home) for name in "一二三"]
    visit = stay(date(2026, 3, 2), date(2026, 3, 2), care="outpatient")
    at_once([lambda p=p: counter(p, line("X01", "1", "70"), visit=visit) for p in family])
    amounts = sorted(Settlement.objects.values_list("fund_amount", flat=True))
    assert amounts == [Decimal("0.00"), Decimal("50.00"), Decimal("70.00")]


def test_sixteen_windows_spend_one_account_once(
    counter: Enter, register: Register, village_a: Division
) -> None:
    """A family of sixteen, 640 yuan, each with a bill of 70: nine whole, one of the last 10."""
    home = register.household(village_a)
    family = [register.person(f"孙{number}", home) for number in range(16)]
    visit = stay(date(2026, 3, 2), date(2026, 3, 2), care="outpatient")
    at_once([lambda p=p: counter(p, line("X01", "1", "70"), visit=visit) for p in family])
    amounts = sorted(Settlement.objects.values_list("fund_amount", flat=True))
    assert amounts == [Decimal(0)] * 6 + [Decimal(10)] + [Decimal(70)] * 9
    assert UsageEntry.objects.totals()["household_account"] == -64_000  # a balance goes down


def test_sixteen_windows_never_pass_one_cap(counter: Enter, wang: Person) -> None:
    """Sixteen visits of 50 % of 10 000 each, the deductible of 200 once, cap 60 000."""
    days = [date(2026, 2, day) for day in range(1, 17)]
    visits = [stay(day, day, care="special", diseases={"dialysis"}) for day in days]
    outcomes = at_once(
        [lambda v=visit: counter(wang, line("S03", "1", "10000"), visit=v) for visit in visits]
    )
    assert all(isinstance(outcome, Settlement) for outcome in outcomes)
    amounts = sorted(Settlement.objects.values_list("fund_amount", flat=True))
    first, rest = Decimal(4900), Decimal(5000)
    assert amounts == [Decimal(0)] * 3 + [Decimal(100), first] + [rest] * 11
    assert UsageEntry.objects.totals()["annual_paid"] == 6_000_000


def test_one_bed_for_one_person(counter: Enter, wang: Person) -> None:
    outcomes = at_once([lambda: counter(wang, line("X01", "100", "10"))] * 2)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert Settlement.objects.count() == 1


def test_one_bed_over_new_year(
    counter: Enter, wang: Person, register: Register, village_a: Division
) -> None:
    """Each stay stands on the cover of its own year, taken in another household, since he moved
    between: neither waits for the other's cover or household."""
    before = register.cover(wang, year=2025)
    home = register.household(village_a)
    past_the_guards(Enrollment.objects.filter(pk=before.pk), household=home)
    days = [(date(2025, 12, 29), date(2026, 1, 8)), (date(2026, 1, 3), date(2026, 1, 9))]
    stays = [stay(first, last) for first, last in days]
    outcomes = at_once(
        [lambda v=visit: counter(wang, line("X01", "100", "10"), visit=v) for visit in stays]
    )
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert [("日期重叠" in str(one)) for one in refused] == [True]
    assert Settlement.objects.count() == 1


def test_one_invoice_at_two_windows(paper: Enter, register: Register, village_a: Division) -> None:
    """Two people hand the same invoice in at the same moment."""
    home = register.household(village_a)
    pair = [register.person(name, home) for name in ("李一", "李二")]
    handed = [invoice("NO88", "6000.00")]
    outcomes = at_once([lambda p=p: paper(p, "6000.00", invoices=handed) for p in pair])
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert Settlement.objects.count() == 1


def test_one_electronic_invoice_under_two_names(
    paper: Enter, register: Register, village_a: Division
) -> None:
    home = register.household(village_a)
    pair = [register.person(name, home) for name in ("李一", "李二")]
    number, names = "25502000000012345678", ("重庆市第一医院", "重庆一院")
    outcomes = at_once(
        [
            lambda p=p, name=name: paper(p, "6000.00", invoices=[invoice(number, "6000.00", name)])
            for p, name in zip(pair, names, strict=True)
        ]
    )
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert Settlement.objects.count() == 1


def test_two_cashiers_pay_the_same_claim_once(
    counter: Enter,
    agree: Callable[[Settlement], Settlement],
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    outcomes = at_once(
        [
            lambda c=cashier: pay(actor=c, settlements=[claim], on=TODAY, today=TODAY)
            for cashier in (cast.cashier, cast.cashier2)
        ]
    )
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert Voucher.objects.get(event="claim_paid").amount == Decimal("400.00")


def test_two_cashiers_over_two_books_never_lock_each_other_out(
    counter: Enter,
    agree: Callable[[Settlement], Settlement],
    register: Register,
    village_a: Division,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    """Each claim takes the counter of the month in both books, whoever comes first; every fen is
    booked once and the numbers have no gaps."""
    whole = SIX.replace("from: 2025-01-01, to: 2026", "from: 2012-01-01, to: 2027")
    six = propose_pack(actor=cast.supervisor, area=book.area, source=whole)
    adopt_pack(actor=cast.approver, pack=six, approval="府发〔2026〕1号")
    open_book(
        actor=cast.accountant,
        area=book.area,
        first_month=Month(2026, 1),
        fund_type="assistance",
    )
    claims = []
    for name, amount in (("何一", "2000"), ("吴一", "500"), ("吴二", "500"), ("何二", "2000")):
        person = register.person(name, register.household(village_a))
        visit = stay(date(2026, 3, 2), date(2026, 3, 2), care="day_surgery")
        claims.append(agree(counter(person, line("X01", "1", amount), visit=visit)))
    pairs = [(cast.cashier, claims[:2]), (cast.cashier2, claims[2:])]
    outcomes = at_once(
        [
            lambda c=cashier, rows=rows: pay(actor=c, settlements=rows, on=TODAY, today=TODAY)
            for cashier, rows in pairs
        ]
    )
    assert [len(outcome) for outcome in outcomes] == [2, 2]
    for each in Book.objects.all():
        numbers = list(
            Voucher.objects.filter(book=each, event="claim_paid")
            .order_by("number")
            .values_list("number", flat=True)
        )
        assert numbers == list(range(1, len(numbers) + 1)) and numbers
    total = sum(claim.payable_amount for claim in Settlement.objects.all())
    paid = Voucher.objects.filter(event="claim_paid")
    assert paid.aggregate(total=Sum("amount"))["total"] == total


def test_withdrawn_while_reviewed_has_one_outcome(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    outcomes = at_once(
        [
            lambda: review(actor=cast.reviewer, settlement=claim),
            lambda: withdraw(actor=cast.hospital_clerk, settlement=claim, reason="录错"),
        ]
    )
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    claim.refresh_from_db()
    expected = 0 if claim.status == "withdrawn" else 40_000
    assert UsageEntry.objects.totals().get("annual_paid", 0) == expected


def test_eight_counters_draw_the_first_numbers_of_a_year(
    counter: Enter, register: Register, village_a: Division
) -> None:
    """Nobody has settled yet, so all eight find no counter; each still gets a number of its own."""
    with connection.cursor() as cursor:  # another test may have left it: emptying tables keeps it
        cursor.execute("DROP SEQUENCE IF EXISTS claims_settlement_number_500225_2026")
    people = [
        register.person(f"王{name}", register.household(village_a), born=date(1960 + place, 1, 1))
        for place, name in enumerate("一二三四五六七八")
    ]
    claims = at_once([lambda p=person: counter(p, line("X01", "1", "10")) for person in people])
    numbers = sorted(claim.number for claim in claims)
    assert numbers == [f"5002252026{serial:08d}" for serial in range(1, 9)]


def test_numbers_go_on_behind_those_that_rows_gave_by_their_id(
    counter: Enter, wang: Person
) -> None:
    old = counter(wang, line("X01", "1", "10"))
    past_the_guards(Settlement.objects.filter(pk=old.pk), number="500225203000000412")
    with transaction.atomic():
        assert settling.SERIALS.next("500225", 2030) == 413
        assert settling.SERIALS.next("500225", 2030) == 414
        assert settling.SERIALS.next("500226", 2030) == 1
        transaction.set_rollback(True)  # the sequences go, too
