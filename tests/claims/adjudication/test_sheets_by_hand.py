"""Settlements of the shipped measures, worked out by hand from their sheets alone.

Each row: the story, which of its visits, and the sum that leads to what the fund pays, written from
the printed steps (their text stands in ``tests/cases/told``).  No number may stand in a sum that is
not printed on the sheet.
"""

import re
from decimal import Decimal

import pytest

from claims.adjudication import settle
from lib.money import to_fen
from tests.claims.adjudication.stories import case_of, listed, sentences, terms_of

NUMBER = r"\d+(?:\.\d+)?"
BY_HAND = [
    # 大足: 起付线之后按级别、档次、年龄的比例
    ("dazu", "五个级别的一档住院", 0, "(2000-30)*60%"),
    ("dazu", "五个级别的一档住院", 1, "(2000-100)*55%"),
    ("dazu", "五个级别的一档住院", 2, "(2000-200)*40%"),
    ("dazu", "五个级别的一档住院", 3, "(2000-1000)*25%"),
    ("dazu", "二档成人的四种比例", 0, "(2000-30)*70%"),
    ("dazu", "二档成人的四种比例", 3, "(2000-1000)*35%"),
    ("dazu", "二档未成年人的四种比例", 0, "(2000-30)*75%"),
    ("dazu", "入院之日差一天满十八岁，仍按未成年人", 0, "(2000-200)*55%"),
    ("dazu", "连续第十一年加五个百分点，第三十年仍是五个", -1, "(2000-200)*(50%+5%)"),
    ("dazu", "未经审批的特殊检查和用血全部自负，急诊抢救除外", 0, "(1500-500*100%-200)*50%"),
    ("dazu", "未经审批的特殊检查和用血全部自负，急诊抢救除外", 1, "(1500-500*50%-200)*50%"),
    # 150 + 100 + 50 不在报销范围，其中 100 由医院负担
    (
        "dazu",
        "血液补偿费和意外事故材料费全自费，未签字的目录外费用由医院负担",
        0,
        "(2000-150-100-50-200)*50%",
    ),
    # 起付线 200 全年一次：150 不够，下一次再扣 50，第三次不扣
    ("dazu", "成人透析的特病门诊，起付线全年只扣一次", 0, "150-150"),
    ("dazu", "成人透析的特病门诊，起付线全年只扣一次", 1, "(1000-(200-150))*50%"),
    ("dazu", "成人透析的特病门诊，起付线全年只扣一次", 2, "1000*50%"),
    ("dazu", "未成年人白血病的特病门诊与住院合并限额", 0, "(100200-200)*55%"),
    (
        "dazu",
        "未成年人白血病的特病门诊与住院合并限额",
        1,
        "min((100200-200)*55%,72000-55000)",
    ),
    ("dazu", "二档慢性病年限额七百元", 0, "min(1600*50%,700)"),
    # 住了 40 天，年内只剩 10 天
    ("dazu", "精神病住院一年不超过九十天", 1, "(8000*10/40-200)*50%"),
    # 居民医保样本: 乙类先自付、异地先自付、加点、大病累计、救助
    ("resident-2025", "三个级别的住院，乙类先自付一成", 0, "(2100-100)*90%"),
    ("resident-2025", "三个级别的住院，乙类先自付一成", 1, "(2400-400)*80%"),
    ("resident-2025", "三个级别的住院，乙类先自付一成", 2, "(2900-300-600)*60%"),
    ("resident-2025", "三个级别的住院，乙类先自付一成", 3, "(1000-1000*10%-100)*90%"),
    (
        "resident-2025",
        "异地长期居住不减，转诊先自付一成，未备案先自付两成",
        0,
        "(10600-600)*60%",
    ),
    (
        "resident-2025",
        "异地长期居住不减，转诊先自付一成，未备案先自付两成",
        1,
        "(10600-10600*10%-600)*60%",
    ),
    (
        "resident-2025",
        "异地长期居住不减，转诊先自付一成，未备案先自付两成",
        2,
        "(10600-10600*20%-600)*60%",
    ),
    ("resident-2025", "签约家庭医生加五个百分点", 0, "150*(60%+5%)"),
    ("resident-2025", "门诊统筹到年限额", 0, "150*60%"),
    ("resident-2025", "门诊统筹到年限额", 1, "min(150*60%,120-90)"),
    ("resident-2025", "低保一站式三重保障", 0, "(20400-400)*80%+(20400-16000)*70%"),
    # 大病起付 8500 中此前累计已扣 4400
    (
        "resident-2025",
        "低保一站式三重保障",
        1,
        "(50600-600)*60%+(50600-30000-(17000*50%-4400))*(60%+5%)+(50600-40725)*70%",
    ),
    ("resident-2025", "特困人员免起付、救助付清", 0, "20400*80%+(20400-16320)*100%"),
    ("resident-2025", "低保边缘的救助起付", 0, "(20400-400)*80%+(20400-16000-4000)*60%"),
    (
        "resident-2025",
        "因病致贫的救助起付",
        0,
        "(60600-600)*60%+(60600-36000-17000)*60%+(60600-40560-10000)*60%",
    ),
    (
        "resident-2025",
        "基本封顶后进大病两段",
        0,
        "min((400600-600)*60%,100000)+100000*60%+(400600-100000-17000-100000)*65%",
    ),
    # 岳阳: 四层
    ("yueyang", "四个级别的基本医保与门诊", 0, "(2200-200)*85%"),
    ("yueyang", "四个级别的基本医保与门诊", 3, "(3600-100-1500)*60%"),
    (
        "yueyang",
        "大病四段",
        0,
        "min((400800-800)*65%,150000)+30000*60%+(80000-30000)*65%+(150000-80000)*75%"
        "+(400800-150000-16000-150000)*85%",
    ),
    (
        "yueyang",
        "低保两次住院，第二次进再救助",
        0,
        "(60800-800)*65%+(60800-39000-16000*50%)*(60%+5%)+(60800-47970)*70%",
    ),
    # 大病此前累计 21800，已扣起付 8000：第一段 30000 还剩 16200
    (
        "yueyang",
        "低保两次住院，第二次进再救助",
        1,
        "(60800-800)*65%+(30000-(21800-8000))*(60%+5%)+(21800-16200)*(65%+5%)"
        "+(60800-53450)*70%+(60800-58595-(5000-3849))*70%",
    ),
    (
        "yueyang",
        "再救助年限额十万元",
        0,
        "(2500-500)*75%+min((2500-1500)*70%,50000-50000)+min((2500-1500)*70%,100000-99900)",
    ),
    ("yueyang", "特困救助九成，因病致贫五成，门诊五成", 0, "(2500-500)*75%+(2500-1500)*90%"),
    # 瑞安、浏阳、南京
    ("ruian", "住院最低三成五", 0, "(1200-200)*60%"),
    ("ruian", "门诊与特种病门诊", 3, "min(12000*40%,4000)"),
    ("liuyang", "总体补助三成，目录外占比只作提示", 0, "(1000-100)*30%"),
    ("nanjing-2012", "新农合住院七成五，封顶十万", 0, "1000*75%"),
    ("nanjing-2012", "新农合住院七成五，封顶十万", 1, "min(200000*75%,100000-750)"),
    ("nanjing-2012", "居民医保七成，封顶二十二万", 0, "min(400000*70%,220000)"),
    ("nanjing-2012", "农村重大疾病不受封顶限制", 0, "200000*75%"),
    ("nanjing-2012", "按病种付费，超出由医院负担", 0, "min(4000,5000)*75%"),
    ("nanjing-2012", "救助对象再救助自付的一半，门诊五成", 0, "1000*75%+(1000-750)*50%"),
    ("nanjing-2012", "救助对象再救助自付的一半，门诊五成", 1, "100*50%+(100-50)*50%"),
]


def decisions_of(pack, name):
    terms, used, found = terms_of(pack), {}, []
    (story,) = [
        story for owner, story in listed("stories") if (owner, story["name"]) == (pack, name)
    ]
    for entry in story["visits"]:
        case, stated = case_of(story["member"], entry, terms)
        used |= stated
        found.append(settle(case, terms, used))
        used = found[-1].usage_after(used)
    return found


def reckon(by_hand):
    """The sum in yuan, exact."""
    wrapped = re.sub(rf"({NUMBER})(%?)", lambda m: f"D('{m[1]}'){'/100' if m[2] else ''}", by_hand)
    return eval(wrapped, {"D": Decimal, "min": min})


@pytest.mark.parametrize(("pack", "name", "visit", "by_hand"), BY_HAND)
def test_the_sheet_leads_to_the_payment(pack, name, visit, by_hand):
    decision = decisions_of(pack, name)[visit]
    sheet = sentences(decision)
    printed = {Decimal(each) for each in re.findall(NUMBER, sheet)}
    for number in re.findall(NUMBER, by_hand):
        assert Decimal(number) in printed, f"{number} is not on the sheet:\n{sheet}"
    assert to_fen(str(reckon(by_hand).quantize(Decimal("0.01")))) == decision.fund_pay, sheet
