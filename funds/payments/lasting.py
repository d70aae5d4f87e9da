"""How long the fund can pay (可支付月数) once it has paid what it owes, and when it runs out if
the coming months are as the last twelve. Pure, in yuan; no norm's forecast, it is arithmetic."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from funds.named import FundPosition
from lib.periods import Month

YEAR = 12
TENTH = Decimal("0.1")
FAR = 60  # months: what lasts five years by this arithmetic is not told to the month


@dataclass(frozen=True)
class Lasting:
    """`owed`: approved or confirmed, and not paid; `left`: the balance without it."""

    balance: Decimal
    owed: Decimal
    income: Decimal
    expense: Decimal
    on: Month
    paid_months: int = YEAR

    @property
    def left(self) -> Decimal:
        return self.balance - self.owed

    @property
    def months(self) -> Decimal | None:
        """Months that what is left pays for, in tenths rounded down, by the months of the last
        year in which something was paid; None where nothing was spent."""
        if self.expense <= 0:
            return None
        months = max(self.left, Decimal(0)) * (self.paid_months or YEAR) / self.expense
        return months.quantize(TENTH, rounding=ROUND_DOWN)

    @property
    def deficit(self) -> Decimal:
        """What a month of the last year took more than came in; 0 where it did not."""
        return max(self.expense - self.income, Decimal(0)) / YEAR

    @property
    def runs_out(self) -> Month | None:
        """The month that cannot be paid whole any more; None where none is in sight."""
        if self.left < 0:
            return self.on
        if not self.deficit or (whole := int(self.left // self.deficit)) >= FAR:
            return None
        found = self.on
        for _ in range(whole + 1):
            found = found.next()
        return found


def lasting(position: FundPosition, owed: Decimal, on: Month) -> Lasting:
    """Of a fund's position on a day in the month."""
    return Lasting(position.balance, owed, position.income, position.expense, on, position.months)
