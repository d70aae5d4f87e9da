"""How a line of a bill is sorted and counted: pure, no Django, no clock.

Classes are those of the policy pack; the catalogue only says what an item is (design: the pack
says what a class is worth).
"""

from collections.abc import Mapping
from decimal import Decimal

from lib.money import half_up

# Fee categories as bills print them (医疗收费项目类别).
CATEGORY_NAMES: Mapping[str, str] = {
    "bed": "床位费",
    "consultation": "诊察费",
    "examination": "检查费",
    "special_examination": "特殊检查费",
    "laboratory": "化验费",
    "treatment": "治疗费",
    "surgery": "手术费",
    "nursing": "护理费",
    "material": "卫生材料费",
    "western_drug": "西药费",
    "herbal_drug": "中药饮片费",
    "chinese_drug": "中成药费",
    "blood": "血费",
    "general": "一般诊疗费",
    "other": "其他费",
}
MAXIMUM_FEN = 10_000_000_00


def classify(*, payment_class: str, category: str, consent_signed: bool) -> str:
    """The bill class of a catalogue item.

    A and B (甲、乙类) are in scope, C (目录外) is not; special examinations and blood inside the
    catalogue have classes of their own (measures 第二十三条(三)). `consent_signed`: the patient or
    the family signed for items outside the catalogue (第三十条), else the institution bears them.
    """
    if payment_class not in {"A", "B", "C"}:
        raise ValueError(f"unknown payment class {payment_class!r}")
    if payment_class == "C":
        return "off_catalogue" if consent_signed else "off_catalogue_unsigned"
    if category == "special_examination":
        return "special_exam"
    return "blood" if category == "blood" else "in_scope"


def line_amount(quantity: Decimal, unit_price: Decimal) -> int:
    """Quantity × price in fen, half up. Quantity has two decimals at most, the price four."""
    return half_up(_scaled(quantity, 2) * _scaled(unit_price, 4), 10_000)


def payable_limit(quantity: Decimal, price_limit: Decimal | None) -> int | None:
    """Fen payable at most for a line of an item with a price limit; None without a limit."""
    return None if price_limit is None else line_amount(quantity, price_limit)


def _scaled(number: Decimal, places: int) -> int:
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"at most {places} decimals: {number}")
    return int(scaled)
