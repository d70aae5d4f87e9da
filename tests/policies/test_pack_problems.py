"""Every complaint that the reader of packs can make, once, by what an officer would have typed."""

import pytest

from policies.loader import PackError, load_text
from tests.policies.test_pack_checks import SMALL

CARE = """\
  care:
    inpatient: {name: 住院, bed: yes, counts_as_stay: yes, booked_as: inpatient, med_type: "21"}
"""

FULL = (
    SMALL.replace("  status:", "  disease: {flu: 流感}\n  payer: {central: 中央}\n  status:")
    .replace(
        "  paid: {title: 年支付, owner: person}\n",
        "  paid: {title: 年支付, owner: person}\n"
        "  stays: {title: 次数, owner: person, unit: count}\n"
        "  purse: {title: 余额, owner: household, kind: balance}\n",
    )
    .replace(
        "    ratio: 60%\n",
        "    visits: stays\n"
        "    ratio: 60%\n"
        "    bonuses: [{code: old, name: 老人, points: 5%}]\n"
        "    streams: [{code: mat, name: 材料, classes: [in_scope], ratio: 40%}]\n"
        "    fees: [{code: fee, name: 诊疗费, class: in_scope, amounts: 8}]\n",
    )
    .replace(
        "        - {when: {level: county}, amount: 200}\n",
        "        - {when: {level: county}, amount: 200}\n"
        "      changes: [{name: 减半, when: {visit: 2}, factor: 50%}]\n"
        "      share: {ratio: 10%, least: 100, most: 900}\n",
    )
    + """\
refusals:
  - {code: no, name: 不付, when: {status: wubao}, article: 第七条}
layers:
  - code: more
    name: 大病
    article: 第八条
    book: resident
    fund_pay_type: "390200"
    booked_as: serious
    base: in_scope_rest
    ratio: 10%
wallets:
  - {code: account, name: 账户, counter: purse, article: 第九条}
age_groups:
  - {code: minor, name: 未成年人, below: 18, article: 第十条}
  - {code: adult, name: 成年人, article: 第十条}
deadlines: [{code: claim, name: 报销, days: 30, article: 第十条}]
premium:
  article: 第六条
  standards: 100
  window: {opens: "10-01", closes: "11-30"}
  subsidies:
    - {code: general, name: 普补, rows: [{amount: 80, shares: {central: 100%}}]}
  receipt_only: [{payer: central, when: {status: wubao}}]
  waiting: {fixed_months: 3}
  campaign: {target: 95%, rewards: [{at_least: 95%, per_person: 0.50}], report_days: [1, 4]}
fund:
  article: 第十一条
  reserves: []
  overspend: {township: {township: 40%, institutions: 60%}}
  beyond_reserve: {institutions: 100%}
  surplus: {risk_fund: 50%, next_year: 50%}
"""
)


def test_the_full_pack_is_right():
    terms = load_text(FULL, "全.yaml")
    assert terms.fund is not None
    assert terms.premium is not None
    assert terms.premium.campaign.report_days == (1, 4)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format: 2", "format: 9", "不认识的格式版本"),
        ("title: 试验办法\n", "", "缺少“title”"),
        ("title: 试验办法", "title: [a]", "应当是一个值"),
        ("version: 1\nsource", "version: 一\nsource", "“一”不是整数"),
        ('area: {code: "410000", name: 试验县}\n', "", "缺少“area”"),
        ('area: {code: "410000", name: 试验县}', "area: 试验县", "应当是“键: 值”结构"),
        ('starts: "01-01"', 'starts: "13-01"', "“13-01”不是月日"),
        ('starts: "01-01"', 'starts: "02-29"', "“02-29”不是月日"),
        ("from: 2026-01-01", "from: 2026年", "“2026年”不是日期"),
        (CARE, "", "没有声明“care”"),
        (
            "    inpatient: {name",
            "    Inpatient: {name",
            "代码“Inpatient”不合格",
        ),
        ("  level: {", "  colour: {red: 红}\n  level: {", "没有“colour”这一类"),
        ("{flu: 流感}", "{" + ", ".join(f"d{n}: 病" for n in range(61)) + "}", "超过 60 个代码"),
        ("unit: count}", "unit: 次}", "“次”不是可选的写法"),
        ("code: in_scope, name", "code: In-scope, name", "代码“In-scope”不合格"),
        ("kind: covered, first", "kind: self_pay, first", "没有一类费用可以报销"),
        (
            "first_self_pay: 0%}\n",
            "first_self_pay: 0%}\n    - {code: in_scope, name: 又, kind: self_pay}\n",
            "费用类别“in_scope”写了两次",
        ),
        (
            "first_self_pay: 0%}\n",
            "first_self_pay: 0%, line_shares: [{above: 9, up_to: 9, ratio: 1%}]}\n",
            "上限不大于下限",
        ),
        ("bill:\n  article: 第三条\n", "bills:\n  article: 第三条\n", "缺少费用归类"),
        ("    kind: scheme\n", "    kind: magic\n", "“magic”不是可选的写法"),
        ("when: {visit: 2}", "when: {visit: 2, moon: full}", "不认识的条件“moon”"),
        ("when: {visit: 2}", "when: {}", "条件是空的"),
        ("when: {visit: 2}", "when: {visit: [1, 2]}", "应当是整数或 {from, to}"),
        ("when: {visit: 2}", "when: {visit: {}}", "from 和 to 都没有写"),
        ("when: {visit: 2}", "when: [x]", "应当是“键: 值”结构"),
        ("when: {visit: 2}", "when: {level: {a: b}}", "应当是一个值或一列值"),
        ("    visits: stays\n", "", "用了“年内第几次”，却没有计次"),
        (
            "when: {status: wubao}, article: 第七条",
            "when: {visit_here: 2}, article: 第七条",
            "用了“在同一医院第几次”，却没有按医院计次（待遇“住院”）",
        ),
        (
            "when: {status: wubao}, article: 第七条",
            "when: {visit: 3}, visits: paid, article: 第七条",
            "计数“paid”的单位不是 count",
        ),
        (
            "when: {status: wubao}, article: 第七条",
            "when: {base: {above: 3}}, article: 第七条",
            "这里还不知道“本层计算的费用”",
        ),
        ("when: {visit: 2}", "when: {total: 5}", "应当写明金额的界限"),
        ("when: {visit: 2}", "when: {total: {above: 9, up_to: 9}}", "金额的界限互相矛盾"),
        ("    base: in_scope_rest\n", "    base: in_scope_rest\n    without: cap\n", "不认识“cap”"),
        ("when: {status: wubao}, article: 第七条", "article: 第七条", "没有写明什么情形不予支付"),
        ("factor: 50%", "factor: 50%, minus: 10", "要写且只写一个"),
        ("factor: 50%", "factor: 0.5", "“0.5”不是倍数"),
        ("least: 100, most: 900", "least: 1000, most: 900", "最高额小于最低额"),
        ("points: 5%}", "points: 5%, growth: {start: 1, step: 1%, ceiling: 2%}}", "要写且只写一个"),
        ("points: 5%}", "growth: {start: 1, every: 0, step: 1%, ceiling: 2%}}", "间隔年数不能为零"),
        ("points: 5%}", "points: 5%, classes: [gold]}", "没有费用类别“gold”"),
        ("classes: [in_scope], ratio", "classes: [gold], ratio", "没有费用类别“gold”"),
        ("class: in_scope, amounts", "class: gold, amounts", "没有费用类别“gold”"),
        ("    ratio: 60%\n", "", "缺少“ratio”"),
        (
            "    ratio: 60%\n",
            "    ratio: 60%\n    band: whole\n    thresholds: net\n"
            "    segments: [{up_to: 9, ratio: 1%}, {ratio: 2%}]\n",
            "ratio 与 segments 只能写一个",
        ),
        (
            "    ratio: 60%\n",
            "    band: whole\n    thresholds: net\n    segments: [{ratio: 1%}, {ratio: 2%}]\n",
            "中间的段没有上限",
        ),
        ("limits: 50000", "limits: 50000, per_day: yes", "按日限额不能同时按期累计"),
        (
            "limits: 50000",
            "limits: 50000, further: {amount: 10, diseases: [gold]}",
            "病种没有“gold”",
        ),
        ("unit: count}", "unit: count, by: place}", "没有声明“place”"),
        ("    visits: stays\n", "    visits: paid\n", "计数“paid”的单位不是 count"),
        ("counter: paid, limits", "counter: stays, limits", "计数“stays”的单位不是 fen"),
        ("code: more", "code: basic", "层次“basic”重名"),
        (
            "    name: 大病\n    article: 第八条\n    book: resident\n",
            "    name: 大病\n    article: 第八条\n",
            "没有写明由哪个账套支付",
        ),
        ('    fund_pay_type: "390200"\n', "", "没有写明国家基金支付类型"),
        ('"390200"', '"390299"', "“390299”不是国家基金支付类型代码"),
        ("    booked_as: serious\n", "    booked_as: gift\n", "“gift”不是可选的写法"),
        ("    book: resident\n", "    book: assistance\n", "“serious”不是可选的写法"),
        ("    book: resident\n", "    book: treasury\n", "“treasury”不是可选的写法"),
        (
            "base_layer: {code: basic, name: 基本医疗统筹, book: resident,"
            ' fund_pay_type: "390100"}\n',
            "",
            "没有写明基本待遇由哪个账套支付",
        ),
        ('book: resident, fund_pay_type: "390100"}', "book: resident}", "没有写明国家基金支付类型"),
        ("    kind: scheme\n", "    kind: scheme\n    fund_pay_type: x\n", "“x”不是国家基金"),
        (
            "below: 18, article: 第十条}\n",
            "below: 18, article: 第十条}\n  - {code: boy, name: 少年, below: 9, article: 第十条}\n",
            "没有从小到大",
        ),
        (
            "{code: adult, name: 成年人,",
            "{code: adult, name: 成年人, below: 60,",
            "最后一个年龄组有上限",
        ),
        ('  window: {opens: "10-01", closes: "11-30"}\n', "", "缺少缴费期"),
        ("rows: [{amount: 80, shares: {central: 100%}}]", "rows: []", "补助没有写任何一行"),
        ("{amount: 80, shares", "{amount: 80, toward_premium: 90, shares", "大于补助总额"),
        (", shares: {central: 100%}", "", "没有写由谁出"),
        ("payer: central, when", "payer: moon, when", "没有出资方“moon”"),
        ("fixed_months: 3", "fixed_months: 3, variable_wait_from_year: 0", "断保年数从 1 数起"),
        (
            "rewards: [{at_least: 95%",
            "rewards: [{at_least: 90%, per_person: 0.30}, {at_least: 95%",
            "奖励没有从高到低",
        ),
        ("report_days: [1, 4]", "report_days: [8]", "星期应写 1 到 7"),
        ("  surplus: {risk_fund: 50%, next_year: 50%}\n", "", "缺少“surplus”"),
        ("next_year: 50%", "next_year: 40%", "各方比例相加不是 100%"),
        (
            "otherwise: {name",
            "  - {code: stay, name: 又, kind: flat, base: total, amounts: 1, article: 第四条}\n"
            "otherwise: {name",
            "待遇“stay”写了两次",
        ),
        (
            "otherwise: {name",
            "  - {code: a, name: 甲, kind: flat, base: total, amounts: 1, article: 第四条}\n"
            "  - {code: b, name: 乙, kind: flat, base: total, amounts: 1, article: 第四条}\n"
            "otherwise: {name",
            "待遇“乙”永远用不到，前面的待遇已经包括了它的情形",
        ),
    ],
)
def test_complaint(old, new, said):
    assert FULL.count(old) == 1, old
    with pytest.raises(PackError) as caught:
        load_text(FULL.replace(old, new), "全.yaml")
    assert said in str(caught.value)
    assert all(problem.line >= 1 and problem.remedy for problem in caught.value.problems)


def test_no_benefits_at_all():
    head, tail = SMALL.split("benefits:\n")
    text = head + tail[tail.index("otherwise:") :]
    with pytest.raises(PackError, match="没有任何待遇"):
        load_text(text, "空.yaml")


def test_too_many_conditions_at_once():
    """Rows that come back to the same sixteen statuses for another reason."""
    codes = {kind: ", ".join(f"{kind[0]}{n}: {kind}{n}" for n in range(16)) for kind in WIDE}
    rows = "".join(
        f"      - {{when: {{status: s{n}, {kind}: {kind[0]}{n}}}, ratio: {n}%}}\n"
        for kind in ("disease", "procedure")
        for n in range(16)
    )
    declared = "".join(f"  {kind}: {{{codes[kind]}}}\n" for kind in WIDE)
    text = SMALL.replace("  status: {wubao: 五保}\n", declared)
    text = text.replace("    ratio: 60%\n", "    ratio:\n" + rows + "      - {ratio: 60%}\n")
    with pytest.raises(PackError, match="条件的组合过多"):
        load_text(text, "多.yaml")


WIDE = ("status", "disease", "procedure")


def test_a_name_that_refers_to_itself():
    text = SMALL.replace("    when: {care: inpatient}", "    when: &w {care: inpatient, also: *w}")
    with pytest.raises(PackError, match="层次过深"):
        load_text(text, "环.yaml")


def test_a_file_of_a_million_characters():
    with pytest.raises(PackError, match="文件过大"):
        load_text(SMALL + "#" * 1_000_000, "大.yaml")


@pytest.mark.parametrize(("last", "told"), [("", False), ("stay", True)])
def test_benefits_for_eighteen_statuses_and_one_behind_them_all(last, told):
    statuses = ", ".join(f"s{n}: 身份{n}" for n in range(18))
    text = SMALL.replace("{wubao: 五保}", "{" + statuses + "}")
    text = text.replace(CARE, CARE + CARE.splitlines()[1].replace("inpatient:", "clinic:") + "\n")
    flat = "kind: flat, base: total, amounts: 1, article: 第四条"
    more = "".join(
        f"  - {{code: b{n}, name: 乙{n}, when: {{status: s{n}}}, {flat}}}\n" for n in range(18)
    )
    if last:
        more += f"  - {{code: all, name: 全, {flat}}}\n  - {{code: {last}2, name: 尾, {flat}}}\n"
    text = text.replace("otherwise:", more + "otherwise:")
    if not told:
        assert len(load_text(text, "多.yaml").benefits) == 19
        return
    with pytest.raises(PackError, match="待遇“尾”永远用不到") as caught:
        load_text(text, "多.yaml")
    assert len(caught.value.problems) == 1


def test_thousands_of_problems_are_counted_and_a_hundred_told():
    """SMALL is right; 250 unknown keys are 100 lines and one that counts the other 150."""
    lines = len(SMALL.splitlines())
    wrong = SMALL + "".join(f"mistyped_{number}: 1\n" for number in range(250))
    with pytest.raises(PackError) as found:
        load_text(wrong, "表.yaml")
    *told, last = found.value.problems
    assert [problem.line for problem in told] == list(range(lines + 1, lines + 101))
    assert last.wrong == "问题太多，只列出前 100 处，另外约有 150 处没有列出"


@pytest.mark.parametrize("deep", ["[" * 200_000, "{a: " * 200_000, "- " * 200_000])
def test_brackets_that_never_close_are_refused_and_harm_nothing(deep):
    with pytest.raises(PackError, match="括号或缩进套得太深"):
        load_text(deep, "深.yaml")


def test_an_origin_that_no_bill_can_have_is_pointed_out():
    rule = "line_shares: [{origin: [imported, foreign], ratio: 20%}]"
    wrong = SMALL.replace("kind: covered,", f"kind: covered, {rule},", 1)
    assert wrong != SMALL
    with pytest.raises(PackError, match=r"不认识的产地“foreign”.*imported（进口）"):
        load_text(wrong, "产地.yaml")


def test_less_per_earlier_visit_needs_a_count_of_visits():
    wrong = SMALL.replace(
        "        - {when: {level: county}, amount: 200}\n",
        "        - {when: {level: county}, amount: 200}\n"
        "      changes: [{name: 递减, minus: 50, per_visit: yes}]\n",
    )
    assert wrong != SMALL
    with pytest.raises(PackError, match="用了“年内第几次”，却没有计次"):
        load_text(wrong, "次.yaml")
