"""Columns that a layout does not know: told, and refused where they reverse a row. Pure.

A row that says 120.00 yuan and, in a column nobody reads, 已作废, is not a payment of 120.00.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

# Titles that only number the rows, or were put beside them by the portal's own verdict.
NOT_DATA = frozenset({"序号", "编号", "行", "户次", "工作表", "判定", "原因", "原因和办法"})
# A title that asks whether the row holds, or which way its money went.
ASKS = re.compile("状态|方向|借贷|收支|收付|正负|有效|标志|标识|是否.*(?:缴|退|作废|红冲)")
# A title that asks whether it does not: here a "否" is the good answer.
ASKS_AGAINST = re.compile("作废|红冲|冲红|冲正|撤销|注销|取消|退款|退费|退票|死亡|迁出")
NOT_ASKED = re.compile("婚姻|健康|就业|政治|文化|职业")
_WORDS = (
    "正常 有效 成功 已成功 交易成功 缴费成功 缴款成功 支付成功 已参保 参保 参保缴费 正常参保 在保"
    " 续保 新参保 已缴 已缴费 已缴款 缴费 缴款 已支付 到账 已到账 已入账 入账 收入 收 收款 贷 贷方"
    " 入 转入 c cr 正 正数 蓝字 蓝票 已开 已开具 开具 已开票 征收 正常征收 完成 已完成 已完税 办结"
    " 是 y yes 1 √ 在读 在籍 在校"
)
HOLDS = frozenset(_WORDS.split())
_DENIALS = "否 无 未 不是 n no 0 × x 未作废 未红冲 未冲正 正常 有效"
HOLDS_NOT_AGAINST = frozenset(_DENIALS.split())
REVERSES = re.compile(
    "作废|红冲|冲红|红字|冲正|冲销|撤销|撤回|注销|无效|失败|退款|退费|已退|退票|退汇|退保|停保"
    "|不参保|取消|死亡|去世|已故|病故|迁出"
)
# What says the contrary with the same words.
UNDONE = re.compile("未作废|未退|非作废|未死亡|未迁出|不退|无退")
NOTHING = re.compile(r"[-—/]|0\.0*")
# Values and rows that a refusal names.
ROWS_NAMED = 10


def reversal(title: str, value: str) -> bool:
    """Whether a cell of an unread column may reverse its row."""
    word = re.sub(r"[\s（()）。.]", "", value).lower()
    if not word or NOT_ASKED.search(title):
        return False
    if ASKS_AGAINST.search(title):
        return word not in HOLDS_NOT_AGAINST and not NOTHING.fullmatch(word)
    if REVERSES.search(UNDONE.sub("", word)):
        return True
    return bool(ASKS.search(title)) and word not in HOLDS


def said_reversals(found: Iterable[tuple[str, str, str]]) -> str:
    """The refusal of a file: (line, title, value) of every cell that may reverse its row."""
    cells: dict[tuple[str, str], list[str]] = {}
    for line, title, value in found:
        cells.setdefault((title, value[:20]), []).append(line)
    parts = []
    for (title, value), lines in cells.items():
        more = f" 等 {len(lines)} 行" if len(lines) > ROWS_NAMED else " 行"
        parts.append(f"第 {'、'.join(lines[:ROWS_NAMED])}{more}的“{title}”写着“{value}”")
    return (
        "；".join(parts) + "。系统不读这一列，照常读入可能把作废、退回的行当成有效：请删去这些行；"
        "确实有效的，清空这一列后再上传"
    )


def said_columns(unread: Mapping[int, str]) -> str:
    """The sentence about columns that hold something and are not read; "" without any."""
    titles = [
        f"“{title}”" if title else f"没有标题的第 {index + 1} 列"
        for index, title in sorted(unread.items())
        if title not in NOT_DATA
    ]
    return f"没有读入的列：{'、'.join(titles)}" if titles else ""


def said_rows(lines: Sequence[str]) -> str:
    """Lines, as many as one reads."""
    more = f" 等 {len(lines)} 行" if len(lines) > ROWS_NAMED else " 行"
    return f"第 {'、'.join(lines[:ROWS_NAMED])}{more}"
