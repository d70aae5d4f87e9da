"""Bank statement against what was handed in: pure. Amounts are fen, days are dates.

Every deposit and every line ends up matched or in a difference that says what is wrong.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lib.money import to_yuan, told

# A bank books a deposit on the day of the slip or, over a weekend, up to three days later.
GRACE = timedelta(days=3)

WRONG_AMOUNT = "wrong_amount"
DOUBLE = "double"
LOST_SLIP = "lost_slip"
AMBIGUOUS = "ambiguous"
NO_REMITTANCE = "no_remittance"
NO_DEPOSIT = "no_deposit"
OUTGOING = "outgoing"
TITLES = {
    WRONG_AMOUNT: "金额不符",
    DOUBLE: "重复存入",
    LOST_SLIP: "缴款单遗失",
    AMBIGUOUS: "多笔同额",
    NO_REMITTANCE: "有存款无缴存",
    NO_DEPOSIT: "有缴存无存款",
    OUTGOING: "支出待核对",
}


@dataclass(frozen=True)
class Deposit:
    """Money that ought to be on the statement.

    `key`: what a line would settle, as text, e.g. `remittance:12`; `paper`: what its number, the
    `slip`, stands on; `settled`: found before. `by_amount`: it may come without its number and is
    then known by amount and day (cash paid in at the counter).
    """

    key: str
    paper: str
    slip: str
    day: date
    amount: int
    who: str
    settled: bool = False
    by_amount: bool = False

    @property
    def label(self) -> str:
        return f"{self.who}{self.paper} {self.slip}（{self.day}，{told(to_yuan(self.amount))} 元）"


@dataclass(frozen=True)
class Line:
    """A movement on the statement that is not explained yet; out of the account is negative."""

    key: int
    serial: str
    day: date
    amount: int
    summary: str = ""

    @property
    def label(self) -> str:
        return f"流水 {self.serial}（{self.day}，{told(to_yuan(self.amount))} 元）"

    def names(self, slip: str) -> bool:
        """Whether serial or summary carries this number, not merely as a part of another."""
        pattern = rf"(?<![0-9A-Za-z]){re.escape(slip)}(?![0-9A-Za-z])"
        return bool(re.search(pattern, f"{self.serial} {self.summary}", re.IGNORECASE))


@dataclass(frozen=True)
class Takings:
    """Cash of a clerk that is not handed in: per day, amount and number of receipts."""

    who: str
    days: Sequence[tuple[date, int, int]]


@dataclass(frozen=True)
class Match:
    deposit: Deposit
    lines: tuple[Line, ...]
    how: str


@dataclass(frozen=True)
class Difference:
    """Something that does not add up. `amount`: fen that it is about."""

    kind: str
    amount: int
    message: str
    deposit: Deposit | None = None
    lines: tuple[Line, ...] = ()

    @property
    def title(self) -> str:
        return TITLES[self.kind]


@dataclass(frozen=True)
class Outcome:
    matches: tuple[Match, ...]
    differences: tuple[Difference, ...]


def match(
    deposits: Iterable[Deposit],
    lines: Iterable[Line],
    takings: Iterable[Takings],
    *,
    on: date,
    expected: str,
) -> Outcome:
    """Match by slip number first, then by amount and day; name everything that is left.

    `expected`: in words, what money in may be for.
    """
    work = _Work(list(deposits), list(lines), on, expected)
    work.by_slip()
    work.by_amount()
    work.name_lines(list(takings))
    work.name_deposits()
    return Outcome(tuple(work.matches), tuple(work.differences))


class _Work:
    """One run. `lines` and `open` shrink as they are dealt with."""

    def __init__(self, deposits: list[Deposit], lines: list[Line], on: date, expected: str) -> None:
        self.all, self.on, self.expected = deposits, on, expected
        self.open = [one for one in deposits if not one.settled]
        self.lines = lines
        self.matches: list[Match] = []
        self.differences: list[Difference] = []

    def _take(self, deposit: Deposit, lines: Sequence[Line], how: str) -> None:
        self.matches.append(Match(deposit, tuple(lines), how))
        self.open.remove(deposit)
        self._drop(lines)

    def _drop(self, lines: Iterable[Line]) -> None:
        gone = {line.key for line in lines}
        self.lines = [line for line in self.lines if line.key not in gone]

    def _differ(
        self,
        kind: str,
        amount: int,
        message: str,
        *,
        deposit: Deposit | None = None,
        lines: Sequence[Line] = (),
    ) -> None:
        self.differences.append(Difference(kind, amount, message, deposit, tuple(lines)))
        self._drop(lines)
        if deposit in self.open:
            self.open.remove(deposit)

    def by_slip(self) -> None:
        for deposit in self.all:
            named = [one for one in self.lines if one.amount > 0 and one.names(deposit.slip)]
            if not named:
                continue
            if deposit.settled:
                self._double(deposit, named)
            elif sum(line.amount for line in named) == deposit.amount:
                self._take(deposit, named, "单号、金额相符")
            else:
                self._unequal(deposit, named)

    def _unequal(self, deposit: Deposit, named: Sequence[Line]) -> None:
        exact = next((line for line in named if line.amount == deposit.amount), None)
        if exact is not None:
            self._take(deposit, [exact], "单号、金额相符")
            self._double(deposit, [line for line in named if line is not exact])
            return
        total = sum(line.amount for line in named)
        gap = total - deposit.amount
        self._differ(
            WRONG_AMOUNT,
            gap,
            f"{deposit.label}，银行到账 {told(to_yuan(total))} 元，"
            f"{'多' if gap > 0 else '少'}存 {told(to_yuan(abs(gap)))} 元",
            deposit=deposit,
            lines=named,
        )

    def _double(self, deposit: Deposit, lines: Sequence[Line]) -> None:
        for line in lines:
            self._differ(
                DOUBLE,
                line.amount,
                f"{deposit.label}已到账，{line.label}是同一单号的又一笔，多存 "
                f"{told(to_yuan(line.amount))} 元",
                lines=[line],
            )

    def by_amount(self) -> None:
        """Without a slip number on the statement: the only one of this amount in these days."""
        for deposit in [one for one in self.open if one.by_amount]:
            near = [line for line in self.lines if _fits(deposit, line)]
            rivals = [
                other
                for other in self.open
                if other.by_amount and any(_fits(other, line) for line in near)
            ]
            if len(near) == 1 and len(rivals) == 1:
                self._take(deposit, near, "金额、日期相符")
        self._ambiguous()

    def _ambiguous(self) -> None:
        for line in list(self.lines):
            rivals = [one for one in self.open if one.by_amount and _fits(one, line)]
            if not rivals:
                continue
            others = "、".join(one.label for one in rivals)
            self._differ(
                AMBIGUOUS,
                line.amount,
                f"{line.label}没有单号，同额的有：{others}，请凭缴款单逐笔核对",
                lines=[line],
            )

    def name_lines(self, takings: Sequence[Takings]) -> None:
        for line in list(self.lines):
            if line.amount < 0:
                self._differ(OUTGOING, line.amount, f"{line.label}是支出，请核对用途", lines=[line])
                continue
            lost = next((text for one in takings if (text := _lost_slip(line, one))), None)
            twin = next((one for one in self.all if _is_twin(one, line, self.matches)), None)
            wrong = [
                one
                for one in self.open
                if one.by_amount and one.who in line.summary and _near(one, line)
            ]
            if lost is not None:
                self._differ(LOST_SLIP, line.amount, lost, lines=[line])
            elif twin is not None:
                self._double(twin, [line])
            elif len(wrong) == 1:
                self._unequal(wrong[0], [line])
            else:
                self._differ(
                    NO_REMITTANCE,
                    line.amount,
                    f"{line.label}没有对应的{self.expected}，请查明存款人",
                    lines=[line],
                )

    def name_deposits(self) -> None:
        for deposit in list(self.open):
            days = (self.on - deposit.day).days
            self._differ(
                NO_DEPOSIT,
                deposit.amount,
                f"{deposit.label}银行流水中没有到账，已 {days} 天",
                deposit=deposit,
            )


def _near(deposit: Deposit, line: Line) -> bool:
    return deposit.day <= line.day <= deposit.day + GRACE


def _fits(deposit: Deposit, line: Line) -> bool:
    return line.amount == deposit.amount and _near(deposit, line)


def _is_twin(deposit: Deposit, line: Line, matches: Sequence[Match]) -> bool:
    """The same sum again from the same depositor, within the same days, though already there."""
    done = deposit.settled or any(one.deposit == deposit for one in matches)
    return done and deposit.by_amount and _fits(deposit, line) and deposit.who in line.summary


def _lost_slip(line: Line, takings: Takings) -> str | None:
    """The line is what a clerk had taken up to some day and never handed in a slip for."""
    total = count = 0
    for day, amount, number in takings.days:
        if day > line.day:
            return None
        total, count = total + amount, count + number
        if total == line.amount:
            return (
                f"{line.label}与{takings.who}自 {takings.days[0][0]} 至 {day} 未缴存的 {count} 张"
                f"收据合计相等，缴款单可能遗失，请补办缴存"
            )
    return None
