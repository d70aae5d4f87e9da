"""What the bank and the old books had apart on the opening day (未达账项): rows as they are kept
with the opening, and whether they explain the difference."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from accounts.errors import Refusal
from funds.chart import BANK_ACCOUNTS
from funds.models import ZERO
from funds.opening.models import OpeningLine
from funds.opening.rules import Rules
from lib.money import told

BANK = "bank"
# What a row says; those of the bank's side will be vouchers here, those of ours lines of the bank.
SIDES = {
    BANK: "银行对账单余额",
    "bank_in": "银行已收、单位未收",
    "bank_out": "银行已付、单位未付",
    "book_in": "单位已收、银行未收",
    "book_out": "单位已付、银行未付",
}


@dataclass(frozen=True, slots=True)
class Outstanding:
    """`amount`: of an item more than zero; of the bank's balance as the paper says it."""

    account: str
    side: str
    day: date
    number: str
    amount: Decimal

    def as_json(self) -> dict[str, str]:
        return {
            "account": self.account,
            "side": self.side,
            "day": self.day.isoformat(),
            "number": self.number,
            "amount": f"{self.amount:.2f}",
        }

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> Self:
        day = date.fromisoformat(kept["day"])
        return cls(kept["account"], kept["side"], day, kept["number"], Decimal(kept["amount"]))

    @property
    def is_bank(self) -> bool:
        """Whether the bank has it and the books do not."""
        return self.side.startswith("bank_")

    @property
    def moved(self) -> Decimal:
        """Out of the account negative."""
        return self.amount if self.side.endswith("_in") else -self.amount


def check_outstanding(
    rules: Rules, lines: Sequence[OpeningLine], rows: Sequence[Outstanding]
) -> None:
    """Raises Refusal at the first row that is wrong, else where an account's book balance and its
    bank balance, both adjusted, are not the same."""
    seen: set[tuple[str, str, str]] = set()
    for place, one in enumerate(rows):
        if wrong := _wrong(rules, one):
            raise Refusal(f"未达账项第 {place + 1} 行：{wrong}", at=("items", place, "account"))
        key = one.account, one.side, one.number
        if key in seen:
            raise Refusal(f"未达账项第 {place + 1} 行：与前面的行相同", "items")
        seen.add(key)
    for account in sorted({one.account for one in rows}):
        _check_even(rules, account, lines, [one for one in rows if one.account == account])


def _wrong(rules: Rules, one: Outstanding) -> str:
    if one.account not in rules.accounts or one.account not in BANK_ACCOUNTS:
        return "请选择银行账户"
    if one.side == BANK:
        return "" if not one.number else "对账单余额不填号码"
    if not one.number:
        return "请填写银行流水号或原账凭证号"
    if one.day > rules.on:
        return f"日期晚于 {rules.on:%Y-%m-%d}，启用以后的不是启用前的未达账项"
    return "" if one.amount > 0 else "金额应大于零"


def _check_even(
    rules: Rules, account: str, lines: Iterable[OpeningLine], rows: Sequence[Outstanding]
) -> None:
    name = rules.name_of(account)
    bank = next((one.amount for one in rows if one.side == BANK), None)
    if bank is None:
        raise Refusal(f"{name}有未达账项，请填写启用日的银行对账单余额", "items")
    items = [one for one in rows if one.side != BANK]
    book = sum((one.debit - one.credit for one in lines if one.account == account), ZERO)
    book += sum((one.moved for one in items if one.is_bank), ZERO)
    bank += sum((one.moved for one in items if not one.is_bank), ZERO)
    if book != bank:
        raise Refusal(
            f"{name}：账面余额加减未达账项后为 {told(book)} 元，银行对账单余额加减后为"
            f" {told(bank)} 元，相差 {told(bank - book)} 元，请核对",
            "items",
        )
