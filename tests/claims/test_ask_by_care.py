"""What a kind of care asks of its own: the pack invents the field, the page shows it, it is kept.

王秀英 has a cataract taken out at the county hospital; her county's measures ask for the eye.
"""

from datetime import date

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from claims.models import Settlement, Visit
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import TODAY, line, stay
from tests.claims.test_details import MEASURES
from tests.claims.test_pages import bill, body, found, token

ASKING = MEASURES.replace(
    "  level: {township",
    """    cataract:
      name: 白内障日间手术
      bed: no
      counts_as_stay: no
      booked_as: outpatient
      med_type: "28"
      asks:
        - code: eye
          name: 手术眼别
          kind: choice
          required: yes
          options: {left: 左眼, right: 右眼}
        - {code: lenses, name: 晶体片数, kind: whole}
  level: {township""",
).replace(
    "otherwise: {name: 没有规定",
    """  - code: cataract
    name: 白内障日间手术
    article: 第五条
    when: {care: cataract}
    kind: flat
    amounts: 1000
    base: in_scope
otherwise: {name: 没有规定""",
)
COUNTER = reverse("claims:enter_counter")
DAY = date(2026, 3, 2)


@pytest.fixture
def pack(county, cast) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=ASKING)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


def cataract(**facts):
    return stay(DAY, DAY, care="cataract", **facts)


def test_the_answer_is_kept_and_the_care_decides_the_rest(counter, wang):
    claim = counter(wang, line("X01", "1", "2000"), visit=cataract(answers={"eye": "left"}))
    visit = Visit.objects.get(pk=claim.visit_id)
    assert visit.answers == {"eye": "left"}
    assert (visit.bed, visit.counts_as_stay) == (False, False)
    assert str(claim.fund_amount) == "1000.00"


@pytest.mark.parametrize(
    ("answers", "field", "said"),
    [
        ({}, "answer_eye", "请填写手术眼别"),
        ({"eye": "third"}, "answer_eye", "请选择手术眼别"),
        ({"eye": "left", "lenses": "两片"}, "answer_lenses", "晶体片数应为整数"),
        ({"eye": "left", "tooth": "8"}, "answer_tooth", "办法没有“tooth”这一项"),
    ],
)
def test_an_answer_that_cannot_stand_is_refused(counter, wang, answers, field, said):
    with pytest.raises(Refusal, match=said) as why:
        counter(wang, line("X01", "1", "2000"), visit=cataract(answers=answers))
    assert why.value.field == field


def test_an_answer_to_what_this_care_does_not_ask_is_refused(counter, wang):
    with pytest.raises(Refusal, match="手术眼别只在白内障日间手术时填写"):
        counter(wang, line("X01", "1", "2000"), visit=stay(answers={"eye": "left"}))


def test_the_page_asks_and_the_sheet_shows(as_user, cast, catalogue, wang, settings):
    settings.TODAY = TODAY
    client = as_user(cast.hospital_clerk)
    page = found(client, COUNTER, wang)
    assert "手术眼别" in page
    assert "白内障日间手术时填写" in page
    posted = {
        "patient": token(page),
        "action": "submit",
        "care": "cataract",
        "starts": "2026-03-02",
        "ends": "",
        "diagnosis": "老年性白内障",
        "referral": "none",
        "babies": "1",
        "answer_lenses": "1",
    } | bill(("X01", "1", "2000"))
    assert "请填写手术眼别" in body(client.post(COUNTER, posted))
    assert Settlement.objects.count() == 0
    response = client.post(COUNTER, posted | {"answer_eye": "right"})
    assert response.status_code == 302
    claim = Settlement.objects.get()
    for url in (response.url, reverse("claims:sheet", args=[claim.pk])):
        told = body(client.get(url))
        assert "手术眼别：右眼" in told
        assert "晶体片数：1" in told
