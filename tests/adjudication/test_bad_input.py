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
from tests.adjudication.stories import terms_of

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


def test_day_outside_the_pack():
    field, said = refused(visit={"starts": date(2011, 3, 1)})
    assert field == "starts"
    assert "不在《大足县城乡居民合作医疗保险办法》有效期 2012-01-01 至 2027-12-31 内" in said


@pytest.mark.parametrize(
    ("member", "visit", "field", "said"),
    [
        ({}, {"level": "moon"}, "level", "医疗机构级别“moon”不在办法中"),
        ({}, {"care": ""}, "care", "没有填写就医类别"),
        ({"tier": ""}, {}, "tier", "没有填写缴费档次"),
        ({"statuses": frozenset({"rich"})}, {}, "status", "人员身份“rich”不在办法中"),
        ({}, {"facts": frozenset({"lucky"})}, "fact", "事实“lucky”不在办法中"),
        ({"birth_date": date(2026, 4, 1)}, {}, "birth_date", "出生日期晚于出院日期"),
        ({}, {"prior_deductible": -1}, "prior_deductible", "不能为负数"),
    ],
)
def test_wrong_codes(member, visit, field, said):
    found_field, found = refused(member, visit)
    assert found_field == field
    assert said in found


@pytest.mark.parametrize(
    ("bill", "said"),
    [
        (Bill(amounts={"gold": 1}), "费用类别“gold”不在办法中"),
        (Bill(amounts={"in_scope": -1}), "金额不合理"),
        (Bill(amounts={"in_scope": 10**12}), "金额不合理"),
        (Bill(amounts={"in_scope": 5}, over_limit={"in_scope": 6}), "大于该类费用"),
        (Bill(amounts={"in_scope": 5}, own_amount={"blood": 1}), "大于该类费用"),
    ],
)
def test_wrong_bills(bill, said):
    field, found = refused(bill=bill)
    assert field == "bill"
    assert said in found


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (BillItem(bill_class="gold", amount=1), "第1行费用类别“gold”不在办法中"),
        (BillItem(bill_class="in_scope", amount=-1), "第1行金额、单价、数量或限价为负数"),
        (BillItem(bill_class="in_scope", amount=1, limit=-1), "第1行金额、单价、数量或限价为负数"),
        (BillItem(bill_class="in_scope", amount=1, first_self_pay=10_001), "0% 到 100%"),
    ],
)
def test_wrong_lines(item, said):
    with pytest.raises(CaseError, match=said):
        bill_from_lines([item], DAZU)


def test_nothing_to_settle():
    with pytest.raises(CaseError, match="没有要结算的费用"):
        Cases.from_cases([], DAZU)


WRITTEN = {
    "member": {"person": "王", "birth_date": "1970-05-01", "tier": "tier2"},
    "visit": {"key": "一", "care": "inpatient", "level": "county", "starts": "2026-03-01"},
    "bill": {"classes": {"in_scope": "1000.00"}},
}


def changed(section, **values):
    return WRITTEN | {section: WRITTEN[section] | values}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "case"),
        (WRITTEN | {"memo": 1}, "memo"),
        ({"visit": {}, "bill": {}}, "member"),
        (changed("member", teir="tier1"), "member.teir"),
        (changed("member", person=7), "member.person"),
        (changed("member", birth_date="1970-13-01"), "member.birth_date"),
        (changed("member", birth_date="19700101"), "member.birth_date"),
        (changed("member", statuses="dibao"), "member.statuses"),
        (changed("member", consecutive_years=-1), "member.consecutive_years"),
        (changed("member", consecutive_years=True), "member.consecutive_years"),
        (changed("visit", prior_deductible=100), "visit.prior_deductible"),
        (changed("bill", lines=[]), "bill"),
        (WRITTEN | {"bill": {}}, "bill"),
        (WRITTEN | {"bill": {"lines": "x"}}, "bill.lines"),
        (WRITTEN | {"bill": {"classes": {"in_scope": 1000.0}}}, "bill.classes.in_scope"),
        (WRITTEN | {"bill": {"classes": {"in_scope": "1000"}}}, "bill.classes.in_scope"),
        (WRITTEN | {"bill": {"classes": {"in_scope": "1,000.00"}}}, "bill.classes.in_scope"),
        (WRITTEN | {"bill": {"lines": [{"class": "in_scope"}]}}, "bill.lines[1].amount"),
        (
            WRITTEN | {"bill": {"lines": [{"class": "in_scope", "quantity": "-1"}]}},
            "bill.lines[1].quantity",
        ),
        (
            WRITTEN
            | {"bill": {"lines": [{"class": "in_scope", "amount": "1.00", "first_self_pay": "a"}]}},
            "bill.lines[1].first_self_pay",
        ),
        (WRITTEN | {"used": {"gold": "1.00"}}, "used.gold"),
        (WRITTEN | {"used": {"annual_paid": 1}}, "used.annual_paid"),
    ],
)
def test_wrong_json_is_refused_by_field_name(value, field):
    with pytest.raises(CaseError) as caught:
        read_case(value, DAZU)
    assert caught.value.field == field
