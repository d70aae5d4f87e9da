"""The columns of a file of old settlements: those that every county has, and beside them the
classes of the bill and the layers of payment by the names of its own measures."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from lib.tables.layout import NOISE, Column, Layout
from lib.tables.standing import STATE
from policies.terms import Terms

NUMBER = Column("number", "原结算单号", ("结算单号", "补偿单号", "单据号"), example="JS2026000123")
NAME = Column("name", "姓名", ("参保人", "患者姓名"), example="王建国")
RESIDENT = Column(
    "resident_id", "身份证号", ("身份证号码", "证件号码"), example="500225197005010012"
)
CODED = {  # column of the file → dimension of the measures
    "care": "care", "level": "level", "place": "place", "referral": "referral", "tier": "tier",
    "diseases": "disease", "facts": "fact", "statuses": "status",
}  # fmt: skip
FIXED = (
    NUMBER,
    NAME,
    RESIDENT,
    Column("institution_code", "机构编码", ("医疗机构编码",)),
    Column("institution", "就诊机构", ("医疗机构", "机构名称", "医院"), example="县人民医院"),
    Column("level", "机构级别", ("医院级别", "级别")),
    Column("place", "就医地"),
    Column("care", "就医类别", ("医疗类别", "补偿类别"), example="住院"),
    Column("referral", "转诊", ("转诊类型",)),
    Column("starts", "入院日期", ("就诊日期",), day=True, example="2026-03-01"),
    Column("ends", "出院日期", day=True, example="2026-03-09"),
    Column("settled_on", "结算日期", ("补偿日期", "报销日期"), day=True, example="2026-03-10"),
    Column("diagnosis", "诊断", ("疾病诊断", "出院诊断")),
    Column("diseases", "病种", note="办法列出的病种，几种用顿号分开"),
    Column("facts", "认定事项", note="办法所列的事项，几项用顿号分开"),
    Column("statuses", "待遇身份", ("人员身份", "救助身份"), note="原系统结算时按的身份"),
    Column("tier", "档次", ("参保档次",)),
    Column("stay", "住院次序", ("第几次住院",), note="原系统按第几次住院结算"),
    Column("invoice", "发票号", ("票据号", "发票号码")),
    STATE,
    Column("total", "总费用", ("医疗费总额", "费用总额"), example="8600.00"),
    Column(
        "cut",
        "核减超限价",
        ("核减金额", "超限价金额", "剔除金额"),
        note="各类费用以外，审核核减、超过限价而由个人负担的部分",
    ),
    Column("in_scope", "符合范围金额", ("保内费用", "可报销费用", "合规费用")),
    Column("deductible", "起付线", ("起付金额",)),
    Column("ratio", "报销比例", ("补偿比例", "支付比例"), note="如 70% 或 70"),
    Column("fund", "基金支付", ("补偿金额", "统筹支付", "报销金额"), example="4200.00"),
    Column("account", "家庭账户支付", ("账户支付",)),
    Column("credit", "记账抵付"),
    Column("cash", "个人现金", ("个人自付", "现金支付")),
)
REQUIRED = (
    *("number", "name", "resident_id", "institution", "care", "starts", "settled_on", "total"),
    "fund",
)
BILL, LAYER = "bill:", "layer:"
BRACKETS = re.compile(r"[（）()【】\[\]\s*＊:：、/\\]+")
MAX_BYTES = 60 * 1024 * 1024


def old_layout(terms: Terms) -> Layout:
    """The table as these measures name its classes and layers: 费用… and 支付…."""
    classes = {code: rule.name for code, rule in terms.bill.classes.items()}
    more = [
        Column(f"{prefix}{code}", title)
        for prefix, said, names in ((BILL, "费用", classes), (LAYER, "支付", terms.layer_names))
        for code, title in _titles(said, names).items()
    ]
    columns = [*(_noted(one, terms) for one in FIXED), *more]
    return Layout(tuple(columns), REQUIRED, max_rows=200_000, max_bytes=MAX_BYTES)


def _titles(said: str, names: Mapping[str, str]) -> dict[str, str]:
    """Titles as a header is compared: what stands in brackets only where two are alike else."""
    short = {code: NOISE.sub("", said + name) for code, name in names.items()}
    alike = Counter(short.values())
    return {
        code: title if alike[title] == 1 else BRACKETS.sub("", said + names[code])
        for code, title in short.items()
    }


def _noted(column: Column, terms: Terms) -> Column:
    dimension = CODED.get(column.name)
    if dimension is None:
        return column
    names = "、".join(terms.vocabulary.get(dimension, {}).values())
    example = column.example or ""
    return replace(column, note=names[:300] or column.note, example=example)
