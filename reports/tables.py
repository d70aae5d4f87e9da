"""The columns of the report's tables, each stated once: key in the figures, title, unit, formula.

The figures hold what the formulas say, the page and the workbook show these columns in this order.
To add a column: its row here, and a test of its figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from reports.indicators import Activity, growth, quotient, ratio
from reports.material import yuan

F = TypeVar("F")
Unit = Literal["code", "text", "count", "yuan", "ratio", "hundredth"]


@dataclass(frozen=True, slots=True)
class Column(Generic[F]):
    """One column of a table over facts `F`: counts, fen, or 1/10000; codes and names are text."""

    key: str
    title: str
    unit: Unit
    formula: Callable[[F], str | int | None]
    on_page: bool = True


def row_of(columns: Sequence[Column[F]], facts: F) -> dict[str, Any]:
    """The row as the figures keep it: amounts as text in yuan, the rest as it is."""
    row = {}
    for column in columns:
        value = column.formula(facts)
        is_amount = column.unit in {"yuan", "hundredth"}
        row[column.key] = yuan(value) if is_amount and isinstance(value, int) else value
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What happened in one group (level, kind of care) in one period."""

    done: Activity
    persons: int


PERFORMANCE: tuple[Column[Performance], ...] = (
    Column("visits", "人次", "count", lambda f: f.done.visits),
    Column("persons", "人数", "count", lambda f: f.persons),
    Column("cost", "总费用", "yuan", lambda f: f.done.cost),
    Column("in_scope", "政策范围内费用", "yuan", lambda f: f.done.in_scope),
    Column("paid", "基金支付", "yuan", lambda f: f.done.paid),
    Column("average_cost", "次均费用", "yuan", lambda f: quotient(f.done.cost, f.done.visits)),
    Column("average_paid", "次均补偿", "yuan", lambda f: quotient(f.done.paid, f.done.compensated)),
    Column("actual_ratio", "实际补偿比", "ratio", lambda f: ratio(f.done.paid, f.done.cost)),
    Column(
        "in_scope_ratio", "政策范围内补偿比", "ratio", lambda f: ratio(f.done.paid, f.done.in_scope)
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Township:
    """A township's year so far. `spent`: fen paid out this year, `spent_month` this month, both
    without premiums that went back, which use up nothing; `quota`: what it may use, None where
    nothing was shared out; `overspend` likewise: of all, what each has overspent, as one does not
    stand in for another (大足办法第二十六条(三))."""

    code: str
    name: str
    eligible: int
    enrolled: int
    beneficiaries: int
    done: Activity
    stays: Activity
    spent_month: int
    spent: int
    quota: int | None
    overspend: int | None


TOWNSHIPS: tuple[Column[Township], ...] = (
    Column("code", "代码", "code", lambda f: f.code, on_page=False),
    Column("name", "乡镇", "text", lambda f: f.name),
    Column("eligible", "应参人数", "count", lambda f: f.eligible),
    Column("enrolled", "参保人数", "count", lambda f: f.enrolled),
    Column("rate", "参保率", "ratio", lambda f: ratio(f.enrolled, f.eligible)),
    Column("visits", "就诊人次", "count", lambda f: f.done.visits),
    Column("stays", "住院人次", "count", lambda f: f.stays.visits),
    Column("cost", "总费用", "yuan", lambda f: f.done.cost),
    Column(
        "average_stay_cost",
        "次均住院费用",
        "yuan",
        lambda f: quotient(f.stays.cost, f.stays.visits),
    ),
    Column("settled", "结算基金支付", "yuan", lambda f: f.done.paid, on_page=False),
    Column("actual_ratio", "实际补偿比", "ratio", lambda f: ratio(f.done.paid, f.done.cost)),
    Column("beneficiary_rate", "受益面", "ratio", lambda f: ratio(f.beneficiaries, f.enrolled)),
    Column("spent_month", "本月支出", "yuan", lambda f: f.spent_month),
    Column("spent", "本年支出", "yuan", lambda f: f.spent),
    Column("quota", "参考额度", "yuan", lambda f: f.quota),
    Column(
        "use_rate",
        "额度使用率",
        "ratio",
        lambda f: None if f.quota is None else ratio(f.spent, f.quota),
    ),
    Column("overspend", "超支额", "yuan", lambda f: f.overspend),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One institution, tier, identity or disease: its month, its year, and the month a year ago;
    `last_year` is None where there are no accounts of it. `stays`: the year's stays in hospital."""

    code: str
    name: str
    month: Activity
    year: Activity
    last_year: Activity | None
    stays: Activity


COMPARED: tuple[Column[Comparison], ...] = (
    Column("code", "代码", "code", lambda f: f.code, on_page=False),
    Column("name", "名称", "text", lambda f: f.name),
    Column("visits_month", "本月人次", "count", lambda f: f.month.visits),
    Column("cost_month", "本月费用", "yuan", lambda f: f.month.cost),
    Column("paid_month", "本月基金支付", "yuan", lambda f: f.month.paid),
    Column(
        "paid_last_year",
        "上年同月支付",
        "yuan",
        lambda f: None if f.last_year is None else f.last_year.paid,
    ),
    Column(
        "growth",
        "同比",
        "ratio",
        lambda f: None if f.last_year is None else growth(f.month.paid, f.last_year.paid),
    ),
    Column("visits", "本年人次", "count", lambda f: f.year.visits),
    Column("stays", "其中住院", "count", lambda f: f.stays.visits),
    Column("cost", "本年费用", "yuan", lambda f: f.year.cost),
    Column("paid", "本年基金支付", "yuan", lambda f: f.year.paid),
    Column("serious", "其中大病", "yuan", lambda f: f.year.serious, on_page=False),
    Column("assistance", "其中救助", "yuan", lambda f: f.year.assistance, on_page=False),
    Column(
        "average_stay_cost",
        "次均住院费用",
        "yuan",
        lambda f: quotient(f.stays.cost, f.stays.visits),
    ),
    Column(
        "average_stay",
        "次均住院日",
        "hundredth",
        lambda f: quotient(f.stays.days, f.stays.visits, 100),
    ),
    Column(
        "off_catalogue", "目录外占比", "ratio", lambda f: ratio(f.year.off_catalogue, f.year.cost)
    ),
    Column("actual_ratio", "实际补偿比", "ratio", lambda f: ratio(f.year.paid, f.year.cost)),
)
