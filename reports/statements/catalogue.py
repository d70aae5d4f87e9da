"""The statements, in the order of the list. To add one: its row here, and a test by hand."""

from funds.models import Book
from reports.statements import accounting, care, people
from reports.statements.asked import Statement

_RESIDENT, _AID = Book.FundType.RESIDENT, Book.FundType.ASSISTANCE

STATEMENTS: dict[str, Statement] = {
    one.code: one
    for one in (
        Statement(
            "balance-sheet",
            "资产负债表",
            accounting.tell_balance_sheet(_RESIDENT),
            "月末基金有多少、欠多少、结余多少",
            number="会社保01表",
            is_of_a_day=True,
        ),
        Statement(
            "income",
            "收支表",
            accounting.tell_income(_RESIDENT),
            "本月、本年累计的收入、支出和结余",
            number="会社保02表",
        ),
        Statement("budget", "基金收支月报", accounting.tell_budget, "各项收支执行到预算的几成"),
        Statement(
            "net-assets",
            "净资产变动表（2008 格式）",
            accounting.tell_net_assets,
            "一般统筹、风险、家庭账户基金各增减多少",
        ),
        Statement(
            "funding", "筹资与到位表", people.tell_funding, "个人缴费和各级补助应到多少、已到多少"
        ),
        Statement(
            "enrolled",
            "参合情况年报",
            people.tell_enrolled,
            "各乡镇应参、已参人数和参保率",
            unit="人",
            is_wide=True,
        ),
        Statement(
            "benefits",
            "补偿月报",
            care.tell_benefits,
            "补偿的人次、费用和金额，与上月、上年同期比",
            is_wide=True,
        ),
        Statement(
            "institutions",
            "机构监测表",
            care.tell_institutions,
            "各机构的人次、次均费用、目录外比、补偿比",
            is_wide=True,
        ),
        Statement(
            "three-layers",
            "三重保障表",
            care.tell_three_layers,
            "基本医保、大病保险、医疗救助各付多少",
            is_wide=True,
        ),
        Statement(
            "aid-balance-sheet",
            "医疗救助基金资产负债表",
            accounting.tell_balance_sheet(_AID),
            "救助基金月末有多少、欠多少、结余多少",
            fund_type=_AID,
            is_of_a_day=True,
        ),
        Statement(
            "aid-income",
            "医疗救助基金收支表",
            accounting.tell_income(_AID),
            "救助基金本月、本年累计的收支和结余",
            fund_type=_AID,
        ),
        Statement(
            "assistance", "医疗救助情况表", people.tell_assistance, "救助的人次、件数、金额和次均"
        ),
    )
}
