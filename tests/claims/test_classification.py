"""Sorting lines and multiplying them out."""

from decimal import Decimal

import pytest

from claims.classification import classify, line_amount, payable_limit


@pytest.mark.parametrize(
    ("payment_class", "category", "signed", "expected"),
    [
        ("A", "western_drug", False, "in_scope"),
        ("B", "chinese_drug", False, "in_scope"),
        ("A", "special_examination", False, "special_exam"),
        ("B", "blood", True, "blood"),
        ("C", "western_drug", True, "off_catalogue"),
        ("C", "western_drug", False, "off_catalogue_unsigned"),
        ("C", "special_examination", True, "off_catalogue"),
        ("C", "blood", False, "off_catalogue_unsigned"),
    ],
)
def test_class_of_an_item(payment_class: str, category: str, signed: bool, expected: str) -> None:
    found = classify(payment_class=payment_class, category=category, consent_signed=signed)
    assert found == expected


def test_unknown_payment_class() -> None:
    with pytest.raises(ValueError, match="'D'"):
        classify(payment_class="D", category="bed", consent_signed=True)


@pytest.mark.parametrize(
    ("quantity", "price", "fen"),
    [
        ("1", "10.99", 1099),
        ("3", "0.335", 101),
        ("1.5", "0.33", 50),
        ("0.01", "0.5", 1),
        ("0.01", "0.4999", 0),
    ],
)
def test_amount_to_the_fen(quantity: str, price: str, fen: int) -> None:
    assert line_amount(Decimal(quantity), Decimal(price)) == fen


def test_a_price_of_a_tablet_has_six_decimals() -> None:
    assert line_amount(Decimal(20), Decimal("0.333333")) == 667
    assert line_amount(Decimal("0.3333"), Decimal("10")) == 333


def test_fifth_decimal_of_a_quantity_is_no_guess() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        line_amount(Decimal("1.00001"), Decimal(1))


def test_limit_follows_the_quantity() -> None:
    assert payable_limit(Decimal("2.5"), Decimal("30.00")) == 7500
    assert payable_limit(Decimal(1), None) is None
