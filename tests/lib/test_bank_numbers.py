"""What the number of a bank account looks like, and whether a sealed one was exchanged."""

import pytest

from lib.bank_numbers import AccountIndex, is_account, masked_account, without_blanks
from lib.sealing import Sealer

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
CARD, OTHER = "6228480012345678901", "6228480099999999999"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("12345678", True),
        ("1" * 30, True),
        ("1234567", False),
        ("1" * 31, False),
        ("62284800x", False),
        ("６２２８４８００１", False),  # folded before it is asked
        ("", False),
    ],
)
def test_eight_to_thirty_digits(text: str, right: bool) -> None:
    assert is_account(text) is right


def test_a_number_is_typed_as_the_card_groups_it_and_shown_by_its_end() -> None:
    assert without_blanks(" 6228 4800 1234 5678 901 ") == CARD
    assert (masked_account(CARD), masked_account("")) == ("尾号 8901", "")


def test_only_the_number_that_was_written_down_has_its_index() -> None:
    """And an institution's tells nothing of the same number on an order."""
    sealer = Sealer(f"1:{KEY}", KEY)
    orders = AccountIndex("payment_account", lambda context, text: sealer.index(text, context))
    held = AccountIndex("institution_account", orders.digest)
    kept = orders.of(CARD)
    assert not orders.is_exchanged(CARD, kept) and orders.is_exchanged(OTHER, kept)
    assert held.is_exchanged(CARD, kept)
    assert orders.of("") == "" and orders.is_exchanged(CARD, "")
