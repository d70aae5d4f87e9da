"""How large a fine may be, and how it is worked out. Pure; amounts in fen, factors in hundredths.

A fine goes to the treasury (条例 第四十四条: 罚款…上缴国库); nothing here knows a fund.
"""

from lib.money import half_up, to_yuan, told
from supervision.cases.causes import Cause


def multiple(fen: int, hundredths: int) -> int:
    """So many hundredths of an amount: 54,166.97 × 5 = 270,834.85; 1,819.25 × 30 % = 545.78."""
    return half_up(fen * hundredths, 100)


def fine_problem(cause: Cause, *, factor: int | None, fine: int, lighter: bool) -> str:
    """Why a fine is outside what the cause's article allows, in Chinese; "" when it is not.

    `lighter`: it is mitigated (行政处罚法 第三十二条 从轻或者减轻), and so may lie below the least.
    """
    if not cause.times and not cause.sums:
        return f"{cause.article} 没有规定罚款，请选“责令退回，不予罚款”" if fine else ""
    if cause.times:
        least, most = cause.times
        given, asked = factor or 0, f"{least / 100:g} 至 {most / 100:g} 倍"
    else:
        assert cause.sums
        least, most = cause.sums
        given = fine
        asked = f"{told(to_yuan(least))} 至 {told(to_yuan(most))} 元"
    if given > most:
        return f"罚款超过 {cause.article} 的幅度（{asked}），请改小"
    if given < least and not lighter:
        return f"罚款低于 {cause.article} 的幅度（{asked}）：减轻处罚的请写明理由"
    return ""
