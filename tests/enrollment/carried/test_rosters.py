"""Households and people of the old system become the register, and are found by its numbers."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import Division
from enrollment.collection.books import book_figures
from enrollment.models import Enrollment, Household, OldNumber, Person, ReceiptBook
from enrollment.rosters.models import RegisterRow
from policies.models import Pack
from tests.enrollment.carried.conftest import CHEN, FAMILIES, ROSTER, YANG, brought
from tests.enrollment.rosters.conftest import number
from tests.masterdata import confirm, send

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("as_application", "no_worker", "village_a", "pack"),
]


def test_families_are_registered_without_a_campaign(cast: SimpleNamespace) -> None:
    sent = brought(cast.clerk_a, FAMILIES)
    assert (sent.status, sent.new_households, sent.new_people, sent.new_enrollments) == (
        "done", 2, 4, 0,
    )  # fmt: skip
    assert not Enrollment.objects.exists()
    home = Household.objects.get(old_numbers__number="A0801")
    assert (home.bank_account, home.bank_account_name) == ("62220001", "陈国强")
    assert (home.phone, home.division.name) == ("13800000001", "龙水镇桥亭村")
    assert [one.name for one in home.members.all()] == ["陈国强", "李桂芳", "陈小明"]
    assert OldNumber.objects.count() == 6


def test_whoever_types_an_old_number_finds_them(cast: SimpleNamespace) -> None:
    brought(cast.clerk_a, FAMILIES)
    people = Person.objects.visible_to(cast.clerk_a)
    assert [one.name for one in people.search("p4")] == ["杨大山"]
    found = people.search(" a-0801").order_by("member_number")
    assert [one.name for one in found] == ["陈国强", "李桂芳", "陈小明"]
    assert not people.search("A0899").exists()
    assert not Person.objects.visible_to(cast.clerk_b).search("P4").exists()


def test_the_same_families_again_add_nothing(cast: SimpleNamespace) -> None:
    brought(cast.clerk_a, FAMILIES)
    again = brought(cast.clerk_a, [*FAMILIES, ["桥亭村", "吴一", "吴一", number("19900101"), "户主",
                                              "", "A0803", "P5", "", ""]])  # fmt: skip
    assert (again.new_households, again.new_people) == (1, 1)
    assert Household.objects.count() == 3
    assert OldNumber.objects.count() == 8


def test_a_number_of_another_household_is_told(cast: SimpleNamespace) -> None:
    brought(cast.clerk_a, FAMILIES)
    wrong = brought(
        cast.clerk_a,
        [
            ROSTER,
            ["桥亭村", "吴一", "吴一", number("19900101"), "户主", "", "A0804", "P1", "", ""],
            ["桥亭村", "杨大山", "杨大山", YANG, "户主", "", "A0801", "P4", "", ""],
            ["桥亭村", "吴二", "吴二", number("19910101"), "户主", "", "A0805", "", "12", "吴二"],
        ],
    )
    told = {
        row.line: "；".join(problem[2] for problem in row.problems)
        for row in RegisterRow.objects.filter(register=wrong, verdict="e")
    }
    assert "原个人编号 P1 已属于另一人" in told[2]
    assert "登记" in told[3]
    assert "银行账号应为 8 至 30 位数字" in told[4]
    assert Household.objects.count() == 2


def test_who_lives_there_keeps_the_account_that_the_window_knows(cast: SimpleNamespace) -> None:
    brought(cast.clerk_a, FAMILIES)
    brought(cast.clerk_a, [ROSTER, ["桥亭村", "陈国强", "陈国强", CHEN, "户主", "13900000009",
                                    "A0801", "P1", "62229999", "别人"]])  # fmt: skip
    home = Household.objects.get(old_numbers__number="A0801")
    assert (home.bank_account, home.bank_account_name) == ("62220001", "陈国强")
    assert home.phone == "13900000009"


def test_the_page_takes_a_roster_of_the_old_system(
    cast: SimpleNamespace, village_a: Division, pack: Pack, as_user: Callable[..., Client]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.conftest import file_of

    client = as_user(cast.clerk_a)
    forgot = client.post(
        "/enrollment/registers/upload",
        {"file": SimpleUploadedFile("转入.xlsx", file_of(FAMILIES))},
        follow=True,
    )
    assert "；原系统的名册请勾选“原系统转入”" in forgot.content.decode()
    file = SimpleUploadedFile("转入.xlsx", file_of(FAMILIES))
    page = client.post("/enrollment/registers/upload", {"file": file, "carried": "on"}, follow=True)
    assert page.status_code == 200
    assert "转入.xlsx" in page.content.decode()
    assert "转入" in client.get("/enrollment/registers/").content.decode()


def test_a_book_that_was_begun_goes_on_where_the_old_system_stopped(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    """1 to 37 are the old system's, 38 is the next; none of them is missing."""
    client = as_user(cast.accountant)
    rows = [
        ["票据本号", "参保年度", "领用人用户名", "起号", "止号", "原系统已用至"],
        ["LS01", "2026", "clerk_a", "1", "50", "37"],
        ["LS02", "2026", "clerk_a", "51", "100", ""],
    ]
    assert "新增 2" in send(client, "/enrollment/prepare/books/load", rows)
    confirm(client, "/enrollment/prepare/books/load")
    book, new = ReceiptBook.objects.order_by("code")
    assert (book.next_number, book.carried_through, new.next_number) == (38, 37, 51)
    figures = book_figures(book)
    assert (figures.missing, figures.unused, figures.valid) == ((), 13, 0)
    page = client.get(f"/enrollment/treasury/books/{book.pk}").content.decode()
    assert "原系统已用至 37" in page
