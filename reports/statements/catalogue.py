"""The statements, in the order of the list. To add one: its row here, and a test by hand."""

from funds.models import Book
from reports.statements import accounting, care, people
from reports.statements.asked import Statement

_RESIDENT, _AID = Book.FundType.RESIDENT, Book.FundType.ASSISTANCE

STATEMENTS: dict[str, Statement] = {
    one.code: one
    for one in (
        Statement(
            "balance-sheet", "资产负债表", accounting.tell_balance_sheet(_RESIDENT), "会社保01表"
        ),
        Statement("income", "收支表", accounting.tell_income(_RESIDENT), "会社保02表"),
        Statement("budget", "基金收支月报", accounting.tell_budget),
        Statement("net-assets", "净资产变动表（2008 格式）", accounting.tell_net_assets),
        Statement("funding", "筹资与到位表", people.tell_funding),
        Statement("enrolled", "参合情况年报", people.tell_enrolled, unit="人", is_wide=True),
        Statement("benefits", "补偿月报", care.tell_benefits, is_wide=True),
        Statement("institutions", "机构监测表", care.tell_institutions, is_wide=True),
        Statement("three-layers", "三重保障表", care.tell_three_layers, is_wide=True),
        Statement(
            "aid-balance-sheet",
            "医疗救助基金资产负债表",
            accounting.tell_balance_sheet(_AID),
            fund_type=_AID,
        ),
        Statement("aid-income", "医疗救助基金收支表", accounting.tell_income(_AID), fund_type=_AID),
        Statement("assistance", "医疗救助情况表", people.tell_assistance),
    )
}
