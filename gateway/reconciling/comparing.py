"""Two lists of settlements compared, total by total and line by line. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal("0.00")
NO, YES = "0", "1"
EVEN, UNEVEN = "0", "1"
# Of a line: the dictionary of totals (stmt_rslt) knows 0 and 1 alone, the lines need two more.
CENTRE_MORE, INSTITUTION_MORE, DIFFERENT = "1", "2", "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One settlement, or the reversal of one (`reversal`), whose amounts are below zero; yuan.

    `msgid`: of the message that made it, "" where none did or it is not known: a hospital that
    never heard of it takes it back by this (2601).
    """

    setl_id: str
    mdtrt_id: str
    psn_no: str
    total: Decimal
    fund: Decimal
    account: Decimal
    reversal: bool
    cash: Decimal = ZERO
    clr_type: str = ""
    msgid: str = ""

    @property
    def refd_setl_flag(self) -> str:
        return YES if self.reversal else NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums in yuan and how many settlements they are of, reversals counted as well."""

    count: int
    total: Decimal
    fund: Decimal
    account: Decimal

    def told(self, whose: str, *, account: bool) -> str:
        held = f"，个人账户支付{self.account}" if account else ""
        return f"{whose}{self.count}笔，费用总额{self.total}，基金支付{self.fund}{held}"


def summed(lines: Iterable[Line]) -> Totals:
    rows = list(lines)
    return Totals(
        count=len(rows),
        total=sum((row.total for row in rows), ZERO),
        fund=sum((row.fund for row in rows), ZERO),
        account=sum((row.account for row in rows), ZERO),
    )


def compared(centre: Totals, institution: Totals) -> tuple[str, str]:
    """Even or not, and in which words both are told."""
    if centre == institution:
        return EVEN, "平"
    account = centre.account != institution.account
    told = (centre.told("中心", account=account), institution.told("机构", account=account))
    return UNEVEN, "；".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One line that is not the same on both sides; `line` as the centre has it, or the institution
    where the centre has none."""

    result: str
    line: Line
    memo: str


_NAMES: Mapping[str, str] = {
    "mdtrt_id": "就诊ID",
    "psn_no": "人员编号",
    "total": "费用总额",
    "fund": "基金支付",
    "account": "个人账户支付",
    "refd_setl_flag": "退费结算标志",
}


def differences(
    centre: Sequence[Line], institution: Sequence[Line], known: Mapping[str, str]
) -> list[Difference]:
    """What is not even, in the order of the centre, then of the institution's file.

    `known`: number of a settlement that the centre has and does not count → why.
    """
    ours = {row.setl_id: row for row in centre}
    theirs: dict[str, Line] = {}
    twice = []
    for row in institution:
        if row.setl_id in theirs:
            twice.append(row)
        theirs.setdefault(row.setl_id, row)
    found = []
    for setl_id, row in ours.items():
        other = theirs.get(setl_id)
        if other is None:
            memo = "机构没有这笔撤销" if row.reversal else "机构没有这笔结算"
            found.append(Difference(result=CENTRE_MORE, line=row, memo=memo))
        elif told := _told(row, other):
            found.append(Difference(result=DIFFERENT, line=row, memo=told))
    for setl_id, row in theirs.items():
        if setl_id not in ours:
            memo = known.get(setl_id, "中心没有这笔结算")
            found.append(Difference(result=INSTITUTION_MORE, line=row, memo=memo))
    found += [Difference(result=INSTITUTION_MORE, line=row, memo="文件中重复") for row in twice]
    return found


def _told(ours: Line, theirs: Line) -> str:
    """What differs, both sides named; "" where nothing does."""
    return "；".join(
        f"{title}：中心 {getattr(ours, name)}，机构 {getattr(theirs, name)}"
        for name, title in _NAMES.items()
        if getattr(ours, name) != getattr(theirs, name)
    )
