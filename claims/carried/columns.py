"""The columns of a file of usage."""

from claims.carried.accumulators import PERIODS
from lib.tables.layout import Column, Layout
from policies.terms import Terms

NAME = Column("name", "姓名", ("参保人", "人员姓名"), example="王建国")
NUMBER = Column(
    "number",
    "身份证号",
    ("身份证号码", "公民身份号码", "证件号码", "证件号"),
    example="500225197005010012",
)
ITEM = Column("item", "累计项目", ("项目", "累计名称"), example="年累计报销额")
PART = Column("part", "分项", ("机构编码", "类别"), note="只有分项计算的累计才填")
PERIOD = Column("period", "期间", ("月份", "日期"), note="只有按季、月、周、日计算的累计才填")
USED = Column("used", "已用", ("已用金额", "金额", "数额", "累计"), example="1280.00")
COLUMNS = (NAME, NUMBER, ITEM, PART, PERIOD, USED)
REQUIRED = ("name", "number", "item", "used")
# Four accumulators of a hundred thousand people, in an .xlsx or .csv of some 20 MB.
LAYOUT = Layout(COLUMNS, REQUIRED, max_rows=500_000, many_sheets=True)


def layout_for(terms: Terms) -> Layout:
    """The same with the accumulators of these measures as what may stand there."""
    names = "、".join(one.title for one in terms.counters.values())
    periods = "；".join(
        f"{one.title}：{PERIODS[one.period]}"
        for one in terms.counters.values()
        if one.period not in {"year", "life"}
    )
    first = next((one.title for one in terms.counters.values()), ITEM.example)
    noted = {
        "item": Column("item", ITEM.title, ITEM.others, example=first, note=names),
        "period": Column("period", PERIOD.title, PERIOD.others, note=periods or PERIOD.note),
    }
    return Layout(tuple(noted.get(one.name, one) for one in COLUMNS), REQUIRED)
