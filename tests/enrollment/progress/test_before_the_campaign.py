"""A county that has just begun: no measures, no campaign. Every page answers, none writes."""

import pytest

from enrollment.models import Campaign, Receipt
from tests.enrollment.conftest import text_of
from tests.enrollment.refusals import all_rows

pytestmark = pytest.mark.django_db
HOME = "/enrollment"
# Who opens which page on the first morning.
PAGES = {
    "clerk_a": (
        "/", "/households/new", "/receipts", "/remittances", "/treasury/books", "/treasury/day",
        "/treasury/refunds", "/watch/certificates", "/watch/expected", "/watch/classes",
        "/progress", "/watch/targets", "/watch/missing", "/watch/checks", "/registers/",
    ),
    "accountant": (
        "/prepare", "/remittances", "/treasury/books", "/treasury/days",
        "/treasury/reconciliation", "/treasury/bank-lines", "/treasury/sponsors",
        "/treasury/refunds", "/treasury/subsidies", "/progress", "/watch/targets",
        "/watch/sheets",
    ),
    "supervisor": ("/progress", "/watch/sheets", "/watch/missing", "/watch/rewards"),
    "cadre_a": ("/progress", "/watch/missing"),
    "reviewer": ("/lists/", "/lists/identities"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths]
)
def test_every_page_answers(cast, as_user, who, path):
    before = all_rows()
    page = as_user(getattr(cast, who)).get(f"{HOME}{path}")
    assert page.status_code in {200, 302, 404}, path
    assert all_rows() == before


@pytest.mark.parametrize(
    ("who", "path", "facts"),
    [
        ("accountant", "/prepare/campaign", {"year": "2026"}),
        ("accountant", "/prepare/campaign", {"year": "很快"}),
        ("accountant", "/watch/sheets/new", {}),
        ("accountant", "/watch/newborn-rule", {"days": "90", "source": "县医保〔2025〕3号"}),
        ("accountant", "/watch/targets/special", {"dibao": "100"}),
        ("accountant", "/treasury/sponsors/new", {"name": "桥亭村集体"}),
        ("accountant", "/treasury/reconciliation/run", {}),
        ("accountant", "/treasury/subsidies/export", {"year": "2026", "reason": "报财政"}),
        ("clerk_a", "/households/new", {"tier": "tier2", "members-TOTAL_FORMS": "1"}),
        ("clerk_a", "/watch/checks/new", {"division": "500225101201"}),
        ("clerk_a", "/watch/certificates/issue", {"households": "1"}),
        ("clerk_a", "/watch/classes", {"school": "龙水中学", "name": "高一(3)班"}),
        ("clerk_a", "/watch/targets", {}),
        ("supervisor", "/watch/rewards/workbook", {"under": "500225", "reason": "测算"}),
        ("supervisor", "/watch/missing/workbook", {"under": "500225101201", "reason": "上门"}),
    ],
)
def test_nothing_is_begun_without_a_campaign(cast, as_user, who, path, facts):
    client = as_user(getattr(cast, who))
    page = client.post(f"{HOME}{path}", facts, follow=True)
    assert page.status_code in {200, 403, 404}, path
    assert not Campaign.objects.exists()
    assert not Receipt.objects.exists()


def test_the_pages_say_what_is_missing(cast, as_user):
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    told = "还没有设立年度征缴，请先在“征缴与票据”中设立"
    assert told in text_of(accountant.post(f"{HOME}/watch/sheets/new", follow=True))
    assert told in text_of(
        clerk.post(f"{HOME}/watch/checks/new", {"division": "500225101201"}, follow=True)
    )
