"""How a line of a bill is sorted and counted: pure, no Django, no clock.

Classes are those of the policy pack; the catalogue only says what an item is (design: the pack
says what a class is worth).
"""

from collections.abc import Collection, Mapping
from decimal import Decimal

from lib.money import half_up, told
from policies.terms import BillClass

# Fen: ten million yuan for one fee category of one stay, above every real bill. A figure beyond it
# is a slip of the decimal point.
MAX_SUBTOTAL = 10_000_000_00
# Payment class (甲类, 乙类; 目录外) → the bill class of measures that tell them apart.
INSIDE: Mapping[str, str] = {"A": "class_a", "B": "class_b"}
OUTSIDE = frozenset({"C"})
USUAL_CLASSES = frozenset(
    {"in_scope", "special_exam", "blood", "off_catalogue", "off_catalogue_unsigned"}
)


def classify(
    *,
    payment_class: str,
    category: str,
    consent_signed: bool,
    classes: Collection[str] = USUAL_CLASSES,
) -> str:
    """The bill class of a catalogue item among the measures' `classes`, "" when none takes it.

    Inside the catalogue (甲、乙类): a class named like the fee category (special examinations and
    blood, measures 第二十三条(三); elsewhere materials or beds), then one for the payment class,
    then the one for all the rest. Outside it: `consent_signed` tells whether the patient or the
    family signed (第三十条), else the institution bears it where the measures say so.
    """
    if payment_class not in OUTSIDE | INSIDE.keys():
        raise ValueError(f"unknown payment class {payment_class!r}")
    wanted: tuple[str, ...]
    if payment_class in OUTSIDE:
        wanted = () if consent_signed else ("off_catalogue_unsigned",)
        wanted += ("off_catalogue", "outside_scope", "class_c")
    else:
        named = "special_exam" if category == "special_examination" else category
        wanted = (named, INSIDE[payment_class], "in_scope")
    return next((code for code in wanted if code in classes), "")


def line_lacks(rule: BillClass, *, counted: bool, origin: str, self_pay: bool) -> str:
    """What the class's rules on single lines cannot do without: "quantity", "origin", "self_pay"
    (the amount paid first, as the bill shows it), or ""."""
    if rule.kind != "covered":
        return ""
    priced = any(each.above >= 0 or each.up_to is not None for each in rule.line_shares)
    if not counted and (priced or rule.unit_limits is not None):
        return "quantity"
    by_origin = any(each.origins for each in rule.line_shares)
    if by_origin and not origin:
        return "origin"
    return "self_pay" if rule.billed and not self_pay else ""


def self_pay_problem(rule: BillClass, self_pay: Decimal | None, amount: Decimal) -> str:
    """What is wrong with the amount paid first that a line shows, in Chinese; "" when nothing."""
    if self_pay is None:
        return f"{rule.name}按票据所列先自付，请填写先自付金额" if rule.billed else ""
    if not rule.billed:
        return f"{rule.name}不按票据所列先自付，请清空先自付金额"
    if not 0 <= self_pay <= amount or self_pay != round(self_pay, 2):
        return f"先自付金额应为 0 至 {told(amount)} 元，最多两位小数"
    return ""


def line_amount(quantity: Decimal, unit_price: Decimal) -> int:
    """Quantity × price in fen, half up. Quantity has four decimals at most, the price six."""
    return half_up(_scaled(quantity, 4) * _scaled(unit_price, 6), 100_000_000)


def payable_limit(quantity: Decimal, price_limit: Decimal | None) -> int | None:
    """Fen payable at most for a line of an item with a price limit; None without a limit."""
    return None if price_limit is None else line_amount(quantity, price_limit)


def _scaled(number: Decimal, places: int) -> int:
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"at most {places} decimals: {number}")
    return int(scaled)
