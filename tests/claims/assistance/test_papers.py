"""The form that is signed and the notice that is posted: kept as they were issued."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from claims.assistance.models import AidApplication
from claims.assistance.papers import AID_FORM, AID_NOTICE
from claims.assistance.services import publish_aid
from claims.models import Settlement
from enrollment.models import Person
from tests.claims.assistance.conftest import PUBLIC, lists
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.django_db


def renamed(wang: Person) -> Callable[[], None]:
    return lambda: Person.objects.filter(pk=wang.pk).update(name="汪建国") and None


def test_the_form(
    cast: SimpleNamespace, wang: Person, as_user: Any, stay_of: Callable[..., Settlement],
    decided: Callable[..., AidApplication],
) -> None:  # fmt: skip
    lists(wang)
    stay_of(wang)
    row = decided(wang)
    page = keeps_what_it_said(
        AID_FORM,
        f"/claims/aid/{row.pk}/form",
        hand=as_user(cast.clerk_a),
        change=renamed(wang),
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    for words in (
        row.number, "王建国", "低保对象（民政局认定）", "1,820.00 元", "壹仟捌佰贰拾元整",
        "2026-04-02 至 2026-04-08", "周文静", "吴国栋", "妻子残疾，家中无劳力",
    ):  # fmt: skip
        assert words in page
    assert "6222020011112222333" not in page and "尾号 2333" in page


def test_the_notice_names_nobody_in_full(
    cast: SimpleNamespace, wang: Person, as_user: Any, stay_of: Callable[..., Settlement],
    apply: Callable[..., AidApplication],
) -> None:  # fmt: skip
    lists(wang)
    stay_of(wang)
    row = apply(wang)
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    page = keeps_what_it_said(
        AID_NOTICE,
        f"/claims/aid/{row.pk}/notice",
        hand=as_user(cast.clerk_a),
        change=lambda: Person.objects.filter(pk=wang.pk).update(name="汪卫国") and None,
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    assert "王*国" in page and "1,820.00 元" in page
    for hidden in ("王建国", wang.resident_id, "肺炎", "6222020011112222333"):
        assert hidden not in page
