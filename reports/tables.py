"""The columns of the report's tables, each stated once: key in the figures, title, unit, formula.

The figures hold what the formulas say, the page and the workbook show these columns in this order.
To add a column: its row here, and a test of its figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from reports.indicators import Activity, quota_overspend, quotient, ratio
from reports.material import yuan

F = TypeVar("F")
Unit = Literal["code", "text", "count", "yuan", "ratio"]
IN_TITLES: dict[Unit, str] = {"yuan": "(元)", "ratio": "(%)"}


@dataclass(frozen=True, slots=True)
class Column(Generic[F]):
    """One column of a table over facts `F`: counts, fen, or 1/10000; codes and names are text."""

    key: str
    title: str
    unit: Unit
    formula: Callable[[F], str | int | None]
    on_page: bool = True

    @property
    def heading(self) -> str:
        """The title with its unit, where a figure stands without one."""
        return self.title + IN_TITLES.get(self.unit, "")

    @property
    def is_figure(self) -> bool:
        return self.unit in {"count", "yuan", "ratio"}


def row_of(columns: Sequence[Column[F]], facts: F) -> dict[str, Any]:
    """The row as the figures keep it: amounts as text in yuan, the rest as it is."""
    row = {}
    for column in columns:
        value = column.formula(facts)
        row[column.key] = yuan(value) if isinstance(value, int) and column.unit == "yuan" else value
    return row


def on_page(columns: Sequence[Column[F]]) -> list[Column[F]]:
    return [column for column in columns if column.on_page]


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
    """A township's year so far. `spent`: fen paid out this year, `spent_month` this month;
    `quota`: what it may use, None where nothing was shared out."""

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
    Column(
        "overspend",
        "超支额",
        "yuan",
        lambda f: None if f.quota is None else quota_overspend(f.spent, f.quota),
    ),
)
