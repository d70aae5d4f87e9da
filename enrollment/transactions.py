"""The frame of every write of the room: one transaction, a lost race told as a refusal."""

from contextlib import _GeneratorContextManager

from accounts.transactions import one_transaction

# What a unique constraint says when another window was a moment earlier.
RACES = {
    "resident_id_index": ("这个身份证号刚由另一窗口登记，请重新查询后再办", ""),
    "former_number": ("这个证件号码是另一人用过的号码，不能再登记，请核对证件", ""),
    "list_file_once": ("这份名单刚由别人上传，请刷新", "file"),
    "one_cover_per_person_and_year": ("成员刚由另一窗口办理了本年度参保，请重新查询后再办", ""),
    "slip_number_once": ("这个缴款单号已用过，请核对银行缴款单", "slip_number"),
    "receiptbook_code": ("这个票据本号已发放过，请核对", "code"),
    "transfer_receipted_once": ("这笔转账已开过收据，请核对流水号", "reference"),
    "day_closed_once": ("这一天刚在另一窗口日结，请刷新", "day"),
    "bank_serial_once": ("这份流水中有刚导入的流水号，请刷新后重新导入", "file"),
    "bank_statement_once": ("这份流水刚由别人导入，请刷新", "file"),
    "tax_file_once": ("这份文件刚由别人导入，请刷新", "file"),
    "tax_serial_once": ("这份文件中有刚导入的税票流水号，请刷新后重新导入", "file"),
    "sponsor_fund_once": ("这个资助方在该范围的资助资金已经登记", "name"),
    "sponsormoney_reference": ("这个银行流水号的资助款已经登记", "reference"),
    "one_live_refund": ("此人本年度的退费已经申请，请勿重复", "enrollment"),
    "campaign_once_a_year": ("这个年度的征缴已经设立", "year"),
}


def all_or_nothing() -> _GeneratorContextManager[None]:
    """For `with` and as a decorator; see accounts.transactions."""
    return one_transaction(RACES)
