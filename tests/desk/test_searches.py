"""A search can be gone back to: what was searched for waits in the session, not in the address."""

import pytest
from django.contrib.sessions.models import Session

from desk.searches import FORGOTTEN
from tests.enrollment.conftest import OCTOBER, autumn, campaign, enter, register_only, text_of
from tests.enrollment.conftest import books as books  # noqa: PLC0414

__all__ = ["autumn", "campaign", "enter", "register_only"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _october(settings):
    settings.TODAY = OCTOBER


@pytest.fixture
def clerk(autumn, cast, as_user):
    return as_user(cast.clerk_a)


def test_several_hits_stand_at_an_address_that_names_nobody(clerk):
    """周大勇 and 张素珍's household: two households have somebody whose sound begins with z."""
    answer = clerk.post("/enrollment/", {"text": "z"})
    assert answer.status_code == 302 and answer.url.startswith("/enrollment/?found=")
    for _ in range(2):  # opened, and gone back to
        page = clerk.get(answer.url)
        assert "周大勇" in text_of(page) and "陈国强" in text_of(page)
        assert 'value="z"' in page.content.decode()


def test_one_hit_is_opened(clerk, autumn):
    answer = clerk.post("/enrollment/", {"text": "杨德明"})
    assert answer.url == f"/enrollment/households/{autumn.yangs.pk}"


def test_nobody_found_is_told_at_an_address(clerk):
    assert "没有找到" in text_of(clerk.post("/enrollment/", {"text": "欧阳"}, follow=True))


def test_what_was_typed_is_sealed_and_the_oldest_forgotten(clerk):
    first = clerk.post("/enrollment/", {"text": "欧阳修文"}).url
    assert "欧阳修文" not in str(Session.objects.get().get_decoded())
    for number in range(10):
        clerk.post("/enrollment/", {"text": f"没有{number}"})
    page = text_of(clerk.get(first))
    assert FORGOTTEN in page and "欧阳修文" not in page


def test_a_colleagues_key_finds_nothing(clerk, cast, as_user):
    way = clerk.post("/enrollment/", {"text": "z"}).url
    assert FORGOTTEN in text_of(as_user(cast.clerk_a2).get(way))


def test_receipts_are_found_by_payer_and_by_number(clerk, autumn):
    """The Chens' is the only receipt of 龙水镇; two of its people sound like c."""
    url = "/enrollment/receipts"
    for text in ("陈国强", "张素珍", "cg"):
        page = clerk.post(url, {"person": text}, follow=True)
        assert text_of(page).count("LS01-00000001") == 1, text
    assert "没有收据" in text_of(clerk.post(url, {"person": "罗永福"}, follow=True))
    for number, there in (("1", True), ("ls01-00000001", True), ("LS01", True), ("2", False),
                          ("LS02-1", False), ("9" * 30, False)):  # fmt: skip
        page = text_of(clerk.get(url, {"number": number}))
        assert ("LS01-00000001" in page) is there, number
