"""村不漏户、户不漏人: the list that a cadre takes from door to door."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLine
from enrollment.models import Person
from enrollment.progress.missing import missing_counts, missing_households, total_missing
from tests.conftest import make_division, table_in
from tests.enrollment.conftest import member, resident_id, text_of

pytestmark = pytest.mark.django_db
URL = "/enrollment/watch/missing"


def people(rows):
    return {
        (row.head, member.person.name, "漏户" if row.is_whole else "漏人", member.state)
        for row in rows
        for member in row.members
    }


def test_whole_households_and_single_members(
    autumn, campaign, village_a, village_b, covered_last_year
):
    covered_last_year(Person.objects.get(name="刘桂英"))
    found = missing_households(code=village_a.code, campaign=campaign)
    assert people(found) == {
        ("周大勇", "周大勇", "漏户", "已登记待缴费"),
        ("周大勇", "王秀兰", "漏户", "已登记待缴费"),
        ("周大勇", "周小军", "漏户", "在册未参保"),
        ("杨德明", "杨德明", "漏户", "在册未参保"),
        ("杨德明", "刘桂英", "漏户", "上年参保未续"),
    }
    assert total_missing(found) == {
        "households": 2, "whole": 2, "people": 5, "were_enrolled": 1,
    }  # fmt: skip
    assert people(missing_households(code=village_b.code, campaign=campaign)) == {
        ("罗永福", "何素芬", "漏人", "在册未参保")
    }


def test_the_dead_are_nobody_to_call_on(autumn, campaign, village_a):
    Person.objects.filter(name="杨德明").update(death_date=date(2025, 9, 1))
    found = missing_households(code=village_a.code, campaign=campaign)
    assert [m.person.name for row in found for m in row.members][-1] == "刘桂英"
    assert len(found[-1].members) == 1


def test_the_county_counts_before_it_opens_a_village(autumn, campaign, county, cast, as_user):
    a, b = missing_counts(under=county, campaign=campaign, length=9)
    assert (a.name, a.households, a.part_households, a.people, a.pending) == ("龙水镇", 2, 0, 5, 2)
    assert (b.name, b.households, b.part_households, b.people) == ("万古镇", 0, 1, 1)
    page = text_of(as_user(cast.supervisor).get(URL))
    assert "龙水镇 2 0 5 0 2" in page


def test_the_cadre_prints_it_masked(autumn, campaign, cast, village_a, as_user):
    cadre = as_user(cast.cadre_a)
    for path in (URL, f"{URL}/paper"):
        page = cadre.get(path)
        text = text_of(page)
        assert "周小军" in text and "500225**********" in text
        assert resident_id("19990505", 2) not in page.content.decode()
        assert "陈国强" not in text  # has paid
    assert "共 2 户 5 人" in text_of(cadre.get(f"{URL}/paper"))
    assert cadre.get(f"{URL}?under=500225102201").status_code == 404
    assert cadre.get(f"{URL}/paper?under=500225101").status_code == 404


def test_the_workbook_is_masked_and_noted(autumn, campaign, cast, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    asked = {"under": village_a.code}
    assert clerk.post(f"{URL}/workbook", asked).status_code == 302  # without a purpose
    content = clerk.post(f"{URL}/workbook", asked | {"reason": "上门动员"}).getvalue()
    rows = table_in(content)
    assert len(rows) == 6
    assert all("*" in row[4] for row in rows[1:])
    line = AuditLine.objects.get(action="export")
    assert line.after["criteria"] == {"division": village_a.code, "year": 2026}
    whole = clerk.post(f"{URL}/workbook", {"under": "500225101", "reason": "上门动员"}, follow=True)
    assert "请先点开一个村" in text_of(whole)


def test_more_households_ask_no_more_questions(autumn, cast, village_a, enter, as_user):
    clerk = as_user(cast.clerk_a)

    def statements():
        counts = []
        for path in (URL, f"{URL}?under={village_a.code}", f"{URL}/paper?under={village_a.code}"):
            with CaptureQueriesContext(connection) as queries:
                assert clerk.get(path).status_code == 200
            counts.append(len(queries))
        return counts

    few = statements()
    for n in range(10, 18):
        enter([member(0, "邓明", resident_id(f"19{n + 60}0101", 9), "0")], paid=False)
    group = make_division(village_a.code + "01", "一组", village_a)
    enter([member(0, "邓明", resident_id("19600101", 9), "0")], paid=False, division=group)
    assert statements() == few
    assert max(few) <= 14, few  # the paper reads the measures, covers and statuses as well
