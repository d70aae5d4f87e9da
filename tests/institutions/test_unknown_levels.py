"""A level that the measures do not know: refused where it is registered, told where they are.

The measures of 岳阳 know 乡镇卫生院, 县级医院, 市级医院 and 省级医院, and no 中心卫生院.
"""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division
from institutions.models import Institution
from institutions.registry.services import decide_change
from policies.models import Pack
from policies.release import unknown_levels
from policies.services import adopt_pack, propose_pack, terms_of
from tests.conftest import PACKS
from tests.institutions.test_registry import APRIL, MARCH, agreed, asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(cast: SimpleNamespace, county: Division) -> Pack:
    """Four levels, for 2026."""
    text = (PACKS / "yueyang.yaml").read_text(encoding="utf-8")
    text = text.replace('{code: "430600", name: 岳阳市}', '{code: "500225", name: 大足县}')
    text = text.replace("2022-01-01, to: 2024-12-31", "2026-01-01, to: 2026-12-31")
    return propose_pack(actor=cast.supervisor, area=county, source=text)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("level", "没有级别“中心卫生院”"),
        ("deductible_level", "没有起付线级别“中心卫生院”"),
        ("price_level", "没有限价级别“中心卫生院”"),
    ],
)
def test_a_level_that_the_measures_do_not_know_is_refused(
    cast: SimpleNamespace, hospital: Institution, few: Pack, column: str, words: str
) -> None:
    adopt_pack(actor=cast.approver, pack=few, approval="岳政发〔2026〕1号")
    with pytest.raises(Refusal) as refused:
        asked(cast, hospital, column=column)
    assert words in refused.value.message and refused.value.at == ("becomes",)
    assert "办法的机构级别有：乡镇卫生院、县级医院、市级医院、省级医院" in refused.value.message
    assert "（2026-01-01 至 2026-12-31）" in refused.value.message
    asked(cast, hospital, column=column, becomes="市级医院")


def test_what_no_measures_judge_yet_is_registered_and_agreed_to_by_those_adopted_since(
    cast: SimpleNamespace, hospital: Institution, few: Pack
) -> None:
    """Put forward while there are no measures; adopted between the two hands, they are asked."""
    row = asked(cast, hospital, column="deductible_level")
    adopt_pack(actor=cast.approver, pack=few, approval="岳政发〔2026〕1号")
    with pytest.raises(Refusal, match="没有起付线级别“中心卫生院”"):
        decide_change(actor=cast.approver, row=row, event="approve_registry_change", on=MARCH)
    # The way back needs no level: what cannot be agreed to is refused.
    event = "refuse_registry_change"
    done = decide_change(actor=cast.approver, row=row, event=event, on=MARCH, reason="办法没有")
    assert done.status == "refused"


def test_measures_that_lack_a_level_say_so_before_and_after_they_are_adopted(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution, few: Pack,
    as_user: Callable[..., Any], town_b: Division,
) -> None:  # fmt: skip
    """龙水镇卫生院 bears the deductible of a central one from April; 万古镇卫生室 is a village's.
    One that closed is not asked for."""
    agreed(cast, township_hospital, column="deductible_level", first_day=APRIL)
    for at, active in ((1, True), (2, False)):
        Institution.objects.create(
            code=f"H5002250020{at}", name=f"万古镇卫生室{at}", level="village", division=town_b,
            is_active=active,
        )  # fmt: skip
    told = [
        "级别“村卫生室”（万古镇卫生室1）在办法的机构级别中没有，这些机构的就诊不能按本办法结算",
        "起付线级别“中心卫生院”（龙水镇卫生院）在办法的机构级别中没有，"
        "这些机构的就诊不能按本办法结算",
    ]
    assert sorted(unknown_levels(few, terms_of(few))) == sorted(told)
    page = reverse("policies:show", args=[few.pk])
    for client in (as_user(cast.supervisor), as_user(cast.approver)):
        text = client.get(page).content.decode()
        assert "有机构的级别办法不认识" in text and all(one in text for one in told)
    adopt_pack(actor=cast.approver, pack=few, approval="岳政发〔2026〕1号")
    assert "有机构的级别办法不认识" in as_user(cast.supervisor).get(page).content.decode()


def test_measures_that_know_all_levels_say_nothing(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution, pack: Pack,
    as_user: Callable[..., Any],
) -> None:  # fmt: skip
    agreed(cast, hospital, column="price_level", becomes="乡镇(社区)卫生院")
    assert unknown_levels(pack, terms_of(pack)) == []
    page = as_user(cast.supervisor).get(reverse("policies:show", args=[pack.pk]))
    assert "有机构的级别办法不认识" not in page.content.decode()


def test_the_day_decides_which_measures_are_asked(
    cast: SimpleNamespace, hospital: Institution, pack: Pack, few: Pack
) -> None:
    """The measures of 大足 hold to the end of 2027, those of 岳阳 are not adopted: 中心卫生院 may
    be registered from any day."""
    assert pack.last_day == date(2027, 12, 31)
    agreed(cast, hospital, column="deductible_level", first_day=date(2027, 1, 1))
