"""A village's notice: kept as it was put up; a month that goes on brings a notice of its own."""

from datetime import date

import pytest

from desk.models import Paper
from enrollment.models import Person
from supervision.notices import claims_on
from supervision.papers import NOTICE
from supervision.public.services import Said, take_objection
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


def test_an_objection_leads_to_the_payments_that_its_notice_tells_of(
    wang, register, settled, paid, cast, as_user, village_a
):
    """王建国 was paid in March; whoever may open claims finds them, masked, the cadre does not."""
    claim = paid(settled(wang, 1, 3), date(2026, 3, 20))
    url = f"/supervision/notices/{village_a.code}/2026-03"
    text_of(as_user(cast.supervisor), url, prints=True)
    paper = Paper.objects.get(kind=NOTICE.code)
    said = Said(told="金额与实际不符", due_on=date(2026, 4, 16))
    made = take_objection(actor=cast.cadre_a, paper=paper, said=said, on=date(2026, 4, 2))
    page = text_of(as_user(cast.supervisor), f"/supervision/objections/{made.pk}", prints=False)
    assert f'href="/claims/{claim.pk}"' in page and claim.number in page
    assert "王*国" in page and "王建国" not in page
    read = text_of(as_user(cast.cadre_a), f"/supervision/objections/{made.pk}", prints=False)
    assert claim.number not in read
    assert "公示的每笔见“看公示表”；您的角色不能查看结算单" in read and "只有合计" not in read
    assert not claims_on(paper, cast.clerk_b).exists()
