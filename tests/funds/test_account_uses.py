"""Each bank account receives and pays only what the rules allow, and says which one is right."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from funds.account_uses import options_of, use_problem
from funds.drafts.services import make_draft
from funds.events import EVENTS, USES, Choice
from funds.forms import ManualEventForm
from funds.models import Book, Voucher, VoucherDraft
from funds.named import overspend_received
from funds.services import EventLine
from lib.periods import Month
from tests.funds.conftest import through_all_hands

MARCH = date(2026, 3, 9)
KEY = "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a0"
Post = Callable[..., Voucher]


def test_what_an_event_always_does_its_account_may_do() -> None:
    for event in EVENTS.values():
        if isinstance(event.debit, str):
            assert use_problem(event.debit, event.name, pays=False) == "", event.name
        if isinstance(event.credit, str):
            assert use_problem(event.credit, event.name, pays=True) == "", event.name
        for side, pays in ((event.debit, False), (event.credit, True)):
            if isinstance(side, Choice):
                said = [use_problem(code, event.name, pays=pays) for code in side.accounts.values()]
                assert "" in said, event.name


def test_uses_name_events_that_there_are() -> None:
    for use in USES.values():
        assert {*use.receives, *use.pays} <= set(EVENTS)


def test_the_collection_account_pays_no_insurer(post: Post) -> None:
    """800,000.00 of premiums lie there; the insurer is paid out of the fiscal account."""
    post("premium_collected", "800000.00", MARCH, policy_year=2026)

    with pytest.raises(Refusal) as said:
        post("insurer_paid", "500000.00", MARCH, purpose="collection")

    assert said.value.message == (
        "收入户不能支付“大病保险划转商保”，应由财政专户或支出户支付；"
        "《社会保险基金财务制度》规定收入户只支付：保费由收入户划入财政专户"
    )
    post("premium_transferred", "800000.00", MARCH)
    post("insurer_paid", "500000.00", MARCH, purpose="fiscal")


def test_the_expenditure_account_takes_no_subsidy(post: Post) -> None:
    with pytest.raises(Refusal, match="支出户不能收取“收到上级补助”，应由收入户或财政专户收取"):
        post("aid_received", "10.00", MARCH, purpose="expenditure")


@pytest.mark.parametrize(
    ("event", "data", "words"),
    [
        (
            "overspend_received",
            {"funding_level": "township", "policy_year": "2026"},
            "须填写乡镇",
        ),
        ("subsidy_received", {"amount_county": "10"}, "请填写保险年度"),
        ("prepayment_back", {}, "请填写机构代码"),
    ],
)
def test_a_dimension_that_an_event_needs_is_asked_for(
    book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client], event: str,
    data: dict[str, str], words: str,
) -> None:  # fmt: skip
    """4,810.00 of overspend came in, and nobody could say of which township."""
    url = reverse("funds:post") + f"?event={event}"
    given = {"on": "2026-03-09", "document": "通知3号", "amount_": "4810", "key": f"{KEY}1"}
    answer = as_user(cast.accountant).post(url, given | data)
    assert words in answer.content.decode()
    assert not Voucher.objects.exists()


def test_the_county_pool_has_no_township(
    book: Book, cast: SimpleNamespace, town_a: Division
) -> None:
    """第二十六条(三): 10,000.00 beyond the county's pool are 4,000.00 of the centre and 6,000.00 of
    the institutions; of a township's 4,000.00 it is said which one."""

    def draft(level: str, amount: str, at: int, town: Division | None = None) -> VoucherDraft:
        return make_draft(
            actor=cast.accountant, book=book, event="overspend_received", on=MARCH, today=MARCH,
            document=f"通知{at}号", key=f"{KEY}{at}",
            lines=[EventLine(Decimal(amount), town, funding_level=level, policy_year=2026)],
        )  # fmt: skip

    for at, (level, amount) in enumerate((("county", "4000.00"), ("institution", "6000.00"))):
        through_all_hands(draft(level, amount, at), cast)
    with pytest.raises(Refusal, match="“收到超支分担款”须填写乡镇，否则日后分不清是谁的款"):
        draft("township", "4000.00", 7)
    through_all_hands(draft("township", "4000.00", 8, town_a), cast)
    assert overspend_received(book.area, Month(2026, 3)) == {
        "county": Decimal(4000), "institution": Decimal(6000), "township": Decimal(4000),
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, event in EVENTS.items() if event.choice])
def test_a_form_offers_only_accounts_that_may(name: str) -> None:
    event = EVENTS[name]
    choice, offered = event.choice, options_of(event)
    assert choice is not None and offered
    for option, account in choice.accounts.items():
        refused = use_problem(account, name, pays=event.credit is choice)
        assert (option in offered) is not bool(refused), option


def test_what_may_not_be_is_no_field(book: Book) -> None:
    def fields(event: str) -> set[str]:
        return {
            name for name in ManualEventForm(EVENTS[event], book, {}).fields if "amount" in name
        }

    for event in ("aid_received", "lower_received", "insurer_returned"):
        assert fields(event) == {"amount_collection", "amount_fiscal"}
    for event in ("insurer_paid", "sent_up", "sent_down"):
        assert fields(event) == {"amount_fiscal", "amount_expenditure"}
