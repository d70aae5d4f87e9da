"""Whether the fund may pay an institution in advance, and how much. Pure, fen.

国家医保局、财政部 2024 on prepayment (医保预付金): the balance of residents' insurance
lasts six months and more, no deficit, about one month of what the institution was paid on average.
The three numbers are the notice's; that “about” is at most one month here is this portal's.
"""

from dataclasses import dataclass

from lib.money import half_up, to_yuan, told

MIN_MONTHS = 6
YEAR = 12


@dataclass(frozen=True, slots=True)
class Position:
    """The fund on the day: its balance without what later years have paid, income and expense of
    the last twelve months, and in how many of these it paid."""

    balance: int
    income: int
    expense: int
    months: int = YEAR


def months_payable(position: Position) -> int | None:
    """Tenths of a month that the balance lasts at the expense of those months, rounded down; None
    where nothing was spent."""
    if position.expense <= 0:
        return None
    return max(position.balance, 0) * (position.months or YEAR) * 10 // position.expense


def monthly_average(paid_in_year: int) -> int:
    """What the institution got a month."""
    return half_up(paid_in_year, YEAR)


def against(
    position: Position, paid_in_year: int, amount: int, *, share: int = 100, grade: str = ""
) -> list[str]:
    """What stands against paying so much in advance, in Chinese; nothing when all is well.

    `share`: hundredths of the average month that the institution's `grade` of trust lets it have
    (监督管理条例 第三十三条: 根据信用评价等级分级分类监督管理)."""
    found = []
    months = months_payable(position)
    if months is None or months < MIN_MONTHS * 10:
        lasts = "无法计算" if months is None else f"{months // 10}.{months % 10} 个月"
        found.append(f"基金累计结余可支付月数为 {lasts}，不足 {MIN_MONTHS} 个月，不能预付")
    if position.income < position.expense:
        found.append("近十二个月基金当期赤字，不能预付")
    average = monthly_average(paid_in_year)
    most = half_up(average * share, 100)
    if amount > most:
        words = f"预付金不超过该机构月平均支付额 {told(to_yuan(average))} 元"
        if grade:
            words += f"的 {share}%，即 {told(to_yuan(most))} 元（信用等级 {grade}）"
        found.append(words)
    return found
