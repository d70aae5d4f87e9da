"""An institution is found by code, part of its name or initials; several are named."""

from typing import Any

import pytest

from accounts.errors import Refusal
from institutions.looked_up import named_like, offers_of, one_named
from institutions.models import Institution, Level

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinics(village_a: Any) -> Any:
    names = ("双路村卫生室", "双桥村卫生室", "龙水中心卫生院")
    for at, name in enumerate(names):
        Institution.objects.create(
            code=f"H5002259910{at}", name=name, level=Level.VILLAGE, division=village_a
        )
    return Institution.objects.filter(code__startswith="H5002259910")


def test_by_code_by_name_and_by_initials(clinics: Any) -> None:
    for text in ("H50022599102", "h50022599102", "龙水中心", "lszx", "LSZXWSY", " 龙水中心卫生院 "):
        assert one_named(clinics, text, "定点机构", "institution").name == "龙水中心卫生院", text
    assert named_like(clinics, "龙") == []  # one character says nothing
    assert ("H50022599102", "龙水中心卫生院 lszxwsy") in offers_of(clinics)


def test_several_are_named_and_none_says_what_to_type(clinics: Any) -> None:
    with pytest.raises(Refusal, match="双路村卫生室（H50022599100）、双桥村卫生室（H50022599101）"):
        one_named(clinics, "村卫生室", "定点机构", "institution")
    with pytest.raises(Refusal, match="请输入名称、拼音首字母或代码"):
        one_named(clinics, "人民医院", "定点机构", "institution")
