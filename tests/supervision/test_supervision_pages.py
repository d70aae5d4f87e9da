"""Alerts and notices on the screen, by who may see them."""

from datetime import date

import pytest

from supervision.models import Alert
from supervision.reviewing.services import step_review
from supervision.services import screen_new_claims


@pytest.fixture(autouse=True)
def _april(settings):
    settings.TODAY = date(2026, 4, 2)


@pytest.fixture
def alert(county, wang, settled) -> Alert:
    settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    return Alert.objects.get()


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestAlerts:
    def test_the_list_by_state_and_rule(self, alert, cast, as_user):
        client = as_user(cast.supervisor)
        assert alert.finding in text(client.get("/supervision/"))
        assert alert.finding in text(client.get("/supervision/?rule=A11&status=all"))
        assert alert.finding not in text(client.get("/supervision/?rule=A01"))
        assert alert.finding not in text(client.get("/supervision/?status=confirmed"))

    def test_the_name_is_masked(self, alert, cast, as_user):
        client = as_user(cast.supervisor)
        for address in (f"/supervision/{alert.pk}", "/supervision/", "/"):
            page = text(client.get(address))
            assert "王*国" in page and "王建国" not in page, address

    def test_a_first_opinion_closes_nothing_yet(self, alert, cast, as_user):
        client = as_user(cast.supervisor)
        page = client.post(
            f"/supervision/{alert.pk}/handle",
            {"event": "confirm_alert", "reason": "无签字，由医院承担"},
            follow=True,
        )
        assert "初审意见已保存，等待另一人复审" in text(page)
        review = alert.reviews.get()
        step_review(
            actor=cast.approver, row=review, event="tell_institution", on=date(2026, 4, 2),
            reason="目录外费用没有同意书",
        )  # fmt: skip
        alert.refresh_from_db()
        assert alert.status == "open"
        shown = text(as_user(cast.auditor).get(f"/supervision/reviews/{review.pk}"))
        assert "无签字，由医院承担" in shown and "蒋正平" in shown

    def test_the_conclusion_is_starred_as_one_that_must_be_given(self, alert, cast, as_user):
        page = text(as_user(cast.supervisor).get(f"/supervision/{alert.pk}"))
        assert '核查结论<span class="hz-must"' in page

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            ({"event": "", "reason": "已核"}, "请选择属实或排除"),
            ({"event": "confirm_alert", "reason": " "}, "请写明核查结论"),
        ],
    )
    def test_half_a_conclusion_is_told(self, alert, cast, as_user, data, told):
        page = text(as_user(cast.supervisor).post(f"/supervision/{alert.pk}/handle", data))
        assert told in page
        alert.refresh_from_db()
        assert alert.status == "open"

    def test_a_reviewer_looks_and_does_not_conclude(self, alert, cast, as_user):
        client = as_user(cast.reviewer)
        assert "保存初审意见" not in text(client.get(f"/supervision/{alert.pk}"))
        assert client.post(f"/supervision/{alert.pk}/handle").status_code == 403

    def test_another_county_sees_nothing(self, alert, cast, as_user):
        client = as_user(cast.other_officer)
        assert client.get(f"/supervision/{alert.pk}").status_code == 404
        assert "没有符合条件的疑点" in text(client.get("/supervision/"))

    def test_the_list_costs_the_same_for_many(
        self, county, neighbours, settled, cast, as_user, django_assert_num_queries
    ):
        for person in neighbours:
            settled(person, 3, 8, off_catalogue="900.00")
        screen_new_claims(area=county)
        client = as_user(cast.supervisor)
        with django_assert_num_queries(7):  # two are the menu's
            client.get("/supervision/")


class TestNotices:
    @pytest.fixture
    def march(self, wang, register, village_b, settled, paid):
        """桥亭村: 王建国 twice; 石庙村: 向阳 once; one of April."""
        xiang = register.person("向阳", register.household(village_b))
        paid(settled(wang, 1, 3), date(2026, 3, 20))
        paid(settled(wang, 10, 12), date(2026, 3, 25))
        paid(settled(xiang, 1, 3), date(2026, 3, 31))
        paid(settled(xiang, 20, 22), date(2026, 4, 1))

    def test_the_county_sees_every_village(self, march, cast, as_user):
        page = text(as_user(cast.supervisor).get("/supervision/notices"))
        assert "龙水镇桥亭村" in page and "万古镇石庙村" in page
        assert "7,200.00" in page

    def test_the_village_notice(self, march, cast, as_user, village_a):
        page = text(as_user(cast.supervisor).get(f"/supervision/notices/{village_a.code}/2026-03"))
        # Of so few in the village each would be known by the masked name.
        assert "其余村民" in page and "王*国" not in page
        assert "王建国" not in page and "肺炎" not in page and "大足县人民医院" not in page
        assert "4,800.00" in page and "10,000.00" not in page
        assert "公示期 7 天" in page

    def test_the_cadre_sees_the_own_village_only(self, march, cast, as_user, village_a, village_b):
        client = as_user(cast.cadre_a)
        page = text(client.get("/supervision/notices?month=2026-03"))
        assert "龙水镇桥亭村" in page and "石庙村" not in page
        assert client.get(f"/supervision/notices/{village_a.code}/2026-03").status_code == 200
        assert client.get(f"/supervision/notices/{village_b.code}/2026-03").status_code == 404

    def test_a_clerk_sees_the_own_township(self, march, cast, as_user, village_a, village_b):
        client = as_user(cast.clerk_b)
        assert client.get(f"/supervision/notices/{village_b.code}/2026-03").status_code == 200
        assert client.get(f"/supervision/notices/{village_a.code}/2026-03").status_code == 404

    def test_unpaid_claims_are_not_public(self, wang, settled, cast, as_user, village_a):
        settled(wang, 1, 3)
        page = text(as_user(cast.cadre_a).get(f"/supervision/notices/{village_a.code}/2026-03"))
        assert "本月没有已支付的报销" in page

    def test_a_month_that_is_none(self, march, cast, as_user, village_a):
        client = as_user(cast.cadre_a)
        assert "应为 年-月" in text(client.get("/supervision/notices?month=三月"))
        assert client.get(f"/supervision/notices/{village_a.code}/mars").status_code == 404

    def test_the_notice_costs_the_same_for_many(
        self, march, cast, as_user, village_a, django_assert_num_queries
    ):
        client = as_user(cast.cadre_a)
        # Earlier notices of the month, and where to object.
        with django_assert_num_queries(10):
            client.get(f"/supervision/notices/{village_a.code}/2026-03")
