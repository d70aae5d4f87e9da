"""The columns of what a county brings from its old system, as old systems call them. Pure."""

from lib.tables.layout import Column, Layout

NAME = Column("name", "姓名", ("参保人姓名", "人员姓名"), example="张三")
NUMBER = Column(
    "number",
    "证件号码",
    ("身份证号", "身份证号码", "公民身份号码", "证件号"),
    example="11010519491231002X",
    note="与原个人编号至少填一个",
)
OLD = Column("old", "原个人编号", ("个人编号", "人员编号", "个人编码", "原系统个人编号"))

COVERS = Layout(
    (
        NAME,
        NUMBER,
        OLD,
        Column("year", "参保年度", ("年度", "参合年度"), example="2024"),
        Column("tier", "档次", ("缴费档次", "参保档次"), example="一档", note="办法只有一档的留空"),
        Column("paid", "缴费方式", ("缴费渠道",), example="现金", note="照原系统填写"),
        Column("premium", "个人缴费", ("个人缴费额", "缴费金额"), example="50.00"),
        Column(
            "status", "缴费身份", ("当时身份", "参保身份"), note="当时决定缴费的一种；普通居民留空"
        ),
        Column("first", "待遇起", ("享受起始日", "待遇开始日期"), day=True, note="整年的留空"),
        Column("last", "待遇止", ("享受截止日", "待遇结束日期"), day=True, note="整年的留空"),
        Column(
            "years", "连续参保年数", ("连续年数", "连续缴费年数"),
            note="到这一年为止；留空的按转入的各年度推算",
        ),
        Column("free", "零报销", ("当年零报销", "是否零报销"), note="是、否；不清楚的留空"),
    ),
    required=("name", "year", "premium"),
)  # fmt: skip
STATUSES = Layout(
    (
        NAME,
        NUMBER,
        OLD,
        Column("status", "人员身份", ("身份", "身份类别"), example="低保"),
        Column("first", "起始日期", ("认定日期", "身份起"), day=True, example="2024-01-01"),
        Column("last", "截止日期", ("身份止",), day=True, note="现在仍有的留空"),
        Column("source", "来源", ("认定部门", "来源部门"), example="民政局"),
        Column("paper", "依据", ("文号", "批次", "名单批次"), example="2025年12月名单"),
    ),
    required=("name", "status", "first", "source", "paper"),
)
ACCOUNTS = Layout(
    (
        Column("old", "原户号", ("原系统户号", "户号", "家庭编号"), example="0800123"),
        Column("household", "户编号", ("新户编号",), note="与原户号至少填一个"),
        Column("head", "户主姓名", ("户主",), example="张三"),
        Column("balance", "余额", ("账户余额", "家庭账户余额"), example="120.50"),
    ),
    required=("head", "balance"),
)
