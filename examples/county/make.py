"""The files of 石桥县, an invented county that moves in on 1 July 2026: python make.py [folder]

Written once and kept, so that a county can look at them and the tests read them; what they come to
is worked out by hand in README.md. Nothing here is random. COUNTY_YEAR=2030 in the environment
moves everything to that year, for who plays the county then.
"""

import csv
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
PACK = HERE.parents[1] / "policies" / "packs" / "dazu.yaml"
COUNTY = "510199"
YEAR = int(os.environ.get("COUNTY_YEAR", "2026"))
TOWNS = {"510199101": "青石镇", "510199102": "白沙乡"}
VILLAGES = {
    "510199101201": "青石镇高桥村", "510199101202": "青石镇柳树村", "510199101203": "青石镇河湾村",
    "510199102201": "白沙乡石门村", "510199102202": "白沙乡竹林村",
}  # fmt: skip
# Twelve households a village, 34 people: 0 is 五保, 2 is 低保, 5 missed last year, 9 left this
# year, 7 has a child of last March.
SIZES = (1, 3, 4, 2, 3, 4, 2, 5, 3, 1, 4, 2)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫"
GIVEN = ("建国", "秀英", "小军", "小芳", "玉珍")
HOSPITAL = "H51019900001"
PREMIUMS = {YEAR - 2: 40, YEAR - 1: 50, YEAR: 60}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
NEWBORN = f"{YEAR - 1}0315"


def resident_id(born: str, serial: int, *, male: bool) -> str:
    """A valid number (GB 11643) that nobody bears: the county's code is not given out."""
    body = f"{COUNTY}{born}{2 * serial + (1 if male else 0):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


class Person:
    def __init__(self, village: int, home: int, place: int) -> None:
        self.home, self.place = home, place
        self.male = place in {0, 2}
        self.relation = ("户主", "配偶", "子", "女", "母亲")[place]
        surname = SURNAMES[home] if place != 1 else SURNAMES[(home + 5) % 12]
        self.name = surname + GIVEN[place] if place else surname + "建国"
        year = (1970, 1972, 1998, 2001, 1946)[place] + home % 5
        self.born = f"{year}{1 + (home + place) % 12:02d}{10 + village:02d}"
        if home == 7 and place == 3:
            self.born, self.relation = NEWBORN, "孙女"
        serial = 200 + village if self.born == NEWBORN else 10 * home + place
        self.number = resident_id(self.born, serial, male=self.male)
        self.old = f"P{village}{home:02d}{place}"
        self.old_home = f"A{village}{home:02d}"

    def covered(self, year: int) -> bool:
        if self.home == 5 and year == YEAR - 1:
            return False
        if self.home == 9 and year == YEAR:
            return False
        return int(self.born[:4]) <= year


PEOPLE = {
    code: [Person(at, home, place) for home, size in enumerate(SIZES) for place in range(size)]
    for at, code in enumerate(VILLAGES)
}


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (FOLDER / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def measures() -> None:
    """A shipped county's, with the name of this one: what a county begins with and then edits."""
    text = PACK.read_text(encoding="utf-8")
    for was, now in (
        ('area: {code: "500225", name: 大足县}', f'area: {{code: "{COUNTY}", name: 石桥县}}'),
        ("title: 大足县", "title: 石桥县"),
    ):
        assert was in text
        text = text.replace(was, now)
    (FOLDER / "02-办法.yaml").write_text(text, encoding="utf-8")


def places() -> None:
    codes = {COUNTY: "石桥县"} | TOWNS | VILLAGES
    write("01-区划", ["区划代码", "名称"], codes.items())
    write(
        "02-用户",
        ["用户名", "姓名", "角色", "所属代码", "同名说明"],
        [
            ["qingshi", "唐小雨", "乡镇经办", "510199101", ""],
            ["baisha", "向阳", "乡镇经办", "510199102", ""],
            ["chushen", "叶登高", "初审", COUNTY, ""],
            ["fuhe", "石敢当", "复核", COUNTY, ""],
            ["kuaiji", "钟会平", "会计", COUNTY, ""],
            ["jizhang", "贺清", "会计", COUNTY, ""],
            ["chuna", "白小银", "出纳", COUNTY, ""],
            ["jianguan", "严明", "基金监管", COUNTY, ""],
            ["shenji", "沈清源", "审计", COUNTY, ""],
            ["yiyuan", "韩梅", "定点机构", HOSPITAL, ""],
        ],
    )


def institutions() -> None:
    names = {
        HOSPITAL: ("石桥县人民医院", "县级医院", COUNTY, "200"),
        "H51019900101": ("青石镇卫生院", "乡镇(社区)卫生院", "510199101", "30"),
        "H51019900201": ("白沙乡卫生院", "乡镇(社区)卫生院", "510199102", "20"),
    }
    write(
        "03-机构",
        ["机构代码", "名称", "级别", "类别", "所在区划代码", "执业中", "核定床位"],
        [[code, name, level, "综合", place, "是", beds]
         for code, (name, level, place, beds) in names.items()],
    )  # fmt: skip
    write(
        "04-协议",
        ["协议编号", "机构代码", "起始日期", "截止日期", "状态"],
        [[f"SQ-{year}-{code[-3:]}", code, f"{year}-01-01", f"{year}-12-31", "有效"]
         for code in names for year in PREMIUMS],
    )  # fmt: skip
    doctors = ("白芷", "黄连", "杜仲", "连翘", "苏木", "石斛")
    write(
        "05-医师",
        ["医师代码", "姓名", "机构代码", "职称"],
        [[f"D5101990{at:04d}", name, [*names][at // 2], "主治医师"]
         for at, name in enumerate(doctors)],
    )  # fmt: skip


def catalogue() -> None:
    """Forty items; the first ten cost another price until the end of last year."""
    kinds = (
        ("药品", "西药费", "盒", "片剂"), ("药品", "中成药费", "盒", "颗粒"),
        ("诊疗", "检查费", "次", "检查"), ("设施", "床位费", "日", "床位"),
    )  # fmt: skip
    rows = []
    for at in range(40):
        which, category, unit, word = kinds[at // 10]
        head = [f"SQ{at:03d}", f"{SURNAMES[at % 12]}氏{word}{at % 10 + 1}号", which, category]
        head += ["甲类" if at % 2 == 0 else "乙类", unit]
        marks = ["否", "是" if which == "药品" else "否", "否", ""]
        if at < 10:
            rows.append([*head, f"{at + 6}.00", *marks, f"{YEAR - 2}-01-01", f"{YEAR - 1}-12-31"])
        first = f"{YEAR if at < 10 else YEAR - 2}-01-01"
        rows.append([*head, f"{at + 5}.00", *marks, first, ""])
    header = ["编码", "名称", "目录", "费用类别", "支付类别", "单位", "限价", "中医药", "基本药物",
              "抗菌药物", "产地", "启用日期", "停用日期"]  # fmt: skip
    write("06-目录沿革", header, rows)


def rosters() -> None:
    header = ["村", "户主姓名", "姓名", "身份证号", "与户主关系", "户籍", "联系电话", "住址",
              "原系统户号", "原个人编号", "银行账号", "开户人"]  # fmt: skip
    for town, name in TOWNS.items():
        rows = []
        for code, people in PEOPLE.items():
            if not code.startswith(town):
                continue
            village = VILLAGES[code].removeprefix(name)
            heads = {one.home: one.name for one in people if one.place == 0}
            for one in people:
                first = one.place == 0
                phone = f"139{code[-6:]}{one.home:02d}" if first else ""
                account = f"6222{code[-6:]}{one.home:04d}" if first else ""
                rows.append([
                    village, heads[one.home] if first else "", one.name, one.number, one.relation,
                    "农村户籍", phone, f"{village}{one.home + 1}号" if first else "",
                    one.old_home, one.old, account, one.name if first else "",
                ])  # fmt: skip
        write(f"07-名册-{name}", header, rows)


def covers() -> None:
    header = ["姓名", "证件号码", "原个人编号", "参保年度", "档次", "缴费方式", "个人缴费",
              "缴费身份", "待遇起", "待遇止", "连续参保年数", "零报销"]  # fmt: skip
    rows = []
    for people in PEOPLE.values():
        for one in people:
            for year, premium in PREMIUMS.items():
                if not one.covered(year):
                    continue
                poor = one.home == 0
                years = "5" if one.old.endswith("010") and year == YEAR - 2 else ""
                first = f"{year}-03-15" if one.born == NEWBORN and year == YEAR - 1 else ""
                rows.append([
                    one.name, one.number, one.old, year, "一档", "资助" if poor else "现金",
                    0 if poor else premium, "农村五保" if poor else "", first, "", years,
                    "是" if one.home == 1 and year < YEAR else "",
                ])  # fmt: skip
    write("08-历年参保", header, rows)


def beside() -> None:
    statuses, balances, filings = [], [], []
    for people in PEOPLE.values():
        for one in people:
            if one.home in {0, 2}:
                name, source = ("农村五保", "民政局") if one.home == 0 else ("低保", "民政局")
                statuses.append([
                    one.name, one.number, one.old, name, f"{YEAR - 2}-01-01", "", source,
                    f"{YEAR}年6月名单",
                ])  # fmt: skip
            if one.place == 0:
                balances.append([one.old_home, one.name, f"{10 * (one.home + 1)}.00"])
            if one.home == 3 and one.place == 0:
                filings.append([
                    one.name, one.number, one.old, "慢特病认定", "糖尿病", "石桥县人民医院",
                    f"{YEAR - 1}-07-01", f"{YEAR + 1}-06-30", "杜仲", "慢特病认定表",
                ])  # fmt: skip
            if one.home == 8 and one.place == 1:
                filings.append([
                    one.name, one.number, one.old, "异地就医备案", "随子女居住", "成都市",
                    f"{YEAR}-01-01", "", "", "备案表",
                ])  # fmt: skip
            if one.old == "P0110":
                filings.append([
                    one.name, one.number, one.old, "转诊", "胆囊结石", "成都市第一医院",
                    f"{YEAR}-06-20", "", "", "转诊转院审批表",
                ])  # fmt: skip
    header = ["姓名", "证件号码", "原个人编号"]
    last = ["人员身份", "起始日期", "截止日期", "来源", "依据"]
    write("09-人员身份", header + last, statuses)
    write("10-家庭账户余额", ["原户号", "户主姓名", "余额"], balances)
    last = ["种类", "病种", "机构", "自", "至", "认定专家", "依据"]
    write("11-备案", header + last, filings)
    write(
        "12-票据本",
        ["票据本号", "参保年度", "领用人用户名", "起号", "止号", "原系统已用至"],
        [
            ["QS01", YEAR, "qingshi", 1, 50, 37],
            ["QS02", YEAR, "qingshi", 51, 100, ""],
            ["BS01", YEAR, "baisha", 101, 150, 150],
            ["BS02", YEAR, "baisha", 151, 200, ""],
            ["QS03", YEAR + 1, "qingshi", 201, 250, ""],
            ["BS03", YEAR + 1, "baisha", 251, 300, ""],
        ],
    )


def money() -> None:
    """The books on the day before, and what the year was planned to take in and pay."""
    header = ["科目编号", "科目名称", "借方余额", "贷方余额", "机构代码", "保险年度"]
    write(
        "13-期初余额",
        header,
        [
            ["1003", "财政专户存款", "60000.00", "", "", ""],
            ["1004", "支出户存款", "15000.00", "", "", ""],
            ["1101", "暂付款—医保预付金", "5000.00", "", HOSPITAL, ""],
            ["2001", "暂收款—定点机构质量保证金", "", "1200.00", HOSPITAL, ""],
            ["2001", "暂收款—原系统应付待遇", "", "1000.00", "", ""],
            ["3001", "一般基金结余", "", "67900.00", "", ""],
            ["3001", "一般基金结余—门诊账户结余", "", "3900.00", "", YEAR - 1],
            ["3101", "风险基金结余—风险储备金", "", "6000.00", "", ""],
        ],
    )
    write(
        "14-本年预算",
        ["项目", "预算金额"],
        [
            ["社会保险费收入", "10000.00"], ["财政补贴收入", "40000.00"],
            ["利息收入", "200.00"], ["社会保险待遇支出", "46000.00"],
        ],
    )  # fmt: skip


def usage() -> None:
    """What the old system had paid this year: a stay of 2 200 in each village, a diabetic's 300;
    and what it had not: one claim decided, another that nobody had looked at."""
    used, settled, stays, unpaid = [], [], [], []
    for village, people in enumerate(PEOPLE.values()):
        for one in people:
            if one.place:
                continue
            if one.home == 4:
                used += [
                    [one.name, one.number, "年累计报销额", "800.00"],
                    [one.name, one.number, "年内住院次数", "1"],
                ]
                settled.append([
                    f"JS{YEAR}030{village}", one.name, one.number, HOSPITAL, "石桥县人民医院",
                    "县级医院", "住院", f"{YEAR}-03-02", f"{YEAR}-03-09", f"{YEAR}-03-09", "肺炎",
                    "", "", "一档", "2200.00", "2200.00", "200.00", "800.00",
                ])  # fmt: skip
            if one.home == 3:
                used.append([one.name, one.number, "慢性病门诊年累计报销额", "150.00"])
                settled.append([
                    f"JS{YEAR}041{village}", one.name, one.number, HOSPITAL, "石桥县人民医院",
                    "县级医院", "慢性病门诊", f"{YEAR}-04-10", "", f"{YEAR}-04-10", "糖尿病",
                    "糖尿病", "慢性病经县级医疗机构确诊", "一档", "300.00", "300.00", "0.00",
                    "150.00",
                ])  # fmt: skip
            if one.old == "P1110":
                used += [
                    [one.name, one.number, "年累计报销额", "1000.00"],
                    [one.name, one.number, "年内住院次数", "1"],
                ]
                unpaid.append([
                    f"BX{YEAR}060017", "已审未付", one.name, one.number, "成都市第一医院", "住院",
                    f"{YEAR}-06-01", f"{YEAR}-06-08", "08812345", "5000.00", "1000.00",
                    f"{YEAR}-06-20", one.name, "6217000010001234567", "农商行石桥支行",
                ])  # fmt: skip
            if one.old == "P2080":
                unpaid.append([
                    f"BX{YEAR}060018", "待审", one.name, one.number, "成都市第一医院", "住院",
                    f"{YEAR}-06-10", f"{YEAR}-06-15", "08819999", "3000.00", "", "", "", "", "",
                ])  # fmt: skip
            if one.home == 6 and village == 0:
                stays.append(
                    [f"ZY{YEAR}066", one.name, one.number, "住院", f"{YEAR}-06-28", "骨折"]
                )
    write("15-已用情况", ["姓名", "身份证号", "累计项目", "已用"], used)
    header = ["原结算单号", "姓名", "身份证号", "机构编码", "就诊机构", "机构级别", "就医类别",
              "入院日期", "出院日期", "结算日期", "诊断", "病种", "认定事项", "档次", "总费用",
              "费用目录内费用", "起付线", "基金支付"]  # fmt: skip
    write("16-原系统结算", header, settled)
    write("17-在院病人", ["住院号", "姓名", "身份证号", "就医类别", "入院日期", "诊断"], stays)
    header = ["原单号", "状态", "姓名", "证件号码", "就诊机构", "就医类别", "入院日期", "出院日期",
              "发票号", "总费用", "审定金额", "审定日期", "收款人", "收款账号",
              "开户行"]  # fmt: skip
    write("19-未付报销单", header, unpaid)


def totals() -> None:
    """What the old system had of each village on that day."""
    for name, figures in (
        ("户数", ["12", ""]), ("人数", ["34", ""]), ("参保", ["33", "1920.00"]),
        ("账户", ["12", "780.00"]),
    ):  # fmt: skip
        rows = [[code, place, *figures] for code, place in VILLAGES.items()]
        write(f"18-合计-{name}", ["区划代码", "名称", "数量", "金额"], rows)


if __name__ == "__main__":
    for part in (
        measures,
        places,
        institutions,
        catalogue,
        rosters,
        covers,
        beside,
        money,
        usage,
        totals,
    ):
        part()
