"""PostgreSQL itself refuses what the law forbids, whoever sends the SQL."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from funds.models import Account, Book, Period, Posting, Seal, Voucher
from funds.services import close_period, reverse_voucher, seal_vouchers
from tests.funds.conftest import check_now

pytestmark = pytest.mark.usefixtures("money_aside")

MARCH = date(2026, 3, 9)


@pytest.fixture
def paid(post: Callable[..., Voucher]) -> Voucher:
    return post("claim_paid", "2050.00", MARCH, purpose="inpatient", key="settlement:34")


def sql(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def draft(book: Book, like: Voucher, **changes: object) -> Voucher:
    """A voucher row for the month of `like`, with the number just taken."""
    Period.objects.take_number(book, like.period.as_month)
    period = Period.objects.get(pk=like.period_id)
    facts = {
        "book": book,
        "period": period,
        "number": period.next_number - 1,
        "occurred_on": like.occurred_on,
        "event": "claim_paid",
        "summary": "手工",
        "source": "手工",
        "key": "sql:1",
        "amount": Decimal("10.00"),
        "line_count": 2,
        "content_digest": "0" * 64,
        "preparer": "某人",
        "posted_at": timezone.now(),
    }
    return Voucher(**facts | changes)


def add(
    voucher: Voucher, code: str, debit: str = "0.00", credit: str = "0.00", line: int = 1
) -> None:
    Posting.objects.create(
        voucher=voucher,
        line=line,
        account=Account.objects.get(book=voucher.book_id, code=code),
        period_id=voucher.period_id,
        debit=Decimal(debit),
        credit=Decimal(credit),
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funds_voucher SET summary = '改'",
        "UPDATE funds_posting SET debit = debit + 1 WHERE debit > 0",
        "DELETE FROM funds_posting",
        "DELETE FROM funds_voucher",
        "TRUNCATE funds_posting",
        "TRUNCATE funds_voucher CASCADE",
        "UPDATE funds_seal SET digest = repeat('f', 64)",
        "DELETE FROM funds_seal",
        "TRUNCATE funds_seal",
        "UPDATE funds_account SET name = '别的'",
        "DELETE FROM funds_account",
        "UPDATE funds_book SET defers_advance_premium = true",
        "DELETE FROM funds_period",
        "TRUNCATE funds_period CASCADE",
    ],
)
def test_what_is_posted_is_never_changed_or_removed(
    book: Book, paid: Voucher, statement: str
) -> None:
    seal_vouchers(book=book)
    check_now()

    with pytest.raises(IntegrityError, match="is refused: rows are only ever added"):
        sql(statement)

    assert Posting.objects.filter(voucher=paid, debit=Decimal("2050.00")).count() == 1


def test_a_voucher_out_of_balance_does_not_commit(book: Book, paid: Voucher) -> None:
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        voucher = draft(book, paid)
        voucher.save()
        add(voucher, "5001-inpatient", debit="10.00", line=1)
        add(voucher, "1004", credit="9.99", line=2)
        check_now()


def test_a_voucher_without_lines_does_not_commit(book: Book, paid: Voucher) -> None:
    with pytest.raises(IntegrityError, match="does not balance: 0 lines"), transaction.atomic():
        draft(book, paid).save()
        check_now()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"line_count": 1}, "voucher_two_lines"),
        ({"amount": Decimal("0.00")}, "voucher_red_only_when_reversal"),
        ({"amount": Decimal("-10.00")}, "voucher_red_only_when_reversal"),
        ({"key": "settlement:34"}, "voucher_key_once"),
    ],
)
def test_a_crooked_voucher_row_is_refused(
    book: Book, paid: Voucher, changes: dict[str, object], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        draft(book, paid, **changes).save()


@pytest.mark.parametrize(("debit", "credit"), [("5.00", "5.00"), ("0.00", "0.00")])
def test_a_line_is_debit_or_credit(book: Book, paid: Voucher, debit: str, credit: str) -> None:
    with pytest.raises(IntegrityError, match="posting_debit_or_credit"), transaction.atomic():
        voucher = draft(book, paid)
        voucher.save()
        add(voucher, "1004", debit=debit, credit=credit)


def test_red_amounts_only_on_red_vouchers(book: Book, paid: Voucher) -> None:
    with pytest.raises(IntegrityError, match="wrong sign"), transaction.atomic():
        voucher = draft(book, paid)
        voucher.save()
        add(voucher, "1004", debit="-10.00")


def test_no_line_joins_a_voucher_later_even_a_balanced_pair(paid: Voucher) -> None:
    check_now()
    with pytest.raises(IntegrityError, match="more postings than it says"), transaction.atomic():
        add(paid, "5001-inpatient", debit="1.00", line=3)


def test_a_red_voucher_must_mirror_the_original(book: Book, paid: Voucher) -> None:
    with pytest.raises(IntegrityError, match="does not mirror"), transaction.atomic():
        red = draft(book, paid, amount=Decimal("-2050.00"), reversal_of=paid)
        red.save()
        add(red, "5001-outpatient", debit="-2050.00", line=1)
        add(red, "1004", credit="-2050.00", line=2)
        check_now()
    with pytest.raises(IntegrityError, match="cannot be reversed"), transaction.atomic():
        draft(book, paid, amount=Decimal("-2049.00"), reversal_of=paid).save()


def test_a_second_red_voucher_is_refused(book: Book, paid: Voucher, cast: SimpleNamespace) -> None:
    reverse_voucher(actor=cast.accountant, voucher=paid, on=MARCH, reason="记错")

    with pytest.raises(IntegrityError, match="reversal_of_id"), transaction.atomic():
        draft(book, paid, amount=Decimal("-2050.00"), reversal_of=paid).save()


def test_an_account_of_another_book_is_refused(
    book: Book, paid: Voucher, cast: SimpleNamespace
) -> None:
    other = Book.objects.create(
        area=book.area, fund_type="assistance", chart="2017", first_month=date(2026, 1, 1)
    )
    foreign = Account.objects.create(
        book=other, code="1004", name="支出户存款", kind="asset", normal_side="debit"
    )
    with pytest.raises(IntegrityError, match="of another book"), transaction.atomic():
        voucher = draft(book, paid)
        voucher.save()
        Posting.objects.create(
            voucher=voucher,
            line=1,
            account=foreign,
            period_id=voucher.period_id,
            debit=Decimal("10.00"),
        )


def test_numbers_cannot_be_skipped_or_taken_twice(book: Book, paid: Voucher) -> None:
    check_now()
    with pytest.raises(IntegrityError, match="taken but not used"), transaction.atomic():
        Period.objects.take_number(book, paid.period.as_month)
        check_now()
    with pytest.raises(IntegrityError, match="one by one"):
        sql("UPDATE funds_period SET next_number = 9 WHERE id = %s", paid.period_id)
    with pytest.raises(IntegrityError, match="is not the one just taken"), transaction.atomic():
        draft(book, paid, number=7).save()


def test_a_voucher_belongs_to_the_month_of_its_date(book: Book, paid: Voucher) -> None:
    with pytest.raises(IntegrityError, match="do not belong together"), transaction.atomic():
        draft(book, paid, occurred_on=date(2026, 4, 1)).save()


def test_a_closed_month_takes_nothing_and_never_opens_again(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    october = post("subsidy_received", "1.00", date(2025, 10, 9), funding_level="county")
    period = close_period(actor=cast.accountant, period=october.period, on=date(2025, 11, 1))

    assert Period.objects.take_number(book, period.as_month) is None
    with pytest.raises(IntegrityError, match="closed for ever"):
        sql("UPDATE funds_period SET next_number = next_number + 1 WHERE id = %s", period.pk)
    with pytest.raises(IntegrityError, match="closed for ever"):
        sql("UPDATE funds_period SET status = 'open', closed_at = NULL WHERE id = %s", period.pk)
    with pytest.raises(IntegrityError, match="month 2025-10 is closed"), transaction.atomic():
        Voucher(
            **{
                field.attname: getattr(october, field.attname)
                for field in Voucher._meta.concrete_fields
                if field.name not in {"id", "key"}
            },
            key="sql:2",
        ).save()
    with pytest.raises(IntegrityError, match="of a closed month"), transaction.atomic():
        add(october, "1003", debit="1.00", line=3)


def test_a_month_cannot_be_put_in_closed(book: Book) -> None:
    with pytest.raises(IntegrityError, match="begins open"), transaction.atomic():
        Period.objects.create(book=book, year=2027, month=1, next_number=5)


def test_a_forged_link_does_not_join_the_chain(
    book: Book, paid: Voucher, post: Callable[..., Voucher]
) -> None:
    seal_vouchers(book=book)
    later = post("claim_paid", "1.00", MARCH, purpose="other")

    for sequence, previous in ((2, "f" * 64), (3, "0" * 64), (1, "0" * 64)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Seal.objects.create(
                book=book, sequence=sequence, voucher=later, previous=previous, digest="a" * 64
            )


def test_the_guards_cannot_be_dropped_by_a_session_variable(paid: Voucher) -> None:
    check_now()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pgtrigger.ignore = '{funds_posting}'")
        cursor.execute("DELETE FROM funds_posting")
