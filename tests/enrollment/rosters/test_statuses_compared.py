"""A register's status column is held against the lists: it gives nothing by itself."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest

from enrollment.cover.reassessing import assess_pending
from enrollment.models import Enrollment, IdentityStatus, Person, Receipt, ReceiptBook
from enrollment.rosters.models import RegisterImport
from tests.enrollment.rosters.conftest import HEADER, OCTOBER, PAID, number, the_yangs, told, xlsx
from tests.enrollment.statuses import hold, listed

Upload = Callable[..., RegisterImport]
Confirm = Callable[[RegisterImport], RegisterImport]
DAI = number("19550505", 7)


def dai(status: str, name: str = "代老汉") -> list[list[str]]:
    return [["桥亭村", "", "1", name, DAI, "户主", "农村", status, "二档", "是"]]


def amount() -> tuple[Decimal, str]:
    row = Enrollment.objects.get()
    return row.personal_amount, row.premium_status


def test_what_agrees_is_fine(uploaded: Upload, confirmed: Confirm) -> None:
    listed("代老汉", DAI, ["wubao"])
    register = uploaded(xlsx([HEADER, *dai("五保")]))
    assert told(register) == {2: []}
    confirmed(register)
    assert amount() == (Decimal(100), "wubao")
    assert IdentityStatus.objects.get().source == "民政局"


def test_more_than_the_lists_say_counts_as_nothing(uploaded: Upload, confirmed: Confirm) -> None:
    """五保 in the register alone: 120, and told how it can be asked for."""
    register = uploaded(xlsx([HEADER, *dai("五保")]))
    assert told(register)[2] == [
        "warning statuses: “农村五保”未在部门名单中，按一般人员计；有证明的可申请认定"
    ]
    confirmed(register)
    assert amount() == (Decimal(120), "")
    assert not IdentityStatus.objects.exists()


def test_less_than_the_lists_say_is_told_and_the_list_holds(
    uploaded: Upload, confirmed: Confirm
) -> None:
    listed("代老汉", DAI, ["dibao", "wubao"])
    register = uploaded(xlsx([HEADER, *dai("五保、重度残疾")]))
    assert told(register)[2] == [
        "warning statuses: “重度残疾(一、二级)”未在部门名单中，按系统身份“低保、农村五保”计；"
        "有证明的可申请认定",
        "warning statuses: 部门名单中有身份“低保”，名册未列，按名单计",
    ]
    confirmed(register)
    assert amount() == (Decimal(100), "wubao")


def test_another_name_than_the_lists(uploaded: Upload, confirmed: Confirm) -> None:
    listed("代老汉", DAI, ["wubao"])
    register = uploaded(xlsx([HEADER, *dai("", name="代老伯")]))
    assert told(register)[2] == [
        "warning name: 部门名单中这个证件号码登记的不是“代老伯”，名单上的身份没有采用，"
        "请核对姓名和证件"
    ]
    confirmed(register)
    assert amount() == (Decimal(120), "")


@pytest.mark.parametrize("registered", [False, True])
def test_a_list_between_check_and_confirmation_holds_the_household_back(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, *, registered: bool
) -> None:
    if registered:
        confirmed(uploaded(xlsx([HEADER, *dai("")])))
        Enrollment.objects.update(status="cancelled")
    register = uploaded(xlsx([HEADER, *dai(""), *the_yangs()]))
    if registered:
        hold(Person.objects.get(), "wubao")
    else:
        listed("代老汉", DAI, ["wubao"])
    register = confirmed(register)
    assert register.held_households == 1
    assert "检查之后本户成员的身份（部门名单、审批）有变动" in str(told(register)[2])
    assert list(Enrollment.objects.exclude(status="cancelled").values_list("person__name")) == [
        ("杨大山",)
    ]


def test_a_list_since_the_check_of_what_waits_holds_the_paper_receipt_back(
    uploaded: Upload, confirmed: Confirm, book_a: ReceiptBook
) -> None:
    """代老汉 owes 120 and the village wrote 120 on receipt 1; since the check he is 五保 and owes
    100. No receipt says 100 where 120 were paid: the clerk is told."""
    confirmed(uploaded(xlsx([HEADER, *dai("")])))
    register = uploaded(xlsx([PAID, [*dai("")[0], 120, "LS01", 1]]))
    assert register.error_count == 0
    person = Person.objects.get()
    hold(person, "wubao")
    assert assess_pending(None, [person.pk], OCTOBER) == 1
    register = confirmed(register)
    assert register.held_households == 1
    assert "检查之后本户成员的身份（部门名单、审批）有变动" in str(told(register)[2])
    assert not Receipt.objects.exists()
    assert amount() == (Decimal(100), "wubao")
    assert Enrollment.objects.get().status == "pending"


def test_what_waits_under_the_same_statuses_is_paid(
    uploaded: Upload, confirmed: Confirm, book_a: ReceiptBook
) -> None:
    """五保 at the check and at the confirmation: receipt 1 says 100."""
    listed("代老汉", DAI, ["wubao"])
    confirmed(uploaded(xlsx([HEADER, *dai("五保")])))
    register = confirmed(uploaded(xlsx([PAID, [*dai("五保")[0], 100, "LS01", 1]])))
    assert register.held_households == 0
    assert Receipt.objects.get().amount == Decimal(100)
    assert Enrollment.objects.get().status == "active"
