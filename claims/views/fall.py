"""A settlement as a picture: from the bill down to what is paid, each part where it falls off."""

from dataclasses import dataclass
from decimal import Decimal

from claims.models import Settlement


@dataclass(frozen=True)
class Bar:
    """A part of the bill. `amount`: yuan, below zero for what falls off; `look`: all, less, paid,
    own; `start` and `width`: hundredths of the bill, as SVG wants them."""

    name: str
    amount: Decimal
    look: str
    start: str
    width: str


def fall_of(row: Settlement, cut: Decimal) -> list[Bar]:
    """The bill, what does not count, the deductible, and who bears the rest. `cut`: what the
    reviewer took off and the patient bears, a part of what is wholly his."""
    whole = max(row.total_amount, row.fund_amount, Decimal(1))

    def bar(name: str, amount: Decimal, look: str, start: Decimal) -> Bar:
        begins = max(start, Decimal(0))
        sizes = (f"{100 * one / whole:.2f}" for one in (begins, abs(amount)))
        return Bar(name, amount, look, *sizes)

    bars, left = [bar("总费用", row.total_amount, "all", Decimal(0))], row.total_amount
    for name, amount in (
        ("审核核减", cut),
        ("全自费", row.full_self_pay_amount - cut),
        ("不得向个人收取", row.borne_amount),
        ("超限价自费", row.over_limit_amount),
        ("先行自付", row.first_self_pay_amount),
        ("起付线", row.deductible_amount),
    ):
        if amount:
            left -= amount
            bars.append(bar(name, -amount, "less", left))
    bars.append(bar("基金支付", row.fund_amount, "paid", Decimal(0)))
    if row.hospital_amount:
        bars.append(bar("医院负担", row.hospital_amount, "own", row.fund_amount))
    bars.append(bar("个人负担", row.personal_amount, "own", row.total_amount - row.personal_amount))
    return bars
