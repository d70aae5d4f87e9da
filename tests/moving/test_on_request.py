"""王建国 asks at the county's office what is held about him, and is handed the paper."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import models
from django.test import Client

from accounts.models import AuditLine, Division, User
from claims.models import Settlement
from enrollment.models import Household, Person
from moving.on_request.held import NOT_TOLD, PAYEE, WAYS, held
from moving.on_request.papers import ONE_PERSON
from tests.claims.conftest import Register, agree, paper, register, wang
from tests.papers import keeps_what_it_said

__all__ = ["agree", "paper", "register", "wang"]

SignIn = Callable[[User], Client]
ASKED = {"reason": "本人持身份证要求查阅"}


def asks(client: Client, person: Person) -> None:
    answer = client.post(f"/moving/person/{person.pk}/ask", ASKED)
    assert answer.status_code == 302 and answer["Location"].endswith("/paper")


def section(facts: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in facts["sections"] if one["title"] == title)
    return found


def told(row: list[dict[str, str]]) -> dict[str, str]:
    """A long row by the names of its columns."""
    return {cell["of"]: "".join(v for k, v in cell.items() if k != "of") for cell in row}


def test_no_table_that_points_at_a_person_is_forgotten() -> None:
    """Covers, visits and claims are the person's too, so what points at them is."""
    of_a_person = {
        "enrollment.Person",
        "enrollment.Enrollment",
        "claims.Visit",
        "claims.Settlement",
    }
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model._meta.label in of_a_person:  # type: ignore[union-attr]
                assert model._meta.label in {*WAYS, *NOT_TOLD}, f"{model._meta.label}.{field.name}"
    for label, way in {**WAYS, **PAYEE}.items():
        model = apps.get_model(label)
        for name in way.split("__") if way else ():
            field = model._meta.get_field(name)
            assert isinstance(field, models.ForeignKey)
            model = field.related_model
        assert model is Person
    assert not WAYS.keys() & NOT_TOLD.keys()


def test_identity_cover_claim_hands_and_who_looked_stand_on_it(
    wang: Person,
    paper: Callable[..., Settlement],
    agree: Callable[[Settlement], Settlement],
    cast: SimpleNamespace,
    as_user: SignIn,
) -> None:
    claim = agree(paper(wang, "10000.00"))
    as_user(cast.reviewer).post(
        f"/enrollment/households/{wang.household_id}/reveal", {"reason": "核对身份证"}
    )
    facts = held(wang)
    person = told(section(facts, "参保人")["long"][0])
    assert person["姓名"] == "王建国" and person["证件号码"] == wang.resident_id
    cover = told(section(facts, "参保登记")["long"][0])
    assert (cover["参保年度"], cover["档次"], cover["状态"]) == ("2026", "二档", "已参保")
    settled = told(section(facts, "结算单")["long"][0])
    assert settled["结算单号"] == claim.number and settled["医疗费总额"] == "10000.00"
    assert settled["基金支付合计"] == f"{claim.fund_amount:.2f}" and claim.fund_amount > 0
    assert (settled["初审人"], settled["复核人"]) == ("周文静", "吴国栋")
    visit = told(section(facts, "就诊")["long"][0])
    assert (visit["就医类别"], visit["就医地"], visit["转诊"]) == ("住院", "县外", "已转诊")
    orders = told(section(facts, "支付单")["long"][0])
    assert orders["金额"] == f"{claim.fund_amount:.2f}"
    layers = section(facts, "结算单各层支付")
    paid = [Decimal(row[-1]["text"]) for row in layers["rows"]]
    assert sum(paid) == claim.fund_amount
    looked = [
        [cell["text"] for cell in row[1:]] for row in section(facts, "谁办理、查看过")["rows"]
    ]
    assert ["周文静", "初审", "查看完整证件号", "核对身份证"] in looked
    assert any(row[:3] == ["吴国栋", "复核", "审批"] or "吴国栋" in row for row in looked)
    assert "曾用证件号码" in facts["nothing"] and "退费" in facts["nothing"]


def test_what_others_have_is_not_on_it(
    wang: Person, register: Register, village_a: Division, paper: Callable[..., Settlement]
) -> None:
    li = register.person("李桂花", wang.household)
    claim = paper(li, "8000.00")
    facts = held(wang)
    assert "结算单" in facts["nothing"] and "就诊" in facts["nothing"]
    # He is who would be handed her money, and hears no more of it.
    assert section(facts, "代领：结算单")["rows"] == [
        [{"text": claim.number}, {"text": claim.get_status_display()}]
    ]
    assert "8000.00" not in str(facts) and li.resident_id not in str(facts)
    assert "8000.00" in str(held(li))


def test_who_looks_says_why_first_and_the_trail_keeps_it(
    wang: Person, cast: SimpleNamespace, as_user: SignIn
) -> None:
    client, url = as_user(cast.reviewer), f"/moving/person/{wang.pk}/paper"
    found = client.post("/moving/person", {"person": "王建国"}, follow=True).content.decode()
    assert "王建国" in found and wang.resident_id not in found
    assert client.get(url).status_code == 404  # nothing was said yet
    answer = client.post(f"/moving/person/{wang.pk}/ask", {"reason": ""}, follow=True)
    assert "查阅事由" in answer.content.decode()
    assert client.get(url).status_code == 404
    asks(client, wang)
    page = client.get(url).content.decode()
    assert "个人信息查阅单" in page and wang.resident_id not in page
    line = AuditLine.objects.get(action="moving.ask_about_person")
    assert (line.user, line.reason) == (cast.reviewer, ASKED["reason"])
    # It is one's own reason: a colleague has said none.
    assert as_user(cast.auditor).get(url).status_code == 404
    former = client.post("/moving/person", {"person": "没有此人"}, follow=True).content.decode()
    assert "没有找到" in former


def test_the_paper_keeps_what_it_said(wang: Person, cast: SimpleNamespace, as_user: SignIn) -> None:
    hand = as_user(cast.reviewer)
    asks(hand, wang)

    def change() -> None:
        Household.objects.filter(pk=wang.household_id).update(address="桥亭村新街 9 号")

    page = keeps_what_it_said(
        ONE_PERSON,
        f"/moving/person/{wang.pk}/paper",
        hand=hand,
        change=change,
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.clerk_a),
    )
    assert wang.resident_id in page and "桥亭村新街" not in page


def test_a_number_of_today_finds_the_person(
    wang: Person, cast: SimpleNamespace, as_user: SignIn
) -> None:
    client = as_user(cast.auditor)
    page = client.post("/moving/person", {"person": wang.resident_id}, follow=True).content.decode()
    assert "王建国" in page and "没有找到" not in page
