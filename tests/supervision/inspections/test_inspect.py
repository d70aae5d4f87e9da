"""A sweep from its plan to its summary, teams, and answers that arrive twice, late and crossed."""

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from accounts.roles import Role
from claims.paper_intake.scans import place_of
from desk.decisions import Asked
from institutions.models import Practitioner
from moving.keeping.restoring import check_scans
from supervision.inspections import services
from supervision.inspections.answering import finish_inspection, take_answers, take_photo
from supervision.inspections.coverage import coverage
from supervision.inspections.models import (
    Answer,
    Checklist,
    Inspection,
    Photo,
    Sweep,
)
from supervision.inspections.workflow import CHECKLISTS
from tests.conftest import make_user
from tests.supervision.inspections.conftest import TODAY, World, answer, good, picture, values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]


def move(world: World, sweep: Sweep, event: str, reason: str = "") -> Sweep:
    return services.move_sweep(
        actor=world.planner, sweep=sweep, event=event, reason=reason, on=TODAY
    )


def test_a_checklist_is_in_force_when_another_has_agreed(world: World) -> None:
    asked = Asked(world.planner, TODAY, "府发〔2026〕3号", "年度检查")
    row = services.propose_checklist(
        asked=asked, area=world.area, name="hospital-2026", first_day=date(2026, 3, 1)
    )
    assert not Checklist.objects.in_force(TODAY).exists()
    with pytest.raises(Refusal, match=r"不能办理|不同的人"):
        CHECKLISTS.decide(row, "approve_checklist", actor=world.planner, on=TODAY)
    CHECKLISTS.decide(row, "approve_checklist", actor=world.approver, on=TODAY)
    assert list(Checklist.objects.in_force(TODAY)) == [row]
    assert not Checklist.objects.in_force(date(2026, 2, 28)).exists()


def test_the_newer_edition_holds_from_its_day(world: World) -> None:
    old = world.checklist()
    asked = Asked(world.planner, TODAY, "府发〔2026〕9号", "修订")
    new = services.propose_checklist(
        asked=asked, area=world.area, name="village-clinic-2026", first_day=date(2026, 5, 1)
    )
    CHECKLISTS.decide(new, "approve_checklist", actor=world.approver, on=TODAY)
    assert list(Checklist.objects.in_force(date(2026, 4, 30))) == [old]
    assert list(Checklist.objects.in_force(date(2026, 5, 1))) == [new]


def test_a_sweep_is_summed_up_when_everybody_is_covered(world: World) -> None:
    sweep = world.on_site()
    with pytest.raises(Refusal, match="桥亭村卫生室、石庙村卫生室还没有查完"):
        move(world, sweep, "begin_summary")
    world.walked(world.visit(world.place(sweep, world.bridge)))
    assert (coverage(sweep).covered, coverage(sweep).asked, coverage(sweep).percent) == (1, 2, 50)
    with pytest.raises(Refusal, match=r"^石庙村卫生室还没有查完"):
        move(world, sweep, "begin_summary")
    services.leave_out(
        actor=world.planner, place=world.place(sweep, world.temple), reason="停业装修至六月"
    )
    assert coverage(sweep).percent == 100
    move(world, sweep, "begin_summary")
    done = move(world, sweep, "close_sweep", "查一家，免检一家，未发现问题")
    assert done.status == Sweep.Status.CLOSED and done.closed_by == world.planner


def test_where_two_visits_are_due_one_does_not_cover(world: World) -> None:
    """制剂室监督检查实施方案: 要进行两次现场检查, 检查覆盖率应达100%."""
    sweep = world.on_site(rounds=2)
    place = world.place(sweep, world.bridge)
    world.walked(world.visit(place))
    assert coverage(sweep).covered == 0
    second = world.visit(place)
    assert second.round == 2
    world.walked(second)
    assert coverage(sweep).covered == 1
    with pytest.raises(Refusal, match="已查满 2 次"):
        world.visit(place)


def test_the_institution_checks_itself_first(world: World) -> None:
    sweep = world.sweep()
    move(world, sweep, "begin_self_check")
    own = Inspection.objects.visible_to(world.clerk).get()
    assert own.kind == Inspection.Kind.SELF and own.due_on == date(2026, 4, 10)
    with pytest.raises(Refusal, match="自查由机构自己填写"):
        take_answers(actor=world.second, inspection=own, typed=[answer("prices", "good")])
    done = world.walked(own, by=world.clerk)
    assert done.status == Inspection.Status.DONE
    assert coverage(sweep).covered == 0  # what an institution says of itself covers nothing


def test_a_visit_to_come_is_no_announcement(world: World) -> None:
    sweep = world.on_site()
    row = world.visit(world.place(sweep, world.bridge))
    assert not Inspection.objects.visible_to(world.clerk).exists()
    world.walked(row)
    assert list(Inspection.objects.visible_to(world.clerk)) == [row]


@pytest.mark.parametrize("what", ["one", "declared", "practitioner", "account", "other role"])
def test_who_may_not_go(world: World, cast: SimpleNamespace, what: str) -> None:
    place = world.place(world.on_site(), world.bridge)
    members, said = [world.planner, world.second], "应当回避桥亭村卫生室"
    if what == "one":
        members, said = [world.planner, world.planner], "至少两人"
    if what == "declared":
        services.declare_interest(
            actor=world.second,
            person=world.second,
            institution=world.bridge,
            relation="kin",
            detail="其妻在该室",
        )
    if what == "practitioner":
        Practitioner.objects.create(code="D01", name="周文静", institution=world.bridge)
        said = "同名"
    if what == "account":
        make_user("zhou_at_clinic", "周文静", Role.INSTITUTION_CLERK, None, world.bridge.code)
        said = "同名"
    if what == "other role":
        members, said = [world.planner, cast.accountant], "不是检查人员"
    with pytest.raises(Refusal, match=said):
        services.arrange_visits(actor=world.planner, places=[place], members=members, due_on=TODAY)
    assert not Inspection.objects.exists()


def test_a_namesake_goes_once_it_is_declared(world: World) -> None:
    place = world.place(world.on_site(), world.bridge)
    Practitioner.objects.create(code="D01", name="周文静", institution=world.bridge)
    services.declare_interest(
        actor=world.planner,
        person=world.second,
        institution=world.bridge,
        relation="namesake",
        detail="身份证号不同，已核对",
    )
    assert world.visit(place).team.count() == 2


def test_nobody_ends_what_keeps_himself_away(world: World) -> None:
    row = services.declare_interest(
        actor=world.planner,
        person=world.planner,
        institution=world.bridge,
        relation="share",
        detail="入股",
    )
    with pytest.raises(Refusal, match="不能撤销本人的声明"):
        services.end_interest(actor=world.planner, interest=row, reason="已退股")
    services.end_interest(actor=world.third, interest=row, reason="已退股，见协议")
    assert world.visit(world.place(world.on_site(), world.bridge))


def test_an_answer_that_is_sent_twice_is_one(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    one = answer("prices", "bad", "三种药没有标价")
    first = take_answers(actor=world.second, inspection=row, typed=[one])
    again = take_answers(actor=world.second, inspection=row, typed=[one])
    assert [first[0].state, again[0].state] == ["kept", "same"]
    assert Answer.objects.count() == 1
    assert Inspection.objects.get().status == Inspection.Status.OPEN
    lines = AuditLine.objects.filter(action="supervision.answer_inspection")
    assert [line.after for line in lines] == [{"answers": 1}]


def test_what_is_sent_again_is_asked_for_once(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    typed = [answer(one, "none") for one in ("prices", "licence", "receipts", "publicity")]
    take_answers(actor=world.second, inspection=row, typed=typed)
    counts = []
    for some in (typed[:1], typed):
        fresh = Inspection.objects.get()
        with CaptureQueriesContext(connection) as asked:
            taken = take_answers(actor=world.second, inspection=fresh, typed=some)
        assert {one.state for one in taken} == {"same"}
        counts.append(len(asked))
    assert counts[0] == counts[1]
    # Twice in one parcel is once too.
    twice = [answer("waste", "good")] * 2
    taken = take_answers(actor=world.second, inspection=row, typed=twice)
    assert [one.state for one in taken] == ["kept", "same"] and Answer.objects.count() == 5


def test_the_nightly_check_and_that_of_a_backup_know_the_photos(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    one, two = [
        take_photo(actor=world.second, inspection=row, item="", key=uuid4(), content=picture(what))
        for what in ("red", "blue")
    ]
    kept = {f"{f.hex[:2]}/{f.hex}.bin": place_of(f).read_bytes() for f in (one.file, two.file)}
    backup: Any = SimpleNamespace(
        secret=None,
        of=SimpleNamespace(scans=lambda _: list(kept), scan=lambda name, _: kept[name]),
    )
    here: Any = SimpleNamespace(cursor=connection.cursor)
    call_command("verify_scans")
    assert check_scans(backup, here) == 2
    first, second = kept
    kept[first] = b"other"
    with pytest.raises(Refusal, match="与登记的指纹不符"):
        check_scans(backup, here)
    del kept[first], kept[second]
    with pytest.raises(Refusal, match="备份中缺少扫描件"):
        check_scans(backup, here)
    place_of(one.file).write_bytes(b"other")
    place_of(two.file).unlink()
    with pytest.raises(CommandError, match="2 个扫描件、照片有问题"):
        call_command("verify_scans")
    told = capsys.readouterr().out
    assert f"检查照片 {one.pk}：与上传时不一致" in told
    assert f"检查照片 {two.pk}：文件不见了" in told


def test_two_tablets_that_did_not_see_each_other_are_told(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    one = answer("prices", "good")
    take_answers(actor=world.planner, inspection=row, typed=[one])
    other = answer("prices", "bad", "柜台后面没有标价")
    (told,) = take_answers(actor=world.second, inspection=row, typed=[other])
    assert told.state == "conflict" and told.present and told.present.key == one.key
    assert values(row) == {"prices": "good"}  # nothing is overwritten unseen
    chosen = answer("prices", "bad", "柜台后面没有标价", base=one.key)
    (kept,) = take_answers(actor=world.second, inspection=row, typed=[chosen])
    assert kept.state == "kept" and values(row) == {"prices": "bad"}
    # The same found by both is no conflict.
    (alike,) = take_answers(
        actor=world.planner, inspection=row, typed=[answer("prices", "bad", "柜台后面没有标价")]
    )
    assert alike.state == "same" and Answer.objects.count() == 2


def test_one_wrong_answer_holds_up_no_other(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    typed = [answer("register-drawn", "很多"), answer("prices", "good"), answer("no-such", "good")]
    taken = take_answers(actor=world.second, inspection=row, typed=typed)
    assert [one.state for one in taken] == ["refused", "kept", "refused"]
    assert "应填数字" in taken[0].words


def test_only_the_team_fills_in_and_nobody_after_the_end(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    with pytest.raises(Refusal, match="不在这次检查的检查组"):
        take_answers(actor=world.third, inspection=row, typed=[answer("prices", "good")])
    with pytest.raises(Refusal, match="还有 21 项"):
        finish_inspection(actor=world.second, inspection=row, present="杨村医", remark="")
    late = answer("prices", "good")
    take_answers(actor=world.second, inspection=row, typed=[late])
    typed = [one for one in row.items if one.code != "prices"]
    take_answers(
        actor=world.second,
        inspection=row,
        typed=[
            answer(one, {"number": "0", "day": "2027-01-01"}.get(one.kind, "good")) for one in typed
        ],
    )
    done = finish_inspection(actor=world.second, inspection=row, present="杨村医", remark="")
    with pytest.raises(Refusal, match="不能再填写"):
        take_answers(actor=world.second, inspection=done, typed=[answer("prices", "bad")])
    # What a tablet had sent before, and did not hear of, is still told as arrived.
    (again,) = take_answers(actor=world.second, inspection=done, typed=[late])
    assert again.state == "same"


def test_what_is_not_in_order_is_described(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    typed = [
        answer(one, {"number": "0", "day": "2027-01-01"}.get(one.kind, "good"))
        for one in row.items
        if one.code != "waste"
    ]
    take_answers(actor=world.second, inspection=row, typed=[*typed, answer("waste", "bad")])
    with pytest.raises(Refusal, match="要写明发现了什么：医疗废物"):
        finish_inspection(actor=world.second, inspection=row, present="杨村医", remark="")


def test_a_photo_that_is_sent_twice_is_one(world: World) -> None:
    row = world.visit(world.place(world.on_site(), world.bridge))
    key = uuid4()
    for _ in range(2):
        take_photo(actor=world.second, inspection=row, item="prices", key=key, content=picture())
    assert Photo.objects.count() == 1
    with pytest.raises(Refusal, match="不是或已损坏"):
        take_photo(
            actor=world.second, inspection=row, item="prices", key=uuid4(), content=b"no picture"
        )
    with pytest.raises(Refusal, match="没有这一项"):
        take_photo(actor=world.second, inspection=row, item="other", key=uuid4(), content=picture())


def test_a_sweep_that_has_begun_is_not_cancelled(world: World, county: Division) -> None:
    sweep = world.sweep()
    move(world, sweep, "begin_self_check")
    own = Inspection.objects.visible_to(world.clerk).get()
    take_answers(actor=world.clerk, inspection=own, typed=[answer("prices", "good")])
    with pytest.raises(Refusal, match="已有机构开始填写"):
        move(world, sweep, "cancel_sweep", "改到下季度")


def test_a_joint_drive_names_who_comes_along(world: World) -> None:
    with pytest.raises(Refusal, match="联合的部门"):
        world.sweep(kind="joint")
    joint = world.sweep(
        kind="joint", partners="卫健局、市场监管局", checklist=Checklist.objects.first()
    )
    assert list(Sweep.objects.in_quarter(TODAY)) == [joint]
    assert not Sweep.objects.in_quarter(date(2026, 7, 1)).exists()
    assert not Sweep.objects.in_quarter(date(2026, 3, 31)).exists()
    assert joint.quarter == "2026年第2季度"


def test_the_township_goes_in_its_own_villages_alone(world: World, cast: SimpleNamespace) -> None:
    sweep = world.on_site()
    with pytest.raises(Refusal, match="石庙村卫生室不在陈秀英的管辖范围"):
        services.arrange_visits(
            actor=world.planner,
            places=[world.place(sweep, world.temple)],
            members=[world.planner, cast.clerk_a],
            due_on=TODAY,
        )


@pytest.mark.parametrize(
    "typed_at",
    [
        "0001-01-01T00:00:00+23:59",
        "1970-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-23:59",
        "2026-13-01T00:00:00Z",
        "2026-04-01T08:00:00",
        7,
    ],
)
def test_a_tablet_whose_clock_is_wrong_loses_no_answer(
    typed_at: Any, world: World, as_user: Any
) -> None:
    """What cannot be the day is kept as of its arrival; what is no day at all is refused."""
    row = world.visit(world.place(world.on_site(), world.bridge))
    item = row.items[0]
    one = {"item": item.code, "key": str(uuid4()), "value": good(item), "typed_at": typed_at}
    url, client = f"/supervision/inspections/site/{row.pk}", as_user(world.second)
    sent = client.post(f"{url}/answers", json.dumps([one]), content_type="application/json")
    if typed_at == "2026-13-01T00:00:00Z":
        assert sent.status_code == 400 and "读不出来" in sent.json()["refused"]
        return
    assert [taken["state"] for taken in sent.json()["taken"]] == ["kept"]
    assert timezone.now() - Answer.objects.get().typed_at < timedelta(minutes=5)
    assert client.get(url).status_code == 200
