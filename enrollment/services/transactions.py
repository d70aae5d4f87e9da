"""The frame of every write of the room: one transaction, a lost race told as a refusal."""

from contextlib import _GeneratorContextManager

from accounts.transactions import one_transaction

# What a unique constraint says when another window was a moment earlier.
RACES = {
    "resident_id_index": ("这个身份证号刚由另一窗口登记，请重新查询后再办", ""),
    "one_cover_per_person_and_year": ("成员刚由另一窗口办理了本年度参保，请重新查询后再办", ""),
    "slip_number_once": ("这个缴款单号已用过，请核对银行缴款单", "slip_number"),
    "receiptbook_code": ("这个票据本号已发放过，请核对", "code"),
    "campaign_once_a_year": ("这个年度的征缴已经设立", "year"),
}


def all_or_nothing() -> _GeneratorContextManager[None]:
    """For `with` and as a decorator; see accounts.transactions."""
    return one_transaction(RACES)
