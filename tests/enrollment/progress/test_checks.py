"""The village reads what the office typed; what it marks is mended and can be traced."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.models import Person
from enrollment.progress.checks import correct_line, print_check_list, receive_check_list
from enrollment.progress.models import CheckLine, CheckList, Correction
from tests.enrollment.conftest import OCTOBER, member, resident_id, text_of

pytestmark = pytest.mark.django_db
URL = "/enrollment/watch/checks"


@pytest.fixture
def printed(autumn, campaign, cast, village_a):
    return print_check_list(actor=cast.clerk_a, campaign=campaign, division=village_a, on=OCTOBER)


def facts(person, **changes):
    return {
        "name": person.name,
        "relationship": person.relationship,
        "residence": person.residence,
    } | changes


def test_the_list_numbers_everybody_entered(printed, campaign, cast, town_a, county):
    names = [line.person.name for line in printed.lines.select_related("person")]
    # The Zhous' son and the Yangs were not entered for the year.
    assert names == ["陈国强", "李桂芳", "陈小明", "张素珍", "周大勇", "王秀兰"]
    with pytest.raises(Refusal, match="按村（组）打印"):
        print_check_list(actor=cast.clerk_a, campaign=campaign, division=town_a, on=OCTOBER)


def test_an_empty_village_has_nothing_to_check(campaign, cast, village_a):
    with pytest.raises(Refusal, match="没有可核对的内容"):
        print_check_list(actor=cast.clerk_a, campaign=campaign, division=village_a, on=OCTOBER)


def test_nothing_is_mended_before_the_list_is_back(printed, cast):
    line = printed.lines.get(line=2)
    with pytest.raises(Refusal, match="还没有登记交回"):
        correct_line(
            actor=cast.clerk_a, line=line, on=OCTOBER, facts=facts(line.person, name="李贵芳")
        )
    with pytest.raises(Refusal, match="请填写在核对表上签字的村核对人"):
        receive_check_list(actor=cast.clerk_a, check_list=printed, checked_by="", on=OCTOBER)
    receive_check_list(actor=cast.clerk_a, check_list=printed, checked_by="杨大山", on=OCTOBER)
    with pytest.raises(Refusal, match="已于 2025-10-15 交回"):
        receive_check_list(actor=cast.clerk_a, check_list=printed, checked_by="杨大山", on=OCTOBER)


def test_who_mended_what_by_which_list(printed, cast):
    receive_check_list(actor=cast.clerk_a, check_list=printed, checked_by="杨大山", on=OCTOBER)
    line = CheckLine.objects.select_related("check_list__division", "person").get(
        check_list=printed,
        line=6,  # of the Zhous, who have not paid yet
    )
    right = resident_id("19730405", 2, male=False)
    correct_line(
        actor=cast.clerk_a2,
        line=line,
        on=OCTOBER,
        facts=facts(line.person, name="王秀蓝", resident_id=right),
    )
    mother = Person.objects.get(name="王秀蓝")
    assert (mother.birth_date.year, mother.initials) == (1973, "wxl")
    told = [(c.field, c.before, c.after, c.corrected_by) for c in Correction.objects.all()]
    assert told[0] == ("name", "王秀兰", "王秀蓝", cast.clerk_a2)
    # Both masks look the same but for the last digits; that it changed is still on record.
    assert told[1][0] == "resident_id" and "*" in told[1][2]
    assert right not in str(told)
    line_told = AuditLine.objects.get(action="enrollment.correct_line")
    assert line_told.after == {"line": 6, "person": mother.pk, "fields": ["name", "resident_id"]}
    with pytest.raises(Refusal, match="没有改动任何内容"):
        correct_line(actor=cast.clerk_a, line=line, on=OCTOBER, facts=facts(mother))
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.update(after="别的")


def test_a_refused_correction_leaves_no_trace(printed, cast):
    receive_check_list(actor=cast.clerk_a, check_list=printed, checked_by="杨大山", on=OCTOBER)
    line = CheckLine.objects.select_related("check_list__division", "person").get(
        check_list=printed, line=2
    )
    with pytest.raises(Refusal):
        correct_line(actor=cast.clerk_a, line=line, on=OCTOBER, facts=facts(line.person, name="李"))
    assert not Correction.objects.exists()


def test_from_print_to_correction_on_the_pages(autumn, campaign, cast, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    assert "请选择本辖区的村组" in text_of(clerk.post(f"{URL}/new", {"division": "500225102201"}))
    paper = clerk.post(f"{URL}/new", {"division": village_a.code}, follow=True)
    text = text_of(paper)
    assert "共 6 人" in text and "二档" in text and "对√ 错×" in text
    assert resident_id("19780512") not in paper.content.decode()
    row = CheckList.objects.get()
    one = f"{URL}/{row.pk}"
    assert "在村核对" in text_of(clerk.get(URL))
    assert "请填写在核对表上签字" in text_of(clerk.post(f"{one}/receive", {"checked_by": ""}))
    done = clerk.post(f"{one}/receive", {"checked_by": "杨大山"}, follow=True)
    assert "已登记交回" in text_of(done)
    wanted = {"name": "王秀蓝", "relationship": "1", "residence": "rural"}
    bad = clerk.post(f"{one}/lines/6", wanted | {"resident_id": "500225197805120018"})
    assert "校验不符" in text_of(bad)
    page = text_of(clerk.post(f"{one}/lines/6", wanted, follow=True))
    assert "第 6 行已更正：姓名" in page
    assert "6 王秀蓝 姓名 王秀兰 王秀蓝 陈秀英" in page
    assert "没有第 99 行" in text_of(clerk.get(f"{one}/lines/99", follow=True))
    assert as_user(cast.clerk_b).get(one).status_code == 404
    assert as_user(cast.clerk_b).post(f"{one}/lines/6", wanted).status_code == 404


def test_a_longer_list_asks_no_more_questions(printed, campaign, cast, village_a, enter, as_user):
    clerk = as_user(cast.clerk_a)

    def statements(row):
        counts = []
        for path in (URL, f"{URL}/{row.pk}", f"{URL}/{row.pk}/paper"):
            with CaptureQueriesContext(connection) as queries:
                assert clerk.get(path).status_code == 200
            counts.append(len(queries))
        return counts

    few = statements(printed)
    for n in range(10, 18):
        enter([member(0, "邓明", resident_id(f"19{n + 60}0101", 9), "0")], paid=False)
    longer = print_check_list(actor=cast.clerk_a, campaign=campaign, division=village_a, on=OCTOBER)
    assert longer.lines.count() == 14
    assert statements(longer) == few
    assert max(few) <= 12, few
