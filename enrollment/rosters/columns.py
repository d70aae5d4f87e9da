"""The columns of a register: what they are called by townships. Pure."""

from dataclasses import replace

from lib.tables.layout import Column, Layout

_COLUMNS = (
    Column("village", "村", ("村组", "村名", "行政村", "所在村", "村社区", "村居", "社区")),
    Column("group", "组", ("村民小组", "组别", "小组", "社", "组社")),
    Column("household_number", "户编号", ("户号", "家庭编号", "家庭编码", "医疗证号")),
    Column("household_key", "户序号", ("家庭序号", "户次", "新户序号")),
    Column("head_name", "户主姓名", ("户主", "户主名字")),
    Column("name", "姓名", ("参保人姓名", "成员姓名", "参合人姓名", "参保人")),
    Column(
        "resident_id",
        "身份证号",
        ("身份证号码", "公民身份号码", "公民身份证号码", "证件号码", "身份证", "证件号"),
    ),
    Column("relationship", "与户主关系", ("家庭关系", "关系", "与户主的关系", "户主关系")),
    Column("sex", "性别"),
    Column("birth_date", "出生日期", ("出生年月日", "出生年月", "生日"), day=True),
    Column("residence", "户籍", ("户口性质", "户籍性质", "户口类别", "户籍类别")),
    Column("statuses", "人员身份", ("身份", "身份类别", "人员类别", "特殊人群", "参保身份")),
    Column("tier", "缴费档次", ("档次", "参保档次", "缴费标准")),
    Column("joins", "是否参保", ("参保", "是否参合", "参合", "缴费情况")),
    Column("amount", "个人缴费", ("缴费金额", "金额", "个人缴费额", "缴费额", "实缴金额")),
    Column("receipt_book", "票据本号", ("收据本号", "票据本")),
    Column("receipt_number", "票号", ("票据号", "收据号", "票据号码", "收据号码")),
    Column("phone", "联系电话", ("电话", "手机", "手机号", "手机号码", "电话号码")),
    Column("address", "住址", ("家庭住址", "地址", "家庭地址", "详细地址")),
    Column("old_household", "原系统户号", ("原户号", "原家庭编号", "原户编号")),
    Column("old_person", "原个人编号", ("原系统个人编号", "个人编号", "人员编号", "个人编码")),
    Column("bank_account", "银行账号", ("银行卡号", "账号", "银行账户")),
    Column("bank_account_name", "开户人", ("户名", "开户名", "账户名")),
)
_EXAMPLES = {
    "village": "桥亭村", "group": "一组", "household_key": "1", "name": "张三",
    "resident_id": "11010519491231002X", "relationship": "户主", "residence": "农村户籍",
    "tier": "二档", "joins": "是", "phone": "13800000000",
}  # fmt: skip
_NOTES = {
    "household_number": "老户的 16 位编号；新户留空，填户序号",
    "household_key": "新户每户一个号，同户各行相同",
    "relationship": "户主、配偶、子、女、儿媳、女婿、孙辈、父母、祖父母、兄弟姐妹、其他",
    "residence": "农村户籍、城镇户籍、外县籍",
    "joins": "是、否",
    "receipt_number": "一户一张；没有开票的留空",
    "old_household": "原系统转入时填写；以后凭它能查到本户",
    "old_person": "原系统转入时填写；以后凭它能查到本人",
}
COLUMNS = tuple(
    replace(one, example=_EXAMPLES.get(one.name, ""), note=_NOTES.get(one.name, ""))
    for one in _COLUMNS
)
REGISTER = Layout(COLUMNS, required=("name", "resident_id", "relationship"), many_sheets=True)
NAMES, TITLES = REGISTER.names, REGISTER.titles
