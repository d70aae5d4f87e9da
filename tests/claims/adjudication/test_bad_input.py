"""A case that cannot be settled is refused with the field and the remedy, in Chinese."""

from datetime import date

import pytest

from claims.adjudication import (
    Bill,
    BillItem,
    Case,
    CaseError,
    Cases,
    Member,
    Visit,
    bill_from_lines,
    settle,
)
from claims.adjudication.wire import read_case
from tests.claims.adjudication.stories import terms_of

DAZU = terms_of("dazu")
MEMBER = {"person": "王", "household": "王家", "birth_date": date(1970, 5, 1), "tier": "tier2"}
VISIT = {
    "key": "一",
    "care": "inpatient",
    "level": "county",
    "starts": date(2026, 3, 1),
    "ends": date(2026, 3, 9),
}


def refused(member=(), visit=(), bill=None):
    case = Case(
        member=Member(**MEMBER | dict(member)),
        visit=Visit(**VISIT | dict(visit)),
        bill=bill or Bill(amounts={"in_scope": 100_000}),
    )
    with pytest.raises(CaseError) as caught:
        settle(case, DAZU, {})
    return caught.value.field, str(caught.value)


def test_discharge_before_admission():
    field, said = refused(visit={"ends": date(2026, 2, 1)})
    assert (field, said) == ("ends", "出院日期 2026-02-01 早于入院日期 2026-03-01，请更正")


@pytest.mark.parametrize("day", [date(2011, 12, 31), date(2028, 1, 1)])
def test_day_outside_the_pack(day):
    assert refused(visit={"starts": day, "ends": day}) == (
        "starts",
        f"{day} 不在《大足县城乡居民合作医疗保险办法》有效期 2012-01-01 至 2027-12-31 内，"
        "请选用当日有效的办法",
    )


@pytest.mark.parametrize("day", [date(2012, 1, 1), date(2027, 12, 31)])
def test_first_and_last_day_of_the_pack(day):
    """Somebody born on the day itself: a minor's 55 % of 800 yuan (第二十三条(二)2)."""
    member = Member(**MEMBER | {"birth_date": day})
    case = Case(
        member=member,
        visit=Visit(**VISIT | {"starts": day, "ends": day}),
        bill=Bill(amounts={"in_scope": 100_000}),
    )
    assert settle(case, DAZU, {}).fund_pay == 44_000


def known(dimension):
    return "、".join(DAZU.vocabulary[dimension])


@pytest.mark.parametrize(
    ("member", "visit", "field", "said"),
    [
        (
            {},
            {"level": "moon"},
            "level",
            f"医疗机构级别“moon”不在办法中，可用：{known('level')}",
        ),
        ({}, {"care": ""}, "care", "没有填写就医类别，办法按就医类别规定待遇，请补填"),
        ({"tier": ""}, {}, "tier", "没有填写缴费档次，办法按缴费档次规定待遇，请补填"),
        (
            {"statuses": frozenset({"rich", "famous"})},
            {},
            "status",
            f"人员身份“famous”不在办法中，可用：{known('status')}",
        ),
        (
            {},
            {"facts": frozenset({"lucky"})},
            "fact",
            f"事实“lucky”不在办法中，可用：{known('fact')}",
        ),
        (
            {},
            {"diseases": frozenset({"boredom"})},
            "disease",
            f"病种“boredom”不在办法中，可用：{known('disease')}",
        ),
        (
            {},
            {"reasons": frozenset({"bored"})},
            "reason",
            f"不予支付情形“bored”不在办法中，可用：{known('reason')}",
        ),
        (
            {},
            {"procedures": frozenset({"magic"})},
            "procedure",
            "诊疗项目“magic”不在办法中，可用：（无）",
        ),
        (
            {"birth_date": date(2026, 3, 10)},
            {},
            "birth_date",
            "出生日期晚于出院日期，请更正",
        ),
        (
            {},
            {"prior_deductible": -1},
            "prior_deductible",
            "转诊前已付起付额和婴儿数不能为负数",
        ),
        ({}, {"babies": -1}, "prior_deductible", "转诊前已付起付额和婴儿数不能为负数"),
    ],
)
def test_wrong_codes(member, visit, field, said):
    assert refused(member, visit) == (field, said)


def test_what_no_rule_speaks_of_may_stay_empty():
    """Dazu pays by tier, not by sex; a sex that is not in the measures is still refused."""
    member = Member(**MEMBER | {"sex": "", "residence": ""})
    case = Case(member=member, visit=Visit(**VISIT), bill=Bill(amounts={"in_scope": 100_000}))
    assert settle(case, DAZU, {}).fund_pay == 40_000


CLASSES = "、".join(DAZU.bill.classes)
UNREASONABLE = "费用类别“in_scope”的金额不合理，应为零到十亿元"


@pytest.mark.parametrize(
    ("bill", "said"),
    [
        (Bill(amounts={"gold": 1}), f"费用类别“gold”不在办法中，可用：{CLASSES}"),
        (
            Bill(amounts={}, own_self_pay={"gold": 1}),
            f"费用类别“gold”不在办法中，可用：{CLASSES}",
        ),
        (Bill(amounts={"in_scope": -1}), UNREASONABLE),
        (Bill(amounts={"in_scope": 10**12}), UNREASONABLE),
        (Bill(amounts={"in_scope": 5}, over_limit={"in_scope": -1}), UNREASONABLE),
        (Bill(amounts={"in_scope": 5}, own_amount={"in_scope": -1}), UNREASONABLE),
        (Bill(amounts={"in_scope": 5}, own_self_pay={"in_scope": -1}), UNREASONABLE),
        (
            Bill(amounts={"in_scope": 5}, over_limit={"in_scope": 6}),
            "费用类别“in_scope”的超限价或先自付部分大于该类费用，请更正",
        ),
        (
            Bill(amounts={"in_scope": 5}, over_limit={"in_scope": 3}, own_amount={"in_scope": 3}),
            "费用类别“in_scope”的超限价或先自付部分大于该类费用，请更正",
        ),
        (
            Bill(amounts={"in_scope": 5}, own_amount={"in_scope": 3}, own_self_pay={"in_scope": 4}),
            "费用类别“in_scope”的超限价或先自付部分大于该类费用，请更正",
        ),
        (
            Bill(amounts={"in_scope": 5}, over_limit={"blood": 1}),
            "费用类别“blood”的超限价或先自付部分大于该类费用，请更正",
        ),
        (
            Bill(amounts={"in_scope": 5}, own_amount={"blood": 1}),
            "费用类别“blood”的超限价或先自付部分大于该类费用，请更正",
        ),
    ],
)
def test_wrong_bills(bill, said):
    assert refused(bill=bill) == ("bill", said)


def test_a_bill_that_is_over_the_limit_and_self_paid_to_the_last_fen():
    bill = Bill(
        amounts={"in_scope": 100_000},
        over_limit={"in_scope": 30_000},
        own_amount={"in_scope": 70_000},
        own_self_pay={"in_scope": 70_000},
    )
    decision = settle(Case(member=Member(**MEMBER), visit=Visit(**VISIT), bill=bill), DAZU, {})
    assert (decision.over_limit, decision.first_self_pay, decision.in_scope) == (30_000, 70_000, 0)


NEGATIVE = "第1行金额、单价、数量或限价为负数，请更正"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (
            BillItem(bill_class="gold", amount=1),
            f"第1行费用类别“gold”不在办法中，可用：{CLASSES}",
        ),
        (BillItem(bill_class="in_scope", amount=-1), NEGATIVE),
        (BillItem(bill_class="in_scope", amount=1, limit=-1), NEGATIVE),
        (BillItem(bill_class="in_scope", amount=1, unit_price=-1), NEGATIVE),
        (BillItem(bill_class="in_scope", amount=1, units=-1), NEGATIVE),
        (
            BillItem(bill_class="in_scope", amount=1, first_self_pay=10_001),
            "第1行先自付比例应在 0% 到 100% 之间",
        ),
        (
            BillItem(bill_class="in_scope", amount=1, first_self_pay=-1),
            "第1行先自付比例应在 0% 到 100% 之间",
        ),
    ],
)
def test_wrong_lines(item, said):
    with pytest.raises(CaseError) as caught:
        bill_from_lines([item], DAZU)
    assert (caught.value.field, str(caught.value)) == ("bill", said)


def test_the_line_is_told_by_its_number():
    right = BillItem(bill_class="in_scope", amount=0, limit=0, unit_price=0, units=0)
    with pytest.raises(CaseError, match=r"^第3行金额"):
        bill_from_lines([right, right, BillItem(bill_class="in_scope", amount=-1)], DAZU)


def test_nothing_to_settle():
    with pytest.raises(CaseError) as caught:
        Cases.from_cases([], DAZU)
    assert (caught.value.field, str(caught.value)) == ("cases", "没有要结算的费用")


WRITTEN = {
    "member": {"person": "王", "birth_date": "1970-05-01", "tier": "tier2"},
    "visit": {"key": "一", "care": "inpatient", "level": "county", "starts": "2026-03-01"},
    "bill": {"classes": {"in_scope": "1000.00"}},
}


def changed(section, **values):
    return WRITTEN | {section: WRITTEN[section] | values}


def line(**values):
    return WRITTEN | {"bill": {"lines": [{"class": "in_scope"} | values]}}


def misspelt(field, *allowed):
    return f"不认识的字段“{field}”，可用：" + "、".join(allowed)


def not_yuan(field):
    return f'“{field}”应当是两位小数的元，写成文字，例如 "120.50"'


CLASSES_OR_LINES = "费用要写且只写一种：classes（按类合计）或 lines（逐行）"
AMOUNT_OR_PRICE = "费用行要写 amount，或 quantity 和 unit_price"
COUNTERS = "、".join(DAZU.counters)


@pytest.mark.parametrize(
    ("value", "field", "said"),
    [
        ([], "case", "每一行应当是一个 JSON 对象"),
        (
            WRITTEN | {"memo": 1},
            "memo",
            misspelt("memo", "member", "visit", "bill", "observation", "used"),
        ),
        ({"visit": {}, "bill": {}}, "member", "缺少“member”，或它不是一个对象"),
        (
            changed("member", teir="tier1"),
            "member.teir",
            misspelt(
                "member.teir", "person", "household", "birth_date", "sex", "tier", "residence",
                "statuses", "consecutive_years", "claim_free_years", "cover_from", "cover_to",
            ),
        ),
        (
            changed("visit", days=3),
            "visit.days",
            misspelt(
                "visit.days", "key", "care", "level", "place", "referral", "starts", "ends",
                "diseases", "procedures", "facts", "reasons", "babies", "prior_deductible",
                "hospital", "answerable", "deductible_level",
            ),
        ),
        (
            line(price="1.00"),
            "bill.lines[1].price",
            misspelt(
                "bill.lines[1].price", "class", "amount", "quantity", "unit_price", "limit",
                "first_self_pay", "origin",
            ),
        ),
        (
            changed("bill", total="1.00"),
            "bill.total",
            misspelt("bill.total", "classes", "lines", "cut"),
        ),
        (
            WRITTEN | {"observation": {"started": "2026-03-01"}},
            "observation.started",
            misspelt("observation.started", "ended", "bill"),
        ),
        (
            WRITTEN | {"observation": {"bill": {"classes": {}}}},
            "observation.ended",
            "缺少“observation.ended”，或它不是文字",
        ),
        (
            WRITTEN | {"observation": {}},
            "observation.bill",
            "缺少“observation.bill”，或它不是一个对象",
        ),
        (changed("member", person=7), "member.person", "缺少“member.person”，或它不是文字"),
        (changed("visit", key=None), "visit.key", "缺少“visit.key”，或它不是文字"),
        (
            changed("member", birth_date="1970-13-01"),
            "member.birth_date",
            "“member.birth_date”的“1970-13-01”不是日期，写成 2026-03-01 的样子",
        ),
        (
            changed("member", birth_date="19700101"),
            "member.birth_date",
            "“member.birth_date”的“19700101”不是日期，写成 2026-03-01 的样子",
        ),
        (
            changed("member", statuses="dibao"),
            "member.statuses",
            '“member.statuses”应当是一列代码，例如 ["dibao"]',
        ),
        (
            changed("visit", facts=[1]),
            "visit.facts",
            '“visit.facts”应当是一列代码，例如 ["dibao"]',
        ),
        (
            changed("member", consecutive_years=-1),
            "member.consecutive_years",
            "“member.consecutive_years”应当是不小于零的整数",
        ),
        (
            changed("member", consecutive_years=True),
            "member.consecutive_years",
            "“member.consecutive_years”应当是不小于零的整数",
        ),
        (
            changed("visit", babies="两个"),
            "visit.babies",
            "“visit.babies”应当是不小于零的整数",
        ),
        (
            changed("visit", prior_deductible=100),
            "visit.prior_deductible",
            not_yuan("visit.prior_deductible"),
        ),
        (changed("bill", lines=[]), "bill", CLASSES_OR_LINES),
        (WRITTEN | {"bill": {}}, "bill", CLASSES_OR_LINES),
        (WRITTEN | {"bill": {"lines": "x"}}, "bill.lines", "lines 应当是一列费用行"),
        (WRITTEN | {"bill": {"lines": [1]}}, "bill.lines", "lines 应当是一列费用行"),
        (
            WRITTEN | {"bill": {"classes": {"in_scope": 1000.0}}},
            "bill.classes.in_scope",
            not_yuan("bill.classes.in_scope"),
        ),
        (
            WRITTEN | {"bill": {"classes": {"in_scope": "1000"}}},
            "bill.classes.in_scope",
            not_yuan("bill.classes.in_scope"),
        ),
        (
            WRITTEN | {"bill": {"classes": {"in_scope": "1,000.00"}}},
            "bill.classes.in_scope",
            not_yuan("bill.classes.in_scope"),
        ),
        (
            WRITTEN | {"bill": {"classes": {"in_scope": "12345678901.00"}}},
            "bill.classes.in_scope",
            not_yuan("bill.classes.in_scope"),
        ),
        (line(), "bill.lines[1].amount", AMOUNT_OR_PRICE),
        (line(quantity="1"), "bill.lines[1].amount", AMOUNT_OR_PRICE),
        (line(unit_price="1.00"), "bill.lines[1].amount", AMOUNT_OR_PRICE),
        (
            line(quantity="-1"),
            "bill.lines[1].quantity",
            '“bill.lines[1].quantity”应当是数量，例如 "2" 或 "0.5"',
        ),
        (
            line(quantity="0.00001", amount="1.00"),
            "bill.lines[1].quantity",
            '“bill.lines[1].quantity”应当是数量，例如 "2" 或 "0.5"',
        ),
        (
            line(amount="1.00", first_self_pay="a"),
            "bill.lines[1].first_self_pay",
            '“bill.lines[1].first_self_pay”应当是百分数，例如 "10%"，'
            '或票据所列的金额，例如 "12.50"',
        ),
        (
            line(amount="1.00", origin=1),
            "bill.lines[1].origin",
            "缺少“bill.lines[1].origin”，或它不是文字",
        ),
        (line(amount="1.00", limit="1"), "bill.lines[1].limit", not_yuan("bill.lines[1].limit")),
        (
            line(amount="1.00", unit_price="1"),
            "bill.lines[1].unit_price",
            not_yuan("bill.lines[1].unit_price"),
        ),
        (
            WRITTEN | {"used": {"gold": "1.00"}},
            "used.gold",
            f"办法没有声明计数“gold”，可用：{COUNTERS}",
        ),
        (WRITTEN | {"used": {"annual_paid": 1}}, "used.annual_paid", not_yuan("used.annual_paid")),
        (
            WRITTEN | {"used": {"inpatient_visits": "1.00"}},
            "used.inpatient_visits",
            "“used.inpatient_visits”应当是不小于零的整数",
        ),
    ],
)  # fmt: skip
def test_wrong_json_is_refused_by_field_and_remedy(value, field, said):
    with pytest.raises(CaseError) as caught:
        read_case(value, DAZU)
    assert (caught.value.field, str(caught.value)) == (field, said)
