"""A village's notice: kept as it was put up; a month that goes on brings a notice of its own."""

from datetime import date

import pytest

from enrollment.models import Person
from supervision.papers import NOTICE
from tests.papers import keeps_what_it_said, text_of

pytestmark = pytest.mark.django_db


def test_a_notice(wang, neighbours, register, settled, paid, cast, as_user, village_a):
    """王建国 is one of three 王*国 of the village; three more bear other names."""
    for name in ("王爱国", "王卫国"):
        register.person(name, register.household(village_a))
    paid(settled(wang, 1, 3), date(2026, 3, 20))

    def renamed():
        Person.objects.filter(pk=wang.pk).update(name="汪建国")

    url = f"/supervision/notices/{village_a.code}/2026-03"
    page = keeps_what_it_said(
        NOTICE,
        url,
        hand=as_user(cast.supervisor),
        change=renamed,
        elsewhere=as_user(cast.clerk_b),
        stranger=as_user(cast.sysadmin),
    )
    assert "王*国" in page and "汪" not in page and "大足县人民医院" not in page
    assert "城乡居民合作医疗保险报销公示" in page

    paid(settled(wang, 10, 12), date(2026, 3, 25))
    longer = text_of(as_user(cast.cadre_a), url, prints=True)
    # What was told is not told again, and which of two equal sums came late nobody learns.
    assert longer.count("<span>其余村民</span>") == 1 and "副本" not in longer
