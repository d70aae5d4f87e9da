"""Why an item is not covered: cover, catalogue, class, share, limits, in words with the article."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.models import Settlement, UsageEntry
from claims.why.asking import Question, ask_why
from enrollment.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
DAY = date(2026, 3, 2)


@pytest.fixture
def ask(cast, hospital, wang):
    def asked(item: str, **facts: object):
        given = {"who": wang.resident_id, "day": DAY, "care": "inpatient", "level": "county"}
        question = Question(**given | {"item": item, "price": Decimal("1000.00")} | facts)
        return ask_why(question, actor=cast.hospital_clerk)

    return asked


def told(answer):
    return [(one.title, one.against) for one in answer.said]


def words(answer):
    return "\n".join(f"{one.title} {one.sentence}（{one.article}）" for one in answer.said)


def test_a_medicine_of_the_catalogue(ask):
    """1 000.00 at the county hospital: (1 000 − 200) × 50 % = 400.00."""
    answer = ask("X01")
    said = words(answer)
    assert "2026-03-02 在待遇期内（2026-01-01 至 2026-12-31，二档）" in said
    assert "X01 阿莫西林胶囊" in said
    assert "1,000.00 元中，政策范围内 1,000.00 元，基金支付 400.00 元，个人负担 600.00 元" in said
    assert not any(against for _, against in told(answer))
    assert not Settlement.objects.exists() and not UsageEntry.objects.exists()
    assert AuditLine.objects.filter(action="claims.look_up").count() == 1


def test_what_does_not_reach_the_deductible_is_said_to_be_covered(ask):
    """52.90 alone is below the 200.00 that are borne first: 0.00 is no refusal of the item."""
    said = words(ask("X01", price=Decimal("52.90")))
    assert "基金支付 0.00 元" in said and "这一项可以报：这里只算一个单位" in said
    assert "这一项可以报" not in words(ask("X01"))


def test_a_limit_and_a_share(ask):
    """A bed of 50.00 with 30.00 at most; blood, of which half is the patient's first."""
    bed = ask("F01", price=Decimal("50.00"))
    assert "限价 30.00 元/日" in words(bed)
    assert bed.decision.over_limit == 2_000
    blood = ask("输血", price=Decimal("500.00"))
    assert blood.decision.first_self_pay > 0
    assert any(one.article and "先" in one.sentence for one in blood.said)


def test_outside_the_catalogue(ask):
    unsigned, signed = ask("X09"), ask("X09", signed=True)
    assert told(unsigned)[-1] == told(signed)[-1] == ("费用类别", True)
    assert "医疗机构负担，不得向患者收取" in words(unsigned)
    assert "全部由个人负担" in words(signed)
    assert all(one.article for one in (unsigned.said[-1], signed.said[-1]))


def test_a_day_without_cover(ask, wang):
    before = ask("X01", day=date(2025, 6, 1))
    assert told(before)[0] == ("参保待遇", True)
    assert "待遇期是 2026-01-01 至 2026-12-31，不含这一天" in words(before)
    assert before.decision is None
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 3, 1))
    assert "登记的死亡日期是 2026-03-01" in words(ask("X01"))


def test_what_the_catalogue_does_not_have(ask):
    assert "2026-03-02 的目录中没有“人参”" in words(ask("人参"))
    early = words(ask("X01", day=date(2024, 6, 1)))
    assert "“阿莫西林胶囊”在目录中的日期是 2025-01-01 起" in early
    several = ask("X0")
    assert [one.code for one in several.candidates] == ["X01", "X02", "X09"]


def test_nobody_is_guessed(ask):
    with pytest.raises(Refusal, match="证件"):
        ask("X01", who="王建国")


def test_the_page(cast, wang, as_user, hospital):
    url = reverse("claims:why")
    asked = {
        "who": wang.resident_id, "day": "2026-03-02", "item": "X01", "price": "1000",
        "care": "inpatient", "level": "county",
    }  # fmt: skip
    for user in (cast.hospital_clerk, cast.reviewer):
        page = as_user(user).post(url, asked).text
        assert "基金支付 400.00 元" in page and wang.resident_id not in page.split("<h2>")[1]
    # An institution asks for its own level alone; somebody else's people are not found.
    wrong = as_user(cast.hospital_clerk).post(url, asked | {"level": "province"}).text
    assert "基金支付" not in wrong
    elsewhere = as_user(cast.other_officer).post(url, asked).text
    assert "王建国" not in elsewhere
    # The township's clerk, whom people ask first, for the own people.
    assert "基金支付 400.00 元" in as_user(cast.clerk_a).post(url, asked).text
    other = as_user(cast.clerk_b).post(url, asked)
    assert "基金支付 400.00 元" not in other.text
    assert list(other.context["form"].errors) == ["who"], "said beside the number"
    assert as_user(cast.sysadmin).get(url).status_code == 403


def chosen(page: str, name: str) -> list[str]:
    """What the buttons of a table of hits choose."""
    return re.findall(rf'form="asked" name="{name}" value="([^"]+)"', page)


def test_hits_are_chosen_by_a_button(cast, wang, register, as_user):
    """王建国 and a namesake of another village, then two medicines: nothing is typed again."""
    namesake = register.person("王建国", register.household(wang.household.division))
    url, client = reverse("claims:why"), as_user(cast.clerk_a)
    asked = {
        "who": "王建国", "day": "2026-03-02", "item": "X0", "price": "1000",
        "care": "inpatient", "level": "county",
    }  # fmt: skip
    page = client.post(url, asked).text
    assert "查到 2 人，请选定" in page and wang.resident_id not in page
    found = chosen(page, "who")
    assert sorted(found) == sorted(one.certificate_number for one in (wang, namesake))
    # The button stands behind the field of the same name: what it says comes last and counts.
    page = client.post(url, asked | {"who": ["王建国", wang.certificate_number]}).text
    assert chosen(page, "who") == [] and chosen(page, "item") == ["X01", "X02", "X09"]
    assert f'name="who" value="{wang.certificate_number}"' in page
    page = client.post(url, asked | {"who": wang.certificate_number, "item": ["X0", "X01"]}).text
    assert "基金支付 400.00 元" in page and chosen(page, "item") == []
