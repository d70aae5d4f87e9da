"""Monthly aid lists: what would change is shown, applied whole, and kept."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from accounts.roles import Role
from desk.jobs import run
from enrollment.models import IdentityStatus
from enrollment.people.identities import identities, meant
from enrollment.people.lifecycle import record_death
from enrollment.people.register import statuses_on
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.services import STATUS_LISTS
from tests.conftest import in_duty
from tests.enrollment.conftest import resident_id
from tests.enrollment.people.conftest import MARCH, named
from tests.enrollment.rosters.conftest import as_csv
from tests.enrollment.status_lists.conftest import FEBRUARY, HEADER, aid, row, told
from tests.enrollment.statuses import hold

pytestmark = pytest.mark.django_db
FIVE = (
    ("陈国强", "低保"), ("李桂芳", "低保"), ("陈小明", "低保"), ("陈小红", "低保"),
    ("张素珍", "特困人员"),
)  # fmt: skip


def codes(name, day=MARCH):
    person = named(name)
    return set(statuses_on([person.pk], day)[person.pk])


def test_two_months_of_the_civil_affairs_list(cast, chens, uploaded, confirmed):
    first = uploaded(aid(*FIVE), month=FEBRUARY)
    assert (first.status, first.added_count, first.listed_count) == ("checked", 5, 5)
    assert not IdentityStatus.objects.exists()  # nothing before it is confirmed
    confirmed(first)
    assert first.status == "done"
    assert (first.before, first.after) == ({}, {"dibao": 4, "wubao": 1})
    # In March 小勇 is added, 国强 falls to 特困, 小红 is no longer listed, somebody is unknown.
    stranger = ["周不识", resident_id("19700101", 9), "低保"]
    second = uploaded([*aid(
        ("陈国强", "特困人员"), ("李桂芳", "低保中重残重病人员"), ("陈小明", "低保"),
        ("张素珍", "特困"), ("陈小勇", "最低生活保障对象"),
    ), stranger])  # fmt: skip
    assert told(second, "added") == [("陈小勇", "", "低保")]
    assert told(second, "changed") == [
        ("李桂芳", "低保", "低保（7019 低保中重残重病人员）"),
        ("陈国强", "低保", "农村五保（7131 特困人员）"),
    ]
    assert told(second, "dropped") == [("陈小红", "低保", "")]
    assert told(second, "unknown") == [("周不识", "", "低保")]
    assert (second.same_count, second.previous_count, second.shrunk) == (2, 5, "")
    confirmed(second)
    assert codes("陈国强") == {"wubao"} and codes("陈国强", FEBRUARY) == {"dibao"}
    assert codes("陈小红") == set() and codes("陈小红", date(2026, 2, 28)) == {"dibao"}
    assert IdentityStatus.objects.get(person=named("李桂芳"), last_day=None).category == "7019"
    assert second.after == {"dibao": 3, "wubao": 2}
    line = AuditLine.objects.get(action="enrollment.list_applied", subject_id=str(second.pk))
    assert line.after["holders_before"] == {"dibao": 4, "wubao": 1}
    assert (line.after["holders"], line.after["dropped_count"]) == ({"dibao": 3, "wubao": 2}, 1)
    status = IdentityStatus.objects.get(person=named("陈小勇"))
    assert (status.source, status.batch) == ("民政局", f"2026-03 名单 {second.pk}")


def test_what_was_approved_is_dropped_by_the_departments_list(chens, uploaded, confirmed):
    confirmed(uploaded(aid(*FIVE), month=FEBRUARY))
    hold(named("陈小勇"), "dibao", "student", since=date(2026, 2, 20))
    again = uploaded(as_csv(aid(*FIVE)))
    assert told(again, "dropped") == [("陈小勇", "低保", "")]
    confirmed(again)
    assert codes("陈小勇") == {"student"}  # not for civil affairs to say


def test_the_same_file_twice_changes_nothing(cast, chens, uploaded, confirmed):
    rows = aid(*FIVE)
    content = as_csv(rows)
    first = confirmed(uploaded(content))
    before = list(IdentityStatus.objects.values())
    again = uploaded(content)
    assert again == first
    assert StatusList.objects.count() == 1
    run("enrollment.statuslist", first.pk, MARCH)
    assert list(IdentityStatus.objects.values()) == before
    # The same people in another file: everybody stays, and applying it writes nothing.
    other = confirmed(uploaded(as_csv(rows, "gb18030")))
    assert (other.same_count, other.added_count) == (5, 0)
    assert list(IdentityStatus.objects.values()) == before


def test_a_list_that_shrinks_waits_for_a_second_person(cast, chens, uploaded, confirmed):
    confirmed(uploaded(aid(*FIVE), month=FEBRUARY))
    short = uploaded(aid(*FIVE[:3]))
    assert short.shrunk == "名单 3 人，比上次（2026-02，5 人）少 40%"
    with pytest.raises(Refusal, match="放行后才能更新"):
        confirmed(short)
    for actor, reason, words in (
        (cast.reviewer, "已电话核实", "您的角色不能办理“放行”"),
        (in_duty(cast.reviewer, Role.APPROVER), "已电话核实", "必须由不同的人办理"),
        (cast.approver, "好", "写明人数骤减的原因"),
    ):
        with pytest.raises(Refusal, match=words):
            STATUS_LISTS.release(actor=actor, upload=short, reason=reason)
    with pytest.raises(DatabaseError, match="released_by"), transaction.atomic():
        StatusList.objects.filter(pk=short.pk).update(
            released_by=cast.reviewer, release_reason="自己放行"
        )
    with pytest.raises(DatabaseError, match="applied_list_was_confirmed"), transaction.atomic():
        StatusList.objects.filter(pk=short.pk).update(status="applying")
    STATUS_LISTS.release(actor=cast.approver, upload=short, reason="年审清退，民政局来函 12 号")
    assert confirmed(short).status == "done"
    assert codes("陈小红") == set()
    with pytest.raises(Refusal, match="现为“已导入”，不能办理“放行”"):
        STATUS_LISTS.release(actor=cast.approver, upload=short, reason="再放一次")


def test_a_list_of_another_county_would_drop_everybody(cast, chens, uploaded, confirmed):
    confirmed(uploaded(aid(*FIVE), month=FEBRUARY))
    strangers = [[f"外人{i}", resident_id("19600101", i), "低保"] for i in range(1, 6)]
    wrong = uploaded([HEADER, *strangers])
    assert (wrong.unknown_count, wrong.dropped_count) == (5, 5)
    assert wrong.shrunk == "将取消 5 人，占系统现有 5 人的 100%"


def test_exactly_a_fifth_less_passes(cast, chens, uploaded, confirmed):
    confirmed(uploaded(aid(*FIVE), month=FEBRUARY))
    assert uploaded(aid(*FIVE[:4])).shrunk == ""


def test_other_names_and_the_dead_are_held_back_and_lose_nothing(cast, chens, uploaded, confirmed):
    confirmed(uploaded(aid(*FIVE), month=FEBRUARY))
    record_death(
        actor=cast.clerk_a, person=named("陈小明"), effective_on=date(2026, 3, 2), on=MARCH
    )
    rows = aid(*FIVE, ("陈小勇", "孤儿"))
    rows[1][0] = "陈国墙"
    held = uploaded(rows)
    notes = dict(held.lines.filter(verdict="held").values_list("name", "note"))
    assert notes == {
        "陈国墙": "系统中姓名为“陈国强”，请核对",
        "陈小明": "已登记死亡（2026-03-02）",
        "陈小勇": "本县办法没有这类身份，不产生待遇",
    }
    assert held.dropped_count == 0
    confirmed(held)
    assert codes("陈国强") == {"dibao"}


def test_one_person_may_be_listed_with_two_statuses(cast, chens, uploaded, confirmed):
    one = confirmed(uploaded(aid(("张素珍", "五保"), ("张素珍", "低保"), ("张素珍", "低保"))))
    assert one.listed_count == 1
    assert codes("张素珍") == {"wubao", "dibao"}


def test_when_the_register_moved_on_the_list_is_compared_again(cast, chens, uploaded, confirmed):
    one = uploaded(aid(*FIVE))
    hold(named("陈小勇"), "dibao", since=date(2026, 2, 1))
    confirmed(one)
    assert (one.status, one.confirmed_by) == ("checked", None)
    assert codes("陈国强") == set()


def test_an_earlier_month_cannot_follow_a_later_one(cast, chens, uploaded, confirmed):
    late = uploaded(aid(*FIVE[:4]), month=FEBRUARY)
    confirmed(uploaded(aid(*FIVE)))
    with pytest.raises(Refusal, match="2026-03 的名单已经更新"):
        confirmed(late)
    with pytest.raises(Refusal, match="2026-03 的名单已经更新"):
        uploaded(aid(*FIVE[:3]), month=FEBRUARY)


def test_only_the_county_loads_lists_and_only_of_the_past(cast, chens, uploaded):
    with pytest.raises(Refusal, match="县经办中心"):
        uploaded(aid(*FIVE), actor=cast.clerk_a)
    for day in (date(2026, 2, 28), date(2026, 3, 11)):
        with pytest.raises(Refusal, match="生效日期"):
            uploaded(aid(*FIVE), effective_on=day)


def test_confirming_is_bound_to_the_file_and_giving_up_forgets_it(cast, chens, uploaded):
    one = uploaded(aid(*FIVE))
    with pytest.raises(Refusal, match="不是这份文件"):
        STATUS_LISTS.confirm(actor=cast.reviewer, upload=one, sha256="0" * 64, on=MARCH)
    STATUS_LISTS.again(actor=cast.reviewer, upload=one)
    STATUS_LISTS.discard(actor=cast.reviewer, upload=one)
    one.refresh_from_db()
    assert (one.status, one.content, one.lines.count()) == ("discarded", "", 0)
    assert uploaded(aid(*FIVE)).status == "checked"


def test_a_file_that_nobody_confirms_is_forgotten_after_a_month(cast, chens, uploaded):
    one = uploaded(aid(*FIVE))
    StatusList.objects.update(requested_at=datetime(2026, 3, 10, 4, tzinfo=UTC))
    assert STATUS_LISTS.forget(on=date(2026, 4, 9)) == 0
    assert STATUS_LISTS.forget(on=date(2026, 4, 10)) == 1
    assert STATUS_LISTS.forget(on=date(2026, 4, 10)) == 0
    one.refresh_from_db()
    assert (one.status, one.content, one.lines.count()) == ("checked", "", 5)
    with pytest.raises(Refusal, match="文件已按期清除，请放弃后重新上传"):
        STATUS_LISTS.again(actor=cast.reviewer, upload=one)
    assert not one.may_be_confirmed
    with pytest.raises(Refusal, match="文件已按期清除，请放弃后重新上传"):
        STATUS_LISTS.confirm(actor=cast.reviewer, upload=one, sha256=one.sha256, on=MARCH)


def test_a_list_that_was_applied_long_ago_can_still_be_taken_away(
    cast, chens, uploaded, confirmed, as_user
):
    one = confirmed(uploaded(aid(*FIVE)))
    StatusList.objects.update(requested_at=datetime(2026, 3, 10, 4, tzinfo=UTC))
    assert STATUS_LISTS.forget(on=date(2026, 4, 10)) == 1
    client, take = as_user(cast.auditor), f"/enrollment/lists/{one.pk}/difference"
    assert f'action="{take}"' in client.get(f"/enrollment/lists/{one.pk}").content.decode()
    assert client.post(take).status_code == 302  # without a purpose nothing leaves
    assert client.post(take, {"reason": "交民政核对"}).status_code == 200


def test_the_lines_of_an_applied_list_stay(cast, chens, uploaded, confirmed):
    one = confirmed(uploaded(aid(*FIVE)))
    for act in (lambda rows: rows.delete(), lambda rows: rows.update(note="改过")):
        with pytest.raises(DatabaseError, match="the list is applied"), transaction.atomic():
            act(ListLine.objects.filter(list=one))


@pytest.mark.parametrize(
    ("kind", "identity", "code", "category"),
    [
        ("disabled", "一级", "severe_disability", "7069"),
        ("disabled", "", "severe_disability", ""),
        ("rural", "边缘易致贫户", "poverty_monitoring", "7204"),
        ("rural", "7203", "poverty_monitoring", "7203"),
        ("veterans", "在乡老复员军人", "preferential", "7090"),
        ("family_planning", "", "family_planning", ""),
        ("students", "在校学生", "student", ""),
    ],
)
def test_every_department_says_its_own_status(
    chens, uploaded, confirmed, kind, identity, code, category
):
    confirmed(uploaded([["姓名", "身份证号", "身份"], row("陈小勇", identity)], kind))
    status = IdentityStatus.objects.get()
    assert (status.person, status.code, status.category) == (named("陈小勇"), code, category)


def test_the_table_of_three_naming_systems_is_sound():
    both = frozenset(IdentityStatus.Code.values)
    assert {one.code for one in identities()} <= {*IdentityStatus.Code.values, ""}
    given = [one.medical_code for one in identities() if one.medical_code]
    assert len(given) == len(set(given)) == 13
    for one in identities():
        for name in one.names:
            assert meant(name, both) is not None, name
    assert meant("低保中重残重病人员", both) == ("dibao", "7019")
    assert meant("民政城乡低保对象", both) == ("dibao", "7019")
    assert meant("低保对象", both) == ("dibao", "")  # the national name of two categories
    assert meant("特困人员", frozenset({"student"})) is None  # not for schools to say
    assert meant("乡村振兴脱贫不稳定人口", both) == ("poverty_monitoring", "7203")
