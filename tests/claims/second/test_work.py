"""Who is told that a second compensation waits, and what a county without one reads."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from claims.second.services import propose_grant
from claims.second.work import not_tried_yet
from desk.navigation import shown_to
from policies.models import Pack
from tests.claims.second.conftest import JANUARY, PAPER

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(wang, register, village_b, stayed, book):
    stayed(wang, "5000.00")
    stayed(register.person("张大山", register.household(village_b)), "10000.00")


def test_the_approver_is_told_that_a_list_waits(cast, two, tried, as_user):
    run, client = tried(), as_user(cast.approver)
    assert "二次补偿名单待审批" not in client.get("/").text
    propose_grant(actor=cast.reviewer, run=run, on=JANUARY, **PAPER)
    tiles = {one.work.title: one for one in client.get("/").context["tiles"]}
    waits = tiles["二次补偿名单待审批"]
    assert (waits.number, waits.amount) == (1, Decimal("1140.00"))
    assert reverse("claims:second", args=[run.pk]) in client.get(waits.address).text


def test_a_year_that_is_over_is_to_be_tried_out(cast, two, tried):
    assert not_tried_yet(cast.reviewer, date(2026, 12, 31)) == ""
    assert not_tried_yet(cast.reviewer, JANUARY) == "2026 年度的二次补偿还没有试算"
    tried()
    assert not_tried_yet(cast.reviewer, JANUARY) == ""


def test_only_a_county_whose_measures_know_one_finds_it_in_the_menu(cast, pack):
    def entries(user):
        return {entry.url_name for _, group in shown_to(user) for entry in group}

    assert "claims:seconds" in entries(cast.reviewer)
    assert "claims:seconds" not in entries(cast.clerk_a)
    Pack.objects.filter(pk=pack.pk).update(status=Pack.Status.REPLACED)
    assert "claims:seconds" not in entries(cast.reviewer)


def test_where_the_measures_know_none_the_page_says_so(cast, county, as_user):
    page = as_user(cast.reviewer).get(reverse("claims:seconds")).text
    assert "本县办法没有写年终二次补偿，不能试算" in page and "Alt+S" not in page
