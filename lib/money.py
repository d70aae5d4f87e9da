"""Money is integer fen (1/100 yuan) in pure code and numeric(14,2) in the database.

There is one rounding (`half_up`) and one way to share a sum out (`split`).
"""

import re
from collections.abc import Sequence
from decimal import Decimal

YUAN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")


def to_fen(yuan: Decimal | str | int) -> int:
    """Yuan → fen, exactly. Refuses more than two decimals instead of rounding silently.

    Raises ValueError (Chinese message) when the text is no amount or has a third decimal.
    """
    if isinstance(yuan, str):
        yuan = yuan.strip()
        if not YUAN.fullmatch(yuan):
            raise ValueError(f"金额“{yuan}”不对：应为元，最多两位小数，如 120.50")
    elif not Decimal(yuan).is_finite():
        raise ValueError(f"金额“{yuan}”不对：应为元，最多两位小数，如 120.50")
    fen = Decimal(yuan) * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"金额“{yuan}”不对：小数最多两位（到分）")
    return int(fen)


def to_yuan(fen: int) -> Decimal:
    """Fen → yuan with two decimals, exactly."""
    return Decimal(fen).scaleb(-2)


def told(yuan: Decimal | int) -> str:
    """An amount in yuan as pages and messages say it: 39,950.00."""
    return f"{yuan:,.2f}"


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded to the nearest integer, halves away from zero.

    The one rounding of every settlement layer. `denominator` must be positive.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    quotient, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` fen out by `weights` so that the parts sum to it exactly.

    Largest remainder; equal remainders go to the earlier part, so the answer never depends on
    anything but the arguments. Raises ValueError when the weights are negative or sum to zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and sum to more than zero")
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-shares[i][1], i))
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def spell_out(fen: int) -> str:
    """The amount in Chinese capital numerals as receipts and vouchers want it (壹佰贰拾元整)."""
    digits, units = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")
    yuan, rest = divmod(abs(fen), 100)
    groups: list[str] = []
    for scale in ("", "万", "亿", "万亿"):
        yuan, group = divmod(yuan, 10_000)
        text = ""
        for position, unit in enumerate(units):
            digit = group // 10**position % 10
            text = (digits[digit] + unit if digit else "零") + text
        text = re.sub("零+", "零", text).rstrip("零")
        groups.append(text + scale if text else "零")
    whole = re.sub("零+", "零", "".join(reversed(groups))).strip("零")
    jiao, fen_digit = divmod(rest, 10)
    tail = (f"{digits[jiao]}角" if jiao else "") + (f"{digits[fen_digit]}分" if fen_digit else "")
    if not rest:
        tail = "整"
    elif whole and not jiao:
        tail = "零" + tail
    text = (whole + "元" if whole or not rest else "") + tail
    if text == "元整":
        text = "零元整"
    return ("负" if fen < 0 else "") + text
