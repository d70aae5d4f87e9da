"""A session that ends while somebody types loses nothing, and gives nothing to anybody else."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts.unsent import KEY, token_for
from enrollment.models import Enrollment
from tests.enrollment.conftest import OCTOBER, books, campaign, resident_id, text_of

__all__ = ["books", "campaign"]
pytestmark = pytest.mark.django_db
NEW = "/enrollment/households/new"


@pytest.fixture(autouse=True)
def _october(settings):
    settings.TODAY = OCTOBER


def fields_of(page):
    """What the first form of the page's own would send, and where."""
    html = page.content.decode().partition('<main id="main"')[2]
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', html, re.S)
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[2])
    areas = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', form[2], re.S)
    return unescape(form[1]), {name: unescape(value) for name, value in [*inputs, *areas]}


def typed(page, village, **more):
    token = re.findall(r'name="submission" value="(\w+)"', page.content.decode())[-1]
    return {
        "submission": token, "division": village.pk, "address": "3 组 <12> 号", "phone": "",
        "tier": "tier2", "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 0,
        "members-0-resident_id": resident_id("19780512"), "members-0-name": "陈国强",
        "members-0-relationship": "0", "members-0-residence": "rural",
    } | more  # fmt: skip


def sign_in(client, username):
    return client.post("/sign-in", {"username": username, "password": "chunfeng-2026"})


@pytest.fixture
def clerk(cast, books):
    client = Client()
    sign_in(client, "clerk_a")
    return client


def end(client):
    """As the idle limit does."""
    client.post("/sign-out")


def test_what_was_typed_is_sent_on_after_signing_in(clerk, village_a):
    form = typed(clerk.get(NEW), village_a)
    end(clerk)
    away = clerk.post(NEW, form)
    assert away.url.startswith("/sign-in?next=")
    assert "陈国强" not in str(dict(clerk.session))  # sealed
    assert sign_in(clerk, "clerk_a").url == "/send-on"
    page = clerk.get("/send-on")
    assert "刚才的内容还没有保存" in text_of(page)
    to, kept = fields_of(page)
    assert to == NEW
    assert kept["address"] == "3 组 <12> 号" and kept["members-0-name"] == "陈国强"
    assert clerk.post(to, kept).url.endswith("/payment")
    assert Enrollment.objects.get().person.name == "陈国强"


def test_a_colleague_at_the_same_desk_sees_nothing_of_it(clerk, village_a):
    form = typed(clerk.get(NEW), village_a)
    end(clerk)
    clerk.post(NEW, form)
    assert sign_in(clerk, "clerk_a2").url == "/"
    page = clerk.get("/send-on", follow=True)
    assert "陈国强" not in page.content.decode()
    assert page.redirect_chain[-1][0] == "/"


def test_signed_in_anew_in_another_tab_the_form_is_still_taken(cast, books, village_a):
    """The other tab's sign-in changed the token against forged forms."""
    clerk = Client(enforce_csrf_checks=True)
    clerk.force_login(cast.clerk_a)
    clerk.get("/")
    form = typed(clerk.get(NEW), village_a, csrfmiddlewaretoken="x" * 64)
    assert clerk.post(NEW, form).url == "/send-on"
    to, kept = fields_of(clerk.get("/send-on"))
    assert clerk.post(to, kept).url.endswith("/payment")


def test_a_forged_form_is_not_kept(cast, books, village_a):
    clerk = Client(enforce_csrf_checks=True)
    clerk.force_login(cast.clerk_a)
    form = typed(clerk.get(NEW), village_a) | {"submission": "f" * 48}
    assert clerk.post(NEW, form).status_code == 403
    assert clerk.get("/send-on").url == "/"


@pytest.mark.parametrize("kind", ["invented", "of the sign-in page", "another's number", "wide"])
def test_from_a_stranger_nothing_is_kept(cast, clerk, kind):
    """Nobody is signed in: only a form that was shown to a user is kept."""
    token = token_for(cast.clerk_a.pk)
    tokens = {
        "invented": "f" * 48 + str(cast.clerk_a.pk),
        "of the sign-in page": token_for(None),
        "another's number": f"{token[:48]}{cast.clerk_a2.pk}",
        "wide": "长" * 50,
    }
    stranger = Client()
    stranger.post(NEW, {"submission": tokens[kind], "address": "3 组 12 号"})
    assert KEY not in stranger.session
    stranger.post(NEW, {"submission": token, "address": "3 组 12 号"})
    assert KEY in stranger.session


def test_while_typing_the_page_stays(clerk, village_a):
    form = typed(clerk.get(NEW), village_a)
    end(clerk)
    answer = clerk.post(NEW, form, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert "HX-Redirect" not in answer


def test_it_can_be_given_up(clerk, village_a):
    form = typed(clerk.get(NEW), village_a)
    end(clerk)
    clerk.post(NEW, form)
    sign_in(clerk, "clerk_a")
    assert clerk.post("/send-on").url == "/"
    assert clerk.get("/send-on").url == "/"


def test_an_endless_form_is_not_kept(clerk, village_a):
    form = typed(clerk.get(NEW), village_a, address="长" * 40_000)
    end(clerk)
    clerk.post(NEW, form)
    assert sign_in(clerk, "clerk_a").url == "/"


def test_a_password_is_never_kept(clerk):
    page = clerk.get("/password")
    token = re.findall(r'name="submission" value="(\w+)"', page.content.decode())[-1]
    end(clerk)
    clerk.post("/password", {"submission": token, "old_password": "chunfeng-2026"})
    assert sign_in(clerk, "clerk_a").url == "/"
