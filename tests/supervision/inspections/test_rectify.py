"""From a finding to what was put right: the order, the answer, the second look, the hand-over, and
the papers of all that."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import Role
from institutions.models import Institution, Practitioner
from supervision.cases.keeping import name_officer
from supervision.cases.services import from_handover
from supervision.inspections import answering, services
from supervision.inspections.answering import take_photo
from supervision.inspections.models import (
    Inspection,
    Interest,
)
from supervision.inspections.order_models import (
    HandOver,
    Order,
)
from supervision.inspections.papers import (
    HANDOVER_LETTER,
    INSPECTION_ARCHIVE,
    INSPECTION_RECORD,
    RECTIFICATION_ORDER,
)
from supervision.inspections.rectifying import (
    answer_order,
    check_reply,
    hand_over,
    issue_order,
    tell_result,
)
from supervision.models import Case
from tests.conftest import in_duty, make_user, past_the_guards
from tests.papers import keeps_what_it_said
from tests.supervision.inspections.conftest import TODAY, World, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]


def visited(world: World, bad: str = "prices") -> Inspection:
    return world.walked(world.visit(world.place(world.on_site(), world.bridge)), bad=bad)


def ordered(world: World, bad: str = "prices") -> Order:
    return issue_order(
        actor=world.second, inspection=visited(world, bad), days=10, words="", on=TODAY
    )


def checked(world: World, order: Order, event: str, actor: User | None = None) -> Order:
    return check_reply(
        actor=actor or world.planner, order=order, event=event, reason="看了照片和登记", on=TODAY
    )


def test_an_order_names_what_was_found_and_ends_on_a_working_day(world: World) -> None:
    order = ordered(world)
    assert order.number == "整改通知书〔2026〕1号"
    # Thursday 2 April and ten working days: no days off are announced in this county.
    assert order.due_on == date(2026, 4, 16)
    (line,) = order.lines.all()
    assert line.item == "prices" and line.found == "不符合：见照片"
    assert line.source.startswith("大足办法第三十二条") and not line.grave
    with pytest.raises(Refusal, match="已下达整改通知书"):
        issue_order(actor=world.second, inspection=order.inspection, days=10, words="", on=TODAY)


def test_where_nothing_was_found_nothing_is_ordered(world: World) -> None:
    row = visited(world, bad="")
    with pytest.raises(Refusal, match="没有不符合的项目"):
        issue_order(actor=world.second, inspection=row, days=10, words="", on=TODAY)


def test_the_institution_answers_and_another_than_who_ordered_it_agrees(world: World) -> None:
    order = ordered(world)
    assert list(Order.objects.visible_to(world.clerk)) == [order]
    reply = answer_order(
        actor=world.clerk, order=order, text="三种药已补标价，见照片", photos=[picture("blue")]
    )
    assert reply.photos.count() == 1
    with pytest.raises(Refusal, match="不同的人"):
        checked(world, order, "verify_order", world.second)
    done = checked(world, order, "verify_order")
    assert done.status == Order.Status.VERIFIED and done.verified_by == world.planner


def test_what_is_not_put_right_goes_back_and_both_answers_stand(world: World) -> None:
    order = ordered(world)
    answer_order(actor=world.clerk, order=order, text="正在办")
    assert checked(world, order, "send_order_back").status == Order.Status.ISSUED
    answer_order(actor=world.clerk, order=order, text="已补标价")
    checked(world, order, "verify_order")
    assert list(order.replies.values_list("text", "is_good")) == [
        ("正在办", False),
        ("已补标价", True),
    ]


def test_what_is_grave_is_looked_at_again_on_site(world: World) -> None:
    order = ordered(world, bad="emergency-until")
    answer_order(actor=world.clerk, order=order, text="已更换")
    with pytest.raises(Refusal, match="请安排复查"):
        checked(world, order, "verify_order")
    team = [world.planner, world.third]
    again = services.arrange_second_look(
        actor=world.planner, order=order, members=team, due_on=TODAY
    )
    assert [one.code for one in again.items] == ["emergency-until"]
    world.walked(again, bad="emergency-until", by=world.third)
    with pytest.raises(Refusal, match="复查仍不符合"):
        checked(world, order, "verify_order")
    checked(world, order, "send_order_back")
    answer_order(actor=world.clerk, order=order, text="这次全部更换")
    with pytest.raises(Refusal, match="请安排复查"):  # the look before this answer says nothing
        checked(world, order, "verify_order")
    third = services.arrange_second_look(
        actor=world.planner, order=order, members=team, due_on=TODAY
    )
    assert third.round == 2
    world.walked(third, by=world.third)
    assert checked(world, order, "verify_order").status == Order.Status.VERIFIED


def test_a_second_look_takes_place_after_the_sweep_is_closed(world: World) -> None:
    sweep = world.on_site()
    row = world.walked(world.visit(world.place(sweep, world.bridge)), bad="emergency-until")
    services.leave_out(
        actor=world.planner, place=world.place(sweep, world.temple), reason="停业装修至六月"
    )
    order = issue_order(actor=world.second, inspection=row, days=10, words="", on=TODAY)
    for event, reason in (("begin_summary", ""), ("close_sweep", "查一家，免检一家，一项整改中")):
        services.move_sweep(actor=world.planner, sweep=sweep, event=event, reason=reason, on=TODAY)
    answer_order(actor=world.clerk, order=order, text="已更换")
    again = services.arrange_second_look(
        actor=world.planner, order=order, members=[world.planner, world.third], due_on=TODAY
    )
    take_photo(actor=world.third, inspection=again, item="", key=uuid4(), content=picture())
    world.walked(again, by=world.third)
    assert checked(world, order, "verify_order").status == Order.Status.VERIFIED


def test_the_institution_is_not_told_of_a_second_look_to_come(
    world: World, as_user: Callable[[User], Client]
) -> None:
    order = ordered(world, bad="emergency-until")
    answer_order(actor=world.clerk, order=order, text="已更换")
    again = services.arrange_second_look(
        actor=world.planner,
        order=order,
        members=[world.planner, world.third],
        due_on=date(2026, 4, 28),
    )
    page = reverse("supervision:order", args=[order.pk])
    clinic, bureau = as_user(world.clerk), as_user(world.third)
    assert "2026-04-28" in bureau.get(page).content.decode()
    told = clinic.get(page).content.decode()
    assert "2026-04-28" not in told and "<h2>复查</h2>" not in told
    world.walked(again, by=world.third)
    assert "<h2>复查</h2>" in clinic.get(page).content.decode()


def test_a_full_visit_leaves_room_for_the_photos_of_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MAX_PHOTOS", 2)
    row = world.visit(world.place(world.on_site(), world.bridge))
    for colour in ("red", "green"):
        take_photo(
            actor=world.second, inspection=row, item="", key=uuid4(), content=picture(colour)
        )
    with pytest.raises(Refusal, match="最多 2 张"):
        take_photo(actor=world.second, inspection=row, item="", key=uuid4(), content=picture())
    row = world.walked(row, bad="prices")
    order = issue_order(actor=world.second, inspection=row, days=10, words="", on=TODAY)
    shown = [picture(colour) for colour in ("blue", "white", "black")]
    reply = answer_order(actor=world.clerk, order=order, text="已补标价", photos=shown)
    assert reply.photos.count() == 3
    checked(world, order, "send_order_back")
    with pytest.raises(Refusal, match="一次回复最多 10 张"):
        answer_order(actor=world.clerk, order=order, text="已补", photos=[picture()] * 11)


def test_the_archive_asks_no_more_of_many_visits_than_of_one(world: World) -> None:
    place = world.place(world.on_site(rounds=2), world.bridge)

    def one_more() -> int:
        row = world.walked(world.visit(place), bad="emergency-until")
        order = issue_order(actor=world.second, inspection=row, days=10, words="", on=TODAY)
        answer_order(actor=world.clerk, order=order, text="已更换", photos=[picture()])
        team = [world.planner, world.third]
        again = services.arrange_second_look(
            actor=world.planner, order=order, members=team, due_on=TODAY
        )
        world.walked(again, by=world.third)
        checked(world, order, "verify_order")
        hand_over(actor=world.second, inspection=row, to="health", reason="超范围", on=TODAY)
        with CaptureQueriesContext(connection) as asked:
            said = INSPECTION_ARCHIVE.facts(Institution.objects.get(pk=world.bridge.pk))
        assert [len(one["answers"]) for one in said["visits"][:2]] == [1, 21]
        return len(asked)

    assert one_more() == one_more()


def test_another_institution_neither_sees_nor_answers(world: World) -> None:
    order = ordered(world)
    stranger = make_user(
        "temple_clerk", "石春", Role.INSTITUTION_CLERK, institution_code=world.temple.code
    )
    assert not Order.objects.visible_to(stranger).exists()
    with pytest.raises(Refusal, match="只能回复本机构"):
        answer_order(actor=stranger, order=order, text="已补标价")


def test_an_order_never_says_otherwise(world: World) -> None:
    order = ordered(world)
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(due_on=date(2026, 12, 31))
    with pytest.raises(DatabaseError), transaction.atomic():
        order.lines.update(found="没有问题")
    with pytest.raises(DatabaseError), transaction.atomic():
        order.inspection.answers.update(value="good")


def test_a_finding_is_handed_over_and_what_became_of_it_is_told(world: World) -> None:
    row = visited(world)
    one = hand_over(
        actor=world.second, inspection=row, to="health", reason="涉嫌超范围执业", on=TODAY
    )
    assert one.number == "移送函〔2026〕1号"
    with pytest.raises(Refusal, match="已经移送过这个部门"):
        hand_over(actor=world.second, inspection=row, to="health", reason="再次移送", on=TODAY)
    tell_result(actor=world.planner, handover=one, result="已立案，罚款三千元")
    assert HandOver.objects.get().told_by == world.planner
    assert not HandOver.objects.visible_to(world.clerk).exists()


def rename(institution: Institution) -> Callable[[], None]:
    def change() -> None:
        past_the_guards(Institution.objects.filter(pk=institution.pk), name="改名卫生室")

    return change


@pytest.fixture
def hands(
    world: World,
    cast: SimpleNamespace,
    other_county: object,
    as_user: Callable[[User], Client],
) -> dict[str, Any]:
    """Who prints the papers of the bridge clinic, which is given another name meanwhile."""
    return {
        "hand": as_user(cast.supervisor),
        "change": rename(world.bridge),
        "elsewhere": as_user(cast.other_officer),
        "stranger": as_user(cast.accountant),
    }


def test_the_record_keeps_what_it_said(world: World, hands: dict[str, Any]) -> None:
    url = reverse("supervision:inspection_record", args=[visited(world).pk])
    assert "见照片" in keeps_what_it_said(INSPECTION_RECORD, url, **hands)


def test_the_order_keeps_what_it_said(world: World, hands: dict[str, Any]) -> None:
    url = reverse("supervision:order_paper", args=[ordered(world).pk])
    assert "责令整改" in keeps_what_it_said(RECTIFICATION_ORDER, url, **hands)


def test_the_letter_keeps_what_it_said(world: World, hands: dict[str, Any]) -> None:
    letter = hand_over(
        actor=world.second,
        inspection=ordered(world).inspection,
        to="market",
        reason="价格公示不实",
        on=TODAY,
    )
    url = reverse("supervision:handover_paper", args=[letter.pk])
    assert "市场监督管理部门" in keeps_what_it_said(HANDOVER_LETTER, url, **hands)


def test_the_archive_tells_what_is_so_now(world: World, hands: dict[str, Any]) -> None:
    ordered(world)
    url = reverse("supervision:inspection_archive", args=[world.bridge.pk])
    assert "整改通知书〔2026〕1号" in keeps_what_it_said(INSPECTION_ARCHIVE, url, **hands)


def test_the_reviewer_who_changed_duty_does_not_agree_to_his_own_order(world: World) -> None:
    order = ordered(world)
    answer_order(actor=world.clerk, order=order, text="已补标价")
    with pytest.raises(Refusal, match="不同的人"):
        checked(world, order, "verify_order", in_duty(world.second, Role.APPROVER))


def test_what_is_handed_to_ourselves_becomes_a_clue_and_each_shows_the_other(
    world: World, as_user: Callable[..., Any]
) -> None:
    """桥亭村卫生室 charges what it does not show: the team hands it over to be made a case, and the
    case begins with that hand-over; once more only after nothing came of it."""
    letter = hand_over(
        actor=world.second, inspection=visited(world), to="case", reason="虚记诊疗费用", on=TODAY
    )
    client = as_user(world.planner)
    page = reverse("supervision:handover", args=[letter.pk])
    assert "转为案件线索" in client.get(page).content.decode()
    begin = reverse("supervision:case_of_handover", args=[letter.pk])
    told = client.post(begin, follow=True).content.decode()
    case = Case.objects.get()
    assert (case.source, case.source_note, case.told, case.institution, case.hand_over) == (
        "inspect", letter.number, "虚记诊疗费用", world.bridge, letter,
    )  # fmt: skip
    inspection = reverse("supervision:inspection", args=[letter.inspection_id])
    assert f'href="{inspection}"' in told and f'href="{page}"' in told
    there = reverse("supervision:case", args=[case.pk])
    for shown in (page, inspection):
        assert f'href="{there}"' in client.get(shown).content.decode()
    # The clinic reads its visit, and nothing of the case.
    mine = as_user(world.clerk).get(inspection).content.decode()
    assert case.number not in mine and letter.number not in mine
    assert "转为案件线索" not in client.get(page).content.decode()
    again = client.post(begin, follow=True).content.decode()
    assert "刚由别人转为案件线索" in again and Case.objects.count() == 1
    past_the_guards(Case.objects.all(), status="declined")
    assert "转为案件线索" in client.get(page).content.decode()
    client.post(begin)
    assert Case.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(hand_over=None)


def test_what_goes_to_others_is_no_case_of_ours(world: World) -> None:
    letter = hand_over(
        actor=world.second,
        inspection=visited(world),
        to="health",
        reason="涉嫌超范围执业",
        on=TODAY,
    )
    with pytest.raises(Refusal, match="移送给卫生健康部门，不由本局立案"):
        from_handover(actor=world.planner, handover=letter, on=TODAY)


def test_who_has_an_interest_does_not_investigate(world: World) -> None:
    """骆明 declared that his kin works there; of two who are called alike one says that he is
    another. An inspection asks the same (test_inspect.py)."""
    letter = hand_over(
        actor=world.second, inspection=visited(world), to="case", reason="虚记诊疗费用", on=TODAY
    )
    case = from_handover(actor=world.planner, handover=letter, on=TODAY)
    Interest.objects.create(
        person=world.third, institution=world.bridge, relation="kin", detail="妻弟任村医",
        declared_by=world.third,
    )  # fmt: skip
    with pytest.raises(Refusal, match="近亲属在该机构”，应当回避桥亭村卫生室") as refused:
        name_officer(actor=world.planner, case=case, user=world.third, on=TODAY)
    assert refused.value.at == ("user",)
    Practitioner.objects.create(
        code="D500225000009", name=world.planner.name, institution=world.bridge
    )
    with pytest.raises(Refusal, match="人员同名"):
        name_officer(actor=world.planner, case=case, user=world.planner, on=TODAY)
    Interest.objects.create(
        person=world.planner, institution=world.bridge, relation="namesake", detail="另一人",
        declared_by=world.planner,
    )  # fmt: skip
    named = name_officer(actor=world.planner, case=case, user=world.planner, on=TODAY)
    assert named.user == world.planner
