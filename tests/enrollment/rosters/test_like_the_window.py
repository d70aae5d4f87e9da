"""What the window does, a register does too: waiting, payment of what waits, member numbers."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment
from enrollment.models import Enrollment, Household, Person, Receipt, ReceiptBook
from enrollment.people.households import split_household
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.services import REGISTERS
from tests.enrollment.rosters.conftest import (
    HEADER,
    OCTOBER,
    PAID,
    number,
    the_chens,
    the_yangs,
    told,
    xlsx,
)

Upload = Callable[..., RegisterImport]
Confirm = Callable[[RegisterImport], RegisterImport]
pytestmark = pytest.mark.usefixtures("as_application")


def paid(rows: list[list[Any]], *, book: str = "", receipt: Any = "") -> list[list[Any]]:
    """Rows with amount, book and number; the receipt stands beside the first one."""
    return [[*row, "", book, receipt] if not i else [*row, "", "", ""]
            for i, row in enumerate(rows)]  # fmt: skip


# -- receipts --------------------------------------------------------------------------------------


def test_a_register_pays_what_waits_for_payment(
    uploaded: Upload, confirmed: Confirm, book_a: ReceiptBook
) -> None:
    """The Chens owe 3 × 120 since the first file; the second brings receipt 1 and a newborn."""
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"pending"}
    again = [*the_chens(), ["桥亭村", "", "1", "陈小芳", number("20250601", male=False), "女",
                            "农村", "", "", "是"]]  # fmt: skip
    register = uploaded(xlsx([PAID, *paid(again, book="LS01", receipt=1)]))
    said = told(register)
    assert said[2] == [
        "warning joins: 本年度已登记参保（待缴费），不重复登记；确认后按本户收据缴费"
    ]
    assert said[5] == []
    assert (register.open_people, register.open_amount) == (1, Decimal("480.00"))
    register = confirmed(register)
    receipt = Receipt.objects.get()
    assert (receipt.number, receipt.amount, receipt.payer_name) == (1, Decimal(480), "陈国强")
    assert set(Enrollment.objects.values_list("status", "receipt")) == {("active", receipt.pk)}
    assert (Person.objects.count(), Enrollment.objects.count()) == (4, 4)
    # Once more adds nothing and pays nothing.
    third = uploaded(xlsx([PAID, *paid(again, book="LS01", receipt=2)]))
    assert "已登记参保（已参保），不重复登记" in told(third)[2][0]
    assert third.open_households == 0


def test_who_has_paid_is_no_doubt_unless_the_village_took_money_or_says_no(
    uploaded: Upload, confirmed: Confirm, book_a: ReceiptBook
) -> None:
    """A village's own list names everybody: its few doubts must not drown among the paid."""
    rows = the_chens()
    confirmed(uploaded(xlsx([PAID, *paid(rows, book="LS01", receipt=1)])))
    again = uploaded(xlsx([HEADER, *rows]))
    assert (again.right_count, again.warning_count) == (3, 0)
    assert told(again)[2] == ["note joins: 本年度已登记参保（已参保），不重复登记"]
    took = paid(rows)
    took[0][10] = 120
    took[1][9] = "否"
    took[2][9] = ""
    register = uploaded(xlsx([PAID, *took]))
    assert (register.right_count, register.warning_count) == (1, 2)
    assert told(register) == {
        2: ["warning joins: 本年度已登记参保（已参保），不重复登记"],
        3: [
            "warning joins: 名册写“否”，系统中本年度已参保，本次不改；"
            "不参保的请在家庭页面作废收据或申请退费"
        ],
        4: [],
    }


def test_a_register_that_only_pays_is_held_to_what_is_owed(
    uploaded: Upload, confirmed: Confirm, book_a: ReceiptBook
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    rows = paid(the_chens(), book="LS01", receipt=1)
    rows[0][10] = 350
    assert "名册写 350.00 元，本户应缴 360.00 元" in str(told(uploaded(xlsx([PAID, *rows])))[2])
    rows[0][10] = 360
    register = uploaded(xlsx([PAID, *rows]))
    assert (register.error_count, register.open_people) == (0, 0)
    confirmed(register)
    assert Enrollment.objects.active().count() == 3
    assert Receipt.objects.get().amount == Decimal(360)


def test_without_a_receipt_what_waits_goes_on_waiting_and_is_told_why(
    uploaded: Upload, confirmed: Confirm
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    register = uploaded(xlsx([HEADER, *the_chens(), *the_yangs()]))
    assert told(register)[2] == [
        "warning joins: 本年度已登记参保（待缴费），不重复登记；"
        "已收款的请填票据本号和票号，或到窗口缴费"
    ]
    confirmed(register)
    assert Enrollment.objects.active().count() == 0


def test_what_the_window_was_paid_since_the_check_is_not_paid_twice(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, book_a: ReceiptBook
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    register = uploaded(xlsx([PAID, *paid(the_chens(), book="LS01", receipt=5)]))
    take_payment(
        actor=cast.clerk_a, household=Household.objects.get(), received=Decimal(360), on=OCTOBER
    )
    register = confirmed(register)
    assert (register.held_households, Receipt.objects.count()) == (1, 1)
    assert "窗口已为本户成员办理登记、参保或缴费" in str(told(register)[2])


def test_numbers_that_skip_in_a_book_are_named(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, book_a: ReceiptBook
) -> None:
    """Receipts 1 and 6 came in; 3 was reported lost, so 2, 4 and 5 are missing."""
    book_a.events.create(
        kind="loss", first_number=3, last_number=3, holder=cast.clerk_a, on=OCTOBER,
        reason="遗失", recorded_by=cast.accountant,
    )  # fmt: skip
    rows = [*paid(the_chens(), book="LS01", receipt=1), *paid(the_yangs(), book="LS01", receipt=6)]
    register = uploaded(xlsx([PAID, *rows]))
    said = told(register)
    assert said[2] == []
    assert said[5] == [
        "warning receipt_number: 跳号：票据本 LS01 的票号 2、4 至 5 没有出现在系统和本名册中，"
        "请核对存根，遗失的请挂失"
    ]
    confirmed(register)
    assert list(Receipt.objects.values_list("number", flat=True)) == [1, 6]
    book_a.refresh_from_db()
    assert book_a.next_number == 7


def test_numbers_in_a_row_are_not_told(uploaded: Upload, book_a: ReceiptBook) -> None:
    rows = [*paid(the_chens(), book="LS01", receipt=2), *paid(the_yangs(), book="LS01", receipt=1)]
    assert not any(told(uploaded(xlsx([PAID, *rows]))).values())


# -- waiting ---------------------------------------------------------------------------------------


def the_zhous(household: Household) -> bytes:
    header = [title for title in HEADER if title != "缴费档次"]
    rows = [
        ["桥亭村", household.number, "", "周大勇", number("19700303"), "户主", "农村", "", "是"],
        ["", "", "", "王秀兰", number("19720404", male=False), "妻", "农村", "", "是"],
    ]
    for row, person in zip(rows, household.members.order_by("member_number"), strict=True):
        row[4] = person.resident_id
    return xlsx([header, *rows])


@pytest.fixture
def upload_zhous(
    cast: SimpleNamespace,
    zhous: Any,
    django_capture_on_commit_callbacks: Any,
) -> RegisterImport:
    with django_capture_on_commit_callbacks(execute=True):
        register, _ = REGISTERS.upload(
            actor=cast.clerk_a, file_name="a.xlsx", content=the_zhous(zhous[0]), on=OCTOBER
        )
    register.refresh_from_db()
    return register


def test_who_missed_years_waits_as_at_the_window(
    upload_zhous: RegisterImport,
    confirmed: Confirm,
    zhous: Any,
) -> None:
    """周大勇 missed 2024 and 2025: 3 + 2 months from 15 October. 王秀兰 was covered in 2025."""
    assert told(upload_zhous) == {
        2: ["warning joins: 断保 2 年，待遇自 2026-03-15 起（国办发〔2024〕38号）"],
        3: [],
    }
    confirmed(upload_zhous)
    rows = Enrollment.objects.of_year(2026).order_by("person__member_number")
    assert list(rows.values_list("cover_first_day", "cover_last_day", "personal_amount")) == [
        (date(2026, 3, 15), date(2026, 12, 31), Decimal(400)),
        (date(2026, 1, 1), date(2026, 12, 31), Decimal(400)),
    ]


def test_waiting_counts_from_the_day_of_confirmation(
    upload_zhous: RegisterImport, cast: SimpleNamespace
) -> None:
    """A day later everybody who waits would wait a day longer: it has to be checked again."""
    register = upload_zhous
    with pytest.raises(Refusal, match="等待期按今天重算：请先点“重新检查”"):
        REGISTERS.confirm(
            actor=cast.clerk_a, upload=register, sha256=register.sha256,
            on=OCTOBER + timedelta(days=1),
        )  # fmt: skip


# -- member numbers --------------------------------------------------------------------------------


def test_the_number_of_a_member_who_moved_out_is_not_given_again(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace
) -> None:
    """陈小明, number 3, gets a household of his own; the next child of the Chens is number 4."""
    chens = [[*row[:9], "是" if not i else "否"] for i, row in enumerate(the_chens())]
    confirmed(uploaded(xlsx([HEADER, *chens])))
    home = Household.objects.get()
    father, mother, son = home.members.order_by("member_number")
    split_household(
        actor=cast.clerk_a, household=home, leaving=[son.pk], division=home.division,
        relationships={father.pk: "0", mother.pk: "1", son.pk: "0"}, effective_on=OCTOBER,
        on=OCTOBER, reason="成家",
    )  # fmt: skip
    assert home.members.count() == 2
    child = ["桥亭村", home.number, "", "陈小芳", number("20250601", male=False), "女", "农村", "",
             "二档", "是"]  # fmt: skip
    register = uploaded(xlsx([HEADER, child]))
    assert told(register) == {2: []}
    confirmed(register)
    assert Person.objects.get(name="陈小芳").member_number == 4
