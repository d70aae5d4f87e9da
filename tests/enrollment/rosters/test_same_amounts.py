"""A family on a roster pays to the fen what it pays at the window, and is covered the same days."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.models import Division
from enrollment.collection.receipts import take_payment
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.models import Enrollment, IdentityStatus, Person, Receipt, ReceiptBook
from enrollment.people.households import merge_households
from enrollment.people.register import MemberEntry
from enrollment.rosters.models import RegisterImport
from tests.enrollment.rosters.conftest import HEADER, OCTOBER, PAID, number, xlsx
from tests.enrollment.statuses import listed

Upload = Callable[..., RegisterImport]
Confirm = Callable[[RegisterImport], RegisterImport]
SAME = (
    "person__name", "tier", "premium_amount", "personal_amount", "central_amount",
    "provincial_amount", "city_amount", "county_amount", "other_amount", "credit_amount",
    "account_amount", "premium_status", "cover_first_day", "cover_last_day", "consecutive_years",
    "division",
)  # fmt: skip
WORDS = {
    "0": "户主", "1": "配偶", "2": "子", "5": "父母", "rural": "农村", "urban": "城镇",
    "tier1": "一档", "tier2": "二档", "dibao": "低保", "wubao": "五保", "student": "学生",
    "severe_disability": "重度残疾", "preferential": "重点优抚",
}  # fmt: skip
# Name, birthday, male, relationship, residence, statuses.
FAMILIES = {
    "四口之家": (
        ("陈国强", "19780512", True, "0", "rural", "dibao"),
        ("李桂芳", "19800103", False, "1", "rural", ""),
        ("陈小明", "20120901", True, "2", "rural", "student"),
        ("张素珍", "19500220", False, "5", "rural", "wubao"),
    ),
    "城镇": (
        ("周建华", "19700301", True, "0", "urban", "dibao"),
        ("周宇", "20100701", True, "2", "urban", "severe_disability"),
    ),
    "优抚": (("邓德明", "19480606", True, "0", "rural", "preferential"),),
    "普通": (("何素芬", "19990909", False, "0", "rural", ""),),
}


def at_window(cast: SimpleNamespace, village: Division, family: str, tier: str) -> None:
    members = [
        MemberEntry(
            position=i, name=name, resident_id=number(born, 300 + i, male=male),
            relationship=relationship, residence=residence,
        )
        for i, (name, born, male, relationship, residence, _) in enumerate(FAMILIES[family])
    ]  # fmt: skip
    on_lists(family, 300)
    entry = HouseholdEntry(division=village, members=members, tier=tier)
    save_entry(actor=cast.clerk_a2, entry=entry, on=OCTOBER)


def on_lists(family: str, first: int) -> None:
    for i, (name, born, male, *_, status) in enumerate(FAMILIES[family]):
        listed(name, number(born, first + i, male=male), {status} - {""})


def on_roster(family: str, tier: str) -> list[list[str]]:
    on_lists(family, 100)
    return [
        ["桥亭村", "", "1", name, number(born, 100 + i, male=male), WORDS[relationship],
         WORDS[residence], WORDS[status] if status else "", WORDS[tier], "是"]
        for i, (name, born, male, relationship, residence, status) in enumerate(FAMILIES[family])
    ]  # fmt: skip


@pytest.mark.parametrize("tier", ["tier1", "tier2"])
@pytest.mark.parametrize("family", FAMILIES)
def test_premium_subsidies_and_days(
    uploaded: Upload,
    confirmed: Confirm,
    cast: SimpleNamespace,
    village_a: Division,
    family: str,
    tier: str,
) -> None:
    at_window(cast, village_a, family, tier)
    window = list(Enrollment.objects.order_by("person__member_number").values_list(*SAME))
    register = uploaded(xlsx([HEADER, *on_roster(family, tier)]))
    assert register.error_count == 0
    confirmed(register)
    rows = Enrollment.objects.filter(entered_by=cast.clerk_a).order_by("person__member_number")
    assert list(rows.values_list(*SAME)) == window
    held = IdentityStatus.objects.order_by("code").values_list("person__name", "code", "first_day")
    assert len(held) == 2 * len(set(held))  # each status once by the window, once by the roster
    facts = ("name", "pinyin", "initials", "sex", "birth_date", "residence", "relationship")
    people = Person.objects.order_by("member_number")
    ours = people.filter(enrollments__entered_by=cast.clerk_a).values_list(*facts)
    assert list(ours) == list(
        people.filter(enrollments__entered_by=cast.clerk_a2).values_list(*facts)
    )


def test_the_receipt_of_the_village_is_the_receipt_of_the_window(
    uploaded: Upload,
    confirmed: Confirm,
    cast: SimpleNamespace,
    village_a: Division,
    book_a: ReceiptBook,
) -> None:
    """450 yuan in cash by roster on number 7, 450 at the window on number 8."""
    rows = [
        [*row, "450" if not i else "", "LS01" if not i else "", "7" if not i else ""]
        for i, row in enumerate(on_roster("四口之家", "tier2"))
    ]
    confirmed(uploaded(xlsx([PAID, *rows])))
    at_window(cast, village_a, "四口之家", "tier2")
    household = Person.objects.filter(enrollments__status="pending").first().household
    take_payment(actor=cast.clerk_a, household=household, received=Decimal(450), on=OCTOBER)
    facts = ("number", "amount", "channel", "payer_name", "issued_by__name", "issued_on",
             "sponsored_amount", "reference", "division__name")  # fmt: skip
    roster, window = Receipt.objects.order_by("number").values_list(*facts)
    assert (roster[0], window[0]) == (7, 8)
    assert roster[1:] == window[1:]
    assert roster[1:4] == (Decimal(450), "cash", "陈国强")


def test_household_numbers_run_on_from_either_side(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, village_a: Division
) -> None:
    at_window(cast, village_a, "普通", "tier1")
    confirmed(uploaded(xlsx([HEADER, *on_roster("四口之家", "tier2")])))
    at_window(cast, village_a, "优抚", "tier1")
    numbers = Person.objects.order_by("pk").values_list("household__number", "member_number")
    assert [f"{home[-4:]}-{one}" for home, one in numbers] == [
        "0001-1", "0002-1", "0002-2", "0002-3", "0002-4", "0003-1",
    ]  # fmt: skip


def test_a_household_merged_since_the_check_is_held_back(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, village_a: Division
) -> None:
    """The roster brings one more member of 何素芬's household; before it is confirmed she moves in
    with the Dengs, and her old number is closed."""
    at_window(cast, village_a, "普通", "tier1")
    at_window(cast, village_a, "优抚", "tier1")
    Enrollment.objects.filter(person__name="何素芬").update(status="cancelled")
    Enrollment.objects.filter(person__name="邓德明").update(status="cancelled")
    he, deng = (Person.objects.get(name=name) for name in ("何素芬", "邓德明"))
    register = uploaded(
        xlsx([HEADER, ["桥亭村", he.household.number, "", "何小芳", number("20020202", male=False),
                       "其他", "农村", "", "一档", "是"]])
    )  # fmt: skip
    assert (register.error_count, register.household_count) == (0, 1)
    merge_households(
        actor=cast.clerk_a, household=he.household, into=deng.household,
        relationships={he.pk: "8", deng.pk: "0"}, effective_on=OCTOBER, on=OCTOBER, reason="合住",
    )  # fmt: skip
    register = confirmed(register)
    assert register.held_households == 1
    assert not Person.objects.filter(name="何小芳").exists()
