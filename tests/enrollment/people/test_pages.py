"""The pages of changes: from the household page to the saved event in two steps."""

from datetime import date

import pytest
from django.urls import reverse

from enrollment.models import Household, Person
from enrollment.people.models import FormerNumber, RegisterEvent
from tests.enrollment.conftest import resident_id
from tests.enrollment.people.conftest import MARCH, named, people_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_march(settings):
    settings.TODAY = MARCH


def page_of(client, household, name="enrollment:household_detail", *more):
    return client.get(reverse(name, args=[household.pk, *more])).content.decode()


def send(client, household, change, /, **data):
    url = reverse(f"enrollment:change_{change}", args=[household.pk])
    return client.post(url, data, follow=True)


def test_every_change_is_one_click_from_the_household(cast, chens, as_user):
    client = as_user(cast.clerk_a)
    text = page_of(client, chens)
    for kind in (
        "birth", "arrival", "transfer", "death", "departure", "return", "number", "split",
        "merge", "move", "history",
    ):  # fmt: skip
        url = reverse(f"enrollment:change_{kind}", args=[chens.pk])
        assert url in text
        page = client.get(url)
        assert page.status_code == 200
        if kind != "history":
            assert "autofocus" in page.content.decode() and 'accesskey="s"' in page.content.decode()


def test_a_birth_and_then_the_resident_id(cast, chens, as_user):
    client = as_user(cast.clerk_a)
    page = send(
        client, chens, "birth", name="陈安安", kind="birth_certificate", number="p５００123456",
        sex="2", birth_date="2026-02-01", relationship="4", residence="rural", ethnicity="01",
    )  # fmt: skip
    assert f"已登记陈安安，医疗证号 {chens.number}05" in page.content.decode()
    assert "出生医学证明" in page.content.decode()
    baby = named("陈安安")
    number = resident_id("20260201", 33, male=False)
    page = send(
        client, chens, "number", person=baby.pk, kind="resident_id", number=number,
        effective_on="2026-03-05",
    )  # fmt: skip
    assert "证件号码已更换" in page.content.decode()
    history = page_of(client, chens, "enrollment:change_history")
    assert "换证" in history and "出生" in history
    assert "P500123456" not in history and number not in history  # masked
    found = client.post(reverse("enrollment:household_list"), {"text": "P500123456"}, follow=True)
    assert chens.number in found.content.decode()


def test_a_child_with_two_certificates_is_told(cast, chens, zhaos, as_user):
    """陈安安 was registered with one certificate; another names the same child. The clerk of
    another township, whose people these are not, is told nothing."""
    child = {
        "name": "陈安安", "kind": "birth_certificate", "sex": "2", "birth_date": "2026-02-01",
        "relationship": "4", "residence": "rural", "ethnicity": "01",
    }  # fmt: skip
    clerk, other = as_user(cast.clerk_a), as_user(cast.clerk_b)
    first = send(clerk, chens, "birth", number="P500123456", **child).content.decode()
    assert "也有一位" not in first
    again = send(clerk, chens, "birth", number="P500123457", **child).content.decode()
    assert f"户编号 {chens.number}）也有一位陈安安" in again and "重复登记" in again
    far = send(other, zhaos, "birth", number="P500123458", **child).content.decode()
    assert "已登记陈安安" in far and "也有一位" not in far


def test_a_wrong_form_is_told_beside_the_field(cast, chens, as_user):
    client = as_user(cast.clerk_a)
    for kind in (
        "birth", "arrival", "transfer", "death", "departure", "return", "number", "split", "move",
        "merge",
    ):  # fmt: skip
        page = send(client, chens, kind)
        assert page.status_code == 200
        assert "hz-fielderror" in page.content.decode() or "alert-danger" in page.content.decode()
        page = send(client, chens, kind, person="x", to="1", division="x", effective_on="31")
        assert page.status_code == 200
    page = send(client, chens, "death", person=named("陈国强").pk, effective_on="2026-03-01")
    assert "由谁任户主" in page.content.decode()
    assert not RegisterEvent.objects.exists()


def test_death_departure_and_return(cast, chens, as_user):
    client = as_user(cast.clerk_a)
    head, wife, son = named("陈国强"), named("李桂芳"), named("陈小明")
    send(
        client, chens, "death", person=head.pk, effective_on="2026-03-01", new_head=wife.pk,
        reason="病故",
    )  # fmt: skip
    page = send(
        client, chens, "departure", person=son.pk, effective_on="2026-03-02", reason="迁往渝中区"
    )
    text = page.content.decode()
    assert "已死亡" in text and "已迁出" in text and "不再计入应参保人数" in text
    send(client, chens, "return", person=son.pk, effective_on="2026-03-09", relationship="2")
    assert set(Person.objects.present()) == set(chens.members.exclude(pk=head.pk))


def test_a_bride_moves_to_a_household_of_another_township(cast, chens, zhaos, as_user):
    client = as_user(cast.clerk_a)
    bride = named("陈小红")
    page = send(
        client, chens, "transfer", person=bride.pk, to=f"{zhaos.number}02", relationship="8",
        effective_on="2026-03-08", reason="与赵志远结婚",
    )  # fmt: skip
    assert "万古镇石庙村" in page.content.decode()
    assert people_of(zhaos)[-1] == "陈小红 其他 03"
    page = send(
        client, chens, "transfer", person=named("陈小明").pk, to="5002250101019999",
        relationship="8", effective_on="2026-03-08", reason="招婿",
    )  # fmt: skip
    assert "没有这个户编号" in page.content.decode()


def test_a_split_and_its_correction(cast, chens, as_user):
    client = as_user(cast.clerk_a)
    son = named("陈小明")
    relationships = {f"relationship-{one.pk}": one.relationship for one in chens.members.all()}
    page = send(
        client, chens, "split", division=chens.division_id, effective_on="2026-03-01",
        reason="成家", **relationships | {f"relationship-{son.pk}": "0", f"leaving-{son.pk}": "on"},
    )  # fmt: skip
    assert "已分户，新户编号" in page.content.decode()
    event = RegisterEvent.objects.get()
    assert people_of(event.other_household) == ["陈小明 户主 01"]
    undo = reverse("enrollment:change_undo", args=[chens.pk, event.pk])
    assert client.get(undo).status_code == 200
    assert "请写明事由" in client.post(undo, {"reason": ""}).content.decode()
    page = client.post(undo, {"reason": "手续未办"}, follow=True)
    assert "已更正撤销" in page.content.decode()
    assert chens.members.count() == 4
    page = client.post(undo, {"reason": "再撤一次"})
    assert "已经撤销" in page.content.decode()


def test_a_merger_asks_for_the_household_first_and_then_for_the_relationships(
    cast, chens, register, village_a, as_user
):
    old = register(village_a, ("张素珍", "19500220", "1"))
    Person.objects.filter(name="张素珍").update(relationship="0")
    client = as_user(cast.clerk_a)
    facts = {"to": chens.number, "effective_on": "2026-03-01", "reason": "随子生活"}
    page = send(client, old, "merge", **facts)
    text = page.content.decode()
    assert "张素珍" in text and "陈国强" in text and not RegisterEvent.objects.exists()
    assert text.count(" selected") == 5  # four keep theirs, hers is still to be chosen
    relationships = {f"relationship-{one.pk}": one.relationship for one in chens.members.all()}
    relationships[f"relationship-{named('张素珍').pk}"] = "5"
    page = send(client, old, "merge", **facts, **relationships)
    assert "原户已销户" in page.content.decode()
    assert people_of(chens)[-1] == "张素珍 父母 05"
    text = page_of(client, old)
    assert "已销户" in text and reverse("enrollment:change_birth", args=[old.pk]) not in text


def test_only_households_in_scope_are_merged_and_their_members_shown(cast, chens, zhaos, as_user):
    page = send(
        as_user(cast.clerk_a), chens, "merge", to=zhaos.number, effective_on="2026-03-01",
        reason="合住",
    )  # fmt: skip
    text = page.content.decode()
    assert "本辖区没有这个户编号" in text and "赵文斌" not in text


def test_a_move_into_another_township_leaves_the_clerks_sight(cast, chens, village_b, as_user):
    client = as_user(cast.clerk_a)
    page = send(
        client, chens, "move", division=village_b.pk, effective_on="2026-03-01", reason="搬迁",
        address="石庙村 1 组",
    )  # fmt: skip
    assert "新户编号 5002250201" in page.content.decode()
    assert page.redirect_chain[-1][0] == reverse("enrollment:household_list")
    assert client.get(reverse("enrollment:household_detail", args=[chens.pk])).status_code == 404
    event = RegisterEvent.objects.get()
    undo = reverse("enrollment:change_undo", args=[chens.pk, event.pk])
    assert client.post(undo, {"reason": "搬迁取消"}).status_code == 404
    page = as_user(cast.clerk_b).post(undo, {"reason": "搬迁取消"}, follow=True)
    assert page.status_code == 200
    chens.refresh_from_db()
    assert chens.division.code == "500225101201"


def test_changes_stay_in_scope_and_with_the_clerks(cast, chens, zhaos, as_user):
    event_of_others = send(
        as_user(cast.clerk_b), zhaos, "departure", person=named("赵志远").pk,
        effective_on="2026-03-01", reason="参军",
    )  # fmt: skip
    assert event_of_others.status_code == 200
    event = RegisterEvent.objects.get()
    client = as_user(cast.clerk_a)
    for name, args in (
        ("change_birth", [zhaos.pk]),
        ("change_history", [zhaos.pk]),
        ("change_undo", [chens.pk, event.pk]),  # another household's event
    ):
        assert client.get(reverse(f"enrollment:{name}", args=args)).status_code == 404
    reviewer = as_user(cast.reviewer)
    assert reviewer.get(reverse("enrollment:change_history", args=[chens.pk])).status_code == 200
    assert reviewer.get(reverse("enrollment:change_birth", args=[chens.pk])).status_code == 403


def test_ethnicity_and_actual_residence_are_corrected_with_the_member(cast, chens, as_user):
    person = named("陈小明")
    url = reverse("enrollment:person_edit", args=[person.pk])
    client = as_user(cast.clerk_a)
    assert "土家族" in client.get(url).content.decode()
    client.post(
        url,
        {"name": "陈小明", "relationship": "2", "residence": "rural", "ethnicity": "15",
         "actual_residence": "广东东莞", "resident_id": resident_id("20020901", 44)},
    )  # fmt: skip
    person.refresh_from_db()
    assert (person.ethnicity, person.actual_residence) == ("15", "广东东莞")
    assert FormerNumber.objects.get().mistaken
    assert person.birth_date == date(2002, 9, 1)
    assert Household.objects.count() == 1
