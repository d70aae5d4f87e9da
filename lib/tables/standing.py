"""Columns that turn a row's meaning round: a state (已作废), a mark (是否冲正), a way (借/贷).

A table that has such a column says with it that a row does not hold, or that money went the other
way. Whoever reads past it collects what was never paid. So every layout of money or people takes
STANDING among its columns; a word that is not known here refuses the row by its column's name.
Pure.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from lib.tables.layout import Column
from lib.tables.reading import Row
from lib.typed_text import plain

T = TypeVar("T")

# Columns that speak of a person's life and of no row's validity.
_OF_LIFE = r"(?!.*(婚姻|健康|就业|政治|户籍|居住|身体|劳动|生存|残疾))"
STATE = Column("state", "状态", like=_OF_LIFE + r".*状态.*")
MARK = Column(
    "mark",
    "作废（冲正）标志",
    like=r"(是否.*|.*)(作废|冲正|红字|红冲|冲红|冲销|退费|退款|退库|撤销|停保)(标志|标识|标记|否|与否)?",
)
_WAY = r"(方向|借贷标志|收支标志|收付标志|借贷标识|收支标识|借或贷|借贷|收支|收支类型|来往账标志)"
DIRECTION = Column("direction", "收支方向", like=r"(借贷|收支|收付|资金|交易|发生|记账)?" + _WAY)
BUSINESS = Column(
    "business", "业务类型", like=r"(业务|交易|缴费|征收|记账|票据)(类型|类别|种类|性质)"
)
STANDING = (STATE, MARK, BUSINESS)
TITLES = {column.name: column.title for column in (*STANDING, DIRECTION)}


class Standing(Enum):
    HOLDS = "holds"
    VOID = "void"


def words(*lines: str) -> frozenset[str]:
    """A vocabulary, its words set apart by blanks."""
    return frozenset(" ".join(lines).split())


_HOLDS = words(
    "正常 有效 成功 交易成功 缴费成功 支付成功 扣款成功 已缴费 已缴 已缴纳 缴费 正常缴费 已支付",
    "已入库 入库 已开具 已开票 已记账 已入账 入账 已到账 已完成 完成 已确认 已核销 已对账 已生效",
    "已申报 征收 正常征收 代收 收款 收费 已收 转账 汇款 蓝字 正票 已打印 已销号 已上解",
)
_VOID = words(
    "已作废 作废 废票 无效 已冲正 冲正 被冲正 已冲销 冲销 红字 红票 红冲 已红冲 被红冲 冲红 已冲红",
    "已退费 退费 已退款 退款 已退库 退库 已撤销 撤销 已撤回 撤回 已取消 取消 失败 交易失败",
    "缴费失败 支付失败 扣款失败 未成功 未缴费 未缴 待缴费 未支付 未入库 已关闭 抹账 已抹账",
)
_YES = words("是 y yes true 1 √ ✓ ✔ 已")
_NO = words("否 n no false 0 × x 未 无 -")


def standing(
    cells: Mapping[str, str], *, holds: frozenset[str] = _HOLDS, void: frozenset[str] = _VOID
) -> tuple[Standing, str]:
    """Whether a row holds, and by which words it does not: `作废（冲正）标志为“是”`.

    `holds` and `void`: the words of a kind of table, where they differ from money's.
    Raises ValueError with the words that are not understood.
    """
    told = ""
    for name in ("state", "mark", "business"):
        word = plain(cells.get(name, ""))
        if not word:
            continue
        said = f"“{TITLES[name]}”为“{cells[name]}”"
        if name == "mark" and word in _NO | holds:
            continue
        if word in void or (name == "mark" and word in _YES):
            told = told or said
        elif word not in holds:
            raise ValueError(f"{said}，看不懂这一行是否有效")
    return (Standing.VOID, told) if told else (Standing.HOLDS, "")


@dataclass(frozen=True)
class SortedOut(Generic[T]):
    """The rows of a table of money: understood, void by their own words, and what is wrong."""

    taken: list[T]
    void: list[dict[str, Any]]
    problems: list[str]


def sort_out(
    rows: Iterable[Row],
    understand: Callable[[Row], T | str],
    *,
    key: Callable[[T], Hashable],
    twice: str,
    void: frozenset[str] = _VOID,
    beside: Callable[[Row], dict[str, Any]] = lambda row: {},
) -> SortedOut[T]:
    """`understand`: the row, or the words of what is wrong with it. No two rows may have one `key`:
    `twice` says so with the line of the first. `beside`: what else is kept of a void row."""
    found = SortedOut[T]([], [], [])
    seen: dict[Hashable, int] = {}
    for row in rows:
        try:
            holds, said = standing(row.cells, void=void)
        except ValueError as error:
            found.problems.append(f"第 {row.line} 行{error}")
            continue
        if holds is Standing.VOID:
            found.void.append({"line": row.line, **beside(row), "said": said})
            continue
        one = understand(row)
        if isinstance(one, str):
            found.problems.append(f"第 {row.line} 行{one}")
        elif key(one) in seen:
            found.problems.append(f"第 {row.line} 行{twice.format(seen[key(one)])}")
        else:
            seen[key(one)] = row.line
            found.taken.append(one)
    return found


_IN = words("收 收入 贷 贷方 贷记 进 进账 入 入账 存 存入 来账 转入 c cr credit +")
_OUT = words("支 支出 付 付款 借 借方 借记 出 出账 取 支取 往账 转出 d dr debit -")


def direction(word: str) -> int | None:
    """1 for money in, -1 for money out, 0 for an empty cell; None when it is not understood.

    As a bank writes for the holder of an account: 贷 is money in, 借 money out.
    """
    word = plain(word)
    return 0 if not word else 1 if word in _IN else -1 if word in _OUT else None
