"""The columns of each department's list. Pure."""

from lib.tables.layout import Column, Layout
from lib.tables.standing import MARK, STATE, words

NAME = Column("name", "姓名", ("人员姓名", "对象姓名", "死亡人员姓名", "职工姓名", "学生姓名"))
RESIDENT_ID = Column(
    "resident_id",
    "身份证号",
    ("身份证号码", "公民身份号码", "公民身份证号码", "证件号码", "身份证", "证件号"),
)
IDENTITY = Column(
    "identity",
    "身份",
    (
        "身份类别", "人员类别", "对象类别", "救助类型", "救助类别", "资助身份", "人员身份",
        "残疾等级", "监测对象类别", "优抚类别", "类别", "资助身份码", "身份码",
    ),
)  # fmt: skip
DEATH_DATE = Column("death_date", "死亡日期", ("死亡时间", "注销日期", "死亡年月日"), day=True)
INSURANCE = Column("insurance", "险种", ("险种类型", "参保险种", "保险类型"))
PLACE = Column("place", "参保地", ("参保区县", "参保统筹区", "统筹区", "参保机构", "经办机构"))
SINCE = Column("since", "参保日期", ("参保时间", "开始日期", "本次参保日期", "起始日期"), day=True)
COLUMNS = (NAME, RESIDENT_ID, IDENTITY, DEATH_DATE, INSURANCE, PLACE, SINCE, STATE, MARK)
# What a state says about somebody on a list: that he is on it, or that he was.
HOLDS = words(
    "正常 有效 在享 享受 享受中 正在享受 在保 保障中 在册 在读 在校 在籍 正常参保 参保 已参保",
    "参保缴费 正常缴费 在职 监测中 未消除 未消除风险 风险未消除 已审批 审批通过 已确认 新增 死亡",
    "已死亡 已注销 注销 发放 正常发放 启用",
)
VOID = words(
    "停保 已停保 取消 已取消 退出 已退出 停发 已停发 暂停 暂停享受 停止 终止 已终止 中断 中止",
    "中断缴费 暂停缴费 终止参保 停止参保 暂停参保 减员 休学 退学 毕业 已毕业 离校 转出 迁出 作废",
    "已作废 无效 失效 已失效 撤销 已撤销 已消除 已消除风险 风险已消除 未参保 审批未通过 不通过",
    "停用",
)
# On the list of deaths they say that the row is one; on the others that aid has ended.
GONE = words("死亡 已死亡 已注销 注销")

_BASE = ("name", "resident_id")
_REQUIRED = {
    "civil_affairs": (*_BASE, "identity"),
    "disabled": _BASE,
    "rural": (*_BASE, "identity"),
    "veterans": _BASE,
    "family_planning": _BASE,
    "students": _BASE,
    "deaths": (*_BASE, "death_date"),
    "employees": (*_BASE, "place"),
}
LAYOUTS = {
    kind: Layout(COLUMNS, required, many_sheets=True) for kind, required in _REQUIRED.items()
}
