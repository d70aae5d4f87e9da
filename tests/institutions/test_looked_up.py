"""An institution is found by code, part of its name or initials; taken by code or whole name."""

from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.forms import PlainForm
from institutions.looked_up import InstitutionField, named_like, offers_of, one_named
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


def test_found_by_a_part_taken_by_code_or_whole_name(clinics: Any) -> None:
    for text in ("H50022599102", "h50022599102", "Ｈ50022599102", " 龙水中心卫生院 "):
        assert one_named(clinics, text, "定点机构", "institution").name == "龙水中心卫生院", text
    for text in ("龙水中心", "lszx", "LSZXWSY"):
        assert [one.name for one in named_like(clinics, text)] == ["龙水中心卫生院"], text
        with pytest.raises(Refusal) as refused:
            one_named(clinics, text, "定点机构", "institution")
        assert refused.value.message == (
            "相符的定点机构有：龙水中心卫生院（H50022599102），请改填其中一个的代码"
        )
    assert named_like(clinics, "龙") == []  # one character says nothing
    assert ("H50022599102", "龙水中心卫生院 lszxwsy") in offers_of(clinics)


def test_several_are_named_and_none_says_what_to_type(clinics: Any) -> None:
    with pytest.raises(Refusal, match="双路村卫生室（H50022599100）、双桥村卫生室（H50022599101）"):
        one_named(clinics, "村卫生室", "定点机构", "institution")
    with pytest.raises(Refusal, match="请输入代码或全名"):
        one_named(clinics, "人民医院", "定点机构", "institution")


def test_the_list_under_an_input_is_read_once_a_page(clinics: Any) -> None:
    class Asks(PlainForm):
        institution = InstitutionField(label="定点机构")

    form = Asks()
    form.fields["institution"].rows = clinics  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as asked:
        page = render_to_string("components/field.html", {"field": form["institution"]})
    assert page.count("<option ") == 3 and 'list="id_institution_offers"' in page
    assert len(asked) == 1
