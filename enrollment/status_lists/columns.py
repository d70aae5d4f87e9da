"""The columns of each department's list. Pure."""

from lib.tables.layout import Column, Layout

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
DEATH_DATE = Column("death_date", "死亡日期", ("死亡时间", "注销日期", "死亡年月日"))
INSURANCE = Column("insurance", "险种", ("险种类型", "参保险种", "保险类型"))
PLACE = Column("place", "参保地", ("参保区县", "参保统筹区", "统筹区", "参保机构", "经办机构"))
SINCE = Column("since", "参保日期", ("参保时间", "开始日期", "本次参保日期", "起始日期"))
COLUMNS = (NAME, RESIDENT_ID, IDENTITY, DEATH_DATE, INSURANCE, PLACE, SINCE)

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
LAYOUTS = {kind: Layout(COLUMNS, required) for kind, required in _REQUIRED.items()}
