"""The words that a pack may use of who pays are those that the ledger knows."""

import pytest

from funds.chart import ROLES
from funds.events import BENEFITS
from funds.models import Book
from policies.loader import load_text
from policies.terms import BOOKED_AS, BOOKS, FUND_PAY_TYPES, LAYER_BOOKED_AS
from tests.policies.test_pack_checks import SMALL


def test_every_fund_has_a_book_and_every_book_a_fund():
    assert dict(BOOKS) == dict(Book.FundType.choices)
    assert BOOKS.keys() == LAYER_BOOKED_AS.keys()


@pytest.mark.parametrize("book", BOOKS)
def test_every_kind_of_expense_has_its_account_in_the_book(book):
    accounts = {account.code for account in ROLES[book]}
    there = {word for word, code in BENEFITS.accounts.items() if code in accounts}
    assert LAYER_BOOKED_AS[book].keys() == there
    assert BOOKED_AS.items() <= LAYER_BOOKED_AS[book].items()


def test_national_codes_fit_their_column():
    assert all(code.isdecimal() and len(code) <= 8 for code in FUND_PAY_TYPES)


def test_a_benefit_may_have_a_national_code_of_its_own():
    own = SMALL.replace("    kind: scheme\n", '    kind: scheme\n    fund_pay_type: "390102"\n')
    for text, expected in ((SMALL, "390100"), (own, "390102")):
        payer = load_text(text, "试验.yaml").payer_of("basic", "stay")
        assert (payer.book, payer.fund_pay_type, payer.booked_as) == ("resident", expected, "")


def test_a_layer_that_the_measures_do_not_have():
    with pytest.raises(KeyError):
        load_text(SMALL, "试验.yaml").payer_of("serious", "stay")
