"""The register as clerks keep it: corrections, accounts, reveals."""

from datetime import date

import pytest

from accounts.models import AuditLine
from enrollment.models import Person
from enrollment.people.models import FormerNumber
from enrollment.people.register import (
    MemberEntry,
    add_person,
    change_household,
    change_person,
    reveal_household,
    statuses_on,
)
from enrollment.people.registered import place_of
from tests.conftest import make_division
from tests.enrollment.conftest import MARCH, resident_id
from tests.enrollment.people.conftest import named
from tests.enrollment.refusals import refuses
from tests.enrollment.statuses import listed

pytestmark = pytest.mark.django_db
NINTH, ELEVENTH = date(2026, 3, 9), date(2026, 3, 11)


def held(person, day):
    return sorted(statuses_on([person.pk], day)[person.pk])


def correct(cast, person, **changes):
    facts = {
        "name": person.name, "relationship": person.relationship, "residence": person.residence,
    } | changes  # fmt: skip
    return change_person(actor=cast.clerk_a, person=person, on=MARCH, **facts)


def test_unknown_peoples_are_refused(cast, chens):
    with refuses("请在列表中选择民族", ("ethnicity",)):
        correct(cast, named("陈小明"), ethnicity="57")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"relationship": "0"}, "每户应有且只有一位户主，现为 2 位，请改“与户主关系”"),
        ({"relationship": "3"}, "与户主关系为“女”，身份证号却是男性，请核对"),
        ({"name": "陈"}, "姓名应为 2 至 40 个汉字或字母，可含间隔点"),
        ({"name": "陈1明"}, "姓名第 2 个字“1”（U+0031）不是汉字或拉丁字母，请按证件重新输入"),
        ({"residence": ""}, "请选择户籍"),
    ],
)
def test_a_correction_is_held_to_the_rules_of_entry(cast, chens, changes, message):
    with refuses(message):
        correct(cast, named("陈小明"), **changes)


def test_a_number_of_somebody_else_is_no_correction(cast, chens, zhaos):
    zhao = named("赵志远")
    with refuses(
        "此证件号码已在本县其他乡镇登记，不能重复登记；请核对证件，确属迁入的由原登记地办理转户",
        ("resident_id",),
        noted=True,
    ):
        correct(cast, named("陈小明"), resident_id=zhao.resident_id)
    with refuses("身份证号末位校验不符，可能有一位录错，请对照证件逐位核对", ("resident_id",)):
        correct(cast, named("陈小明"), resident_id="500225200209010021")
    assert not FormerNumber.objects.exists()


def test_a_corrected_name_is_found_by_its_sound(cast, chens):
    correct(cast, named("陈小明"), name="单晓明")
    person = named("单晓明")
    assert list(Person.objects.named("sxm")) == [person]
    assert not Person.objects.named("陈小明").exists()


def test_a_phone_left_out_stays_and_an_empty_one_goes(cast, chens):
    son = correct(cast, named("陈小明"), phone="13812345678")
    assert correct(cast, son).phone == "13812345678"
    assert correct(cast, son, phone="").phone == ""
    trail = "".join(str((line.before, line.after)) for line in AuditLine.objects.all())
    assert "13812345678" not in trail


@pytest.mark.parametrize(
    ("account", "owner", "message", "at"),
    [
        ("1234567", "陈国强", "银行账号应为 8 至 30 位数字，请核对存折或卡面", ("bank_account",)),
        ("6217 0000 0000", "陈国强", "银行账号应为 8 至 30 位数字，请核对存折或卡面",
         ("bank_account",)),
        ("6" * 31, "陈国强", "银行账号应为 8 至 30 位数字，请核对存折或卡面", ("bank_account",)),
        ("62170000", "", "填写银行账号时请同时填写开户人", ("bank_account_name",)),
    ],
)  # fmt: skip
def test_an_account_is_of_digits_and_somebodys(cast, chens, account, owner, message, at):
    with refuses(message, at):
        change_household(
            actor=cast.clerk_a, household=chens, address="3 组", bank_account=account,
            bank_account_name=owner,
        )  # fmt: skip


def test_an_account_taken_away_takes_its_owner_along(cast, chens):
    facts = {"actor": cast.clerk_a, "household": chens, "address": "桥亭村 3 组"}
    for account in ("62170000", "6" * 30):
        row = change_household(bank_account=account, bank_account_name="陈国强", **facts)
        assert (row.bank_account, row.bank_account_name) == (account, "陈国强")
    assert change_household(**facts).bank_account == "6" * 30  # not asked about: stays
    row = change_household(bank_account="", bank_account_name="陈国强", **facts)
    assert (row.bank_account, row.bank_account_name) == ("", "")


def test_numbers_are_shown_for_a_reason_that_is_kept(cast, chens):
    with refuses("请写明查看完整证件号的事由", ("reason",)):
        reveal_household(actor=cast.clerk_a, household=chens, reason=" ")
    shown = reveal_household(actor=cast.clerk_a, household=chens, reason="核对户口簿")
    assert shown.resident_ids[named("陈国强").pk] == named("陈国强").resident_id
    assert len(shown.resident_ids) == 4
    line = AuditLine.objects.get(action="enrollment.reveal")
    assert (line.user, line.reason, len(line.after["people"])) == (cast.clerk_a, "核对户口簿", 4)
    assert "500225" not in str(line.after)


def test_who_joins_gets_the_next_number_and_one_head_stays(cast, chens):
    def add(name, born, relationship, sequence=50, **facts):
        entry = MemberEntry(
            position=0, name=name, resident_id=resident_id(born, sequence),
            relationship=relationship, **facts,
        )  # fmt: skip
        return add_person(actor=cast.clerk_a, household=chens, entry=entry, on=MARCH)

    with refuses(
        "每户应有且只有一位户主，现为 2 位，请改“与户主关系”", ("members", 0, "relationship")
    ):
        add("陈国富", "19760101", "0")
    listed("陈国富", resident_id("19760101", 50), ["severe_disability"])
    uncle = add("陈国富", "19760101", "7")
    assert (uncle.member_number, held(uncle, MARCH)) == (5, ["severe_disability"])
    with refuses(
        f"此证件号码已在龙水镇桥亭村登记（户编号 {chens.number}），不能重复登记；"
        "请打开该户办理参保，要转到别的户的在该户办理婚嫁、转户，"
        "同一人登记了两次的在该户办理“重复登记”",
        ("members", 0, "resident_id"),
    ):
        add("陈国富", "19760101", "7")


def test_places_are_said_without_repeating_the_township(town_a, village_a):
    group = make_division(village_a.code + "03", "三组", village_a)
    lake = make_division("500225101203", "长河村", town_a)
    assert [place_of(one) for one in (village_a, group, lake, town_a)] == [
        "龙水镇桥亭村", "龙水镇桥亭村三组", "龙水镇长河村", "龙水镇",
    ]  # fmt: skip
