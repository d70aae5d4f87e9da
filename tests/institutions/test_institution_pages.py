"""Designated institutions and the catalogues, as the counters look them up."""

from datetime import date
from decimal import Decimal

import pytest

from institutions.models import Agreement, CatalogueItem, Institution, Level


@pytest.fixture(autouse=True)
def _spring(settings):
    settings.TODAY = date(2026, 4, 2)


@pytest.fixture
def clinic(town_b) -> Institution:
    """万古镇中心卫生院, whose agreement is suspended."""
    one = Institution.objects.create(
        code="H50022500102", name="万古镇中心卫生院", level=Level.CENTRAL, division=town_b
    )
    Agreement.objects.create(
        institution=one,
        number="DZ-2026-102",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        status=Agreement.Status.SUSPENDED,
    )
    return one


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestInstitutions:
    def test_agreements_and_what_they_mean_today(
        self, hospital, township_hospital, clinic, cast, as_user
    ):
        page = text(as_user(cast.reviewer).get("/institutions/"))
        assert "DZ-2025-001" in page and "2025-01-01 至 2026-12-31" in page
        assert page.count(">有效<") == 2 and page.count(">暂停<") == 1

    def test_an_agreement_that_ran_out(self, hospital, cast, as_user, settings):
        settings.TODAY = date(2027, 1, 1)
        assert "已到期" in text(as_user(cast.reviewer).get("/institutions/"))

    def test_filters(self, hospital, township_hospital, clinic, cast, as_user):
        client = as_user(cast.reviewer)
        by_level = text(client.get("/institutions/?level=township"))
        assert "龙水镇卫生院" in by_level and "大足县人民医院" not in by_level
        without = text(client.get("/institutions/?contract=no"))
        assert "万古镇中心卫生院" in without and "龙水镇卫生院" not in without
        assert "万古镇中心卫生院" not in text(client.get("/institutions/?contract=yes"))

    def test_everyone_sees_the_own_ones(self, hospital, township_hospital, clinic, cast, as_user):
        clerk = text(as_user(cast.clerk_a).get("/institutions/"))
        assert "龙水镇卫生院" in clerk and "万古镇中心卫生院" not in clerk
        own = text(as_user(cast.hospital_clerk).get("/institutions/"))
        assert "大足县人民医院" in own and "龙水镇卫生院" not in own
        assert "没有符合条件的机构" in text(as_user(cast.other_officer).get("/institutions/"))

    def test_the_list_costs_the_same_for_many(
        self, hospital, township_hospital, clinic, cast, as_user, django_assert_num_queries
    ):
        client = as_user(cast.reviewer)
        with django_assert_num_queries(8):  # two are the menu's
            client.get("/institutions/")


class TestCatalogue:
    @pytest.fixture(autouse=True)
    def _items(self, county, other_county):
        common = {"category": "western_drug", "unit": "盒", "first_day": date(2025, 1, 1)}
        for area, code, name, initials, payment, more in (
            (county, "X01", "阿莫西林胶囊", "amxljn", "A", {"is_essential": True}),
            (county, "X09", "进口营养粉", "jkyyf", "C", {}),
            (county, "X05", "旧版感冒片", "jbgmp", "A", {"last_day": date(2025, 12, 31)}),
            (other_county, "Y01", "外县用药", "wxyy", "A", {}),
        ):
            CatalogueItem.objects.create(
                area=area,
                catalogue="drug",
                code=code,
                name=name,
                initials=initials,
                payment_class=payment,
                price_limit=Decimal("12.50"),
                **common | more,
            )

    @pytest.mark.parametrize("asked", ["X01", "阿莫西", "amx", "AMX"])
    def test_by_code_name_or_initials(self, cast, as_user, asked):
        page = text(as_user(cast.clerk_a).get("/institutions/catalogue", {"text": asked}))
        assert "阿莫西林胶囊" in page and "进口营养粉" not in page
        assert "12.50" in page and "基本药物" in page

    def test_an_institution_clerk_sees_the_areas_catalogue(self, cast, as_user):
        page = text(as_user(cast.hospital_clerk).get("/institutions/catalogue?payment=C"))
        assert "进口营养粉" in page and "阿莫西林胶囊" not in page

    def test_neither_what_has_ended_nor_what_is_elsewhere(self, cast, as_user):
        page = text(as_user(cast.clerk_a).get("/institutions/catalogue"))
        assert "旧版感冒片" not in page and "外县用药" not in page

    def test_nothing_found(self, cast, as_user):
        page = text(as_user(cast.clerk_a).get("/institutions/catalogue?text=zzz"))
        assert "目录中没有符合条件的项目" in page
