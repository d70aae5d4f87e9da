"""The public notice keeps what it said, and says of nobody more than it must."""

import pytest

from claims.second.papers import SECOND_NOTICE
from enrollment.models import Person
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.django_db


def test_the_notice(cast, wang, stayed, tried, as_user):
    stayed(wang, "5000.00")
    run = tried()
    page = keeps_what_it_said(
        SECOND_NOTICE,
        f"/claims/second/{run.pk}/notice",
        hand=as_user(cast.reviewer),
        change=lambda: Person.objects.filter(pk=wang.pk).update(name="汪卫国") and None,
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    assert "王*国" in page and "320.00" in page and "第二十二条(四)" in page
    for hidden in ("王建国", wang.resident_id, "肺炎"):
        assert hidden not in page
