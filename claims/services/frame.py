"""The frame of every write of the room: one transaction, a lost race told as a refusal."""

from contextlib import _GeneratorContextManager

from accounts.transactions import one_transaction

# What a constraint says when another window was a moment earlier.
RACES = {
    "invoice_once": ("发票刚由另一窗口录入，不能重复报销，请查询后再办", ""),
    "visit_entered_once": (
        "这张单已经录入，没有重复结算，请到“结算查询”查看；确属另一次就诊，请点“换一位参保人”重新录入",
        "",
    ),
    "one_live_settlement_per_visit": ("这次就诊刚由另一窗口结算，请查询后再办", ""),
}


def all_or_nothing() -> _GeneratorContextManager[None]:
    """For `with` and as a decorator; see accounts.transactions."""
    return one_transaction(RACES)
