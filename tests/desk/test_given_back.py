"""Whoever is refused finds what was typed, on the page that says why, and nobody else does.

蒋正平 verifies what an institution kept silent on; the reason has a letter that only one computer
shows. That no form of any page loses words is walked in `test_every_page.py`.
"""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts import given_back
from accounts.errors import Refusal
from accounts.given_back import Given
from accounts.models import User
from accounts.unsent import FIELD
from desk.templatetags.given import Filling
from supervision.models import AlertReview
from tests.desk.conftest import County
from tests.desk.typed import TYPED, UNREADABLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]
AsUser = Callable[[User], Client]


def main(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition("<main")[2]


@pytest.fixture
def page(dazu: County) -> str:
    review = dazu.alert_review(1)
    AlertReview.objects.update(due_on=date(2026, 3, 31))  # it kept silent: what it told is verified
    return f"/supervision/reviews/{review.pk}"


@pytest.fixture
def client(dazu: County, page: str, as_user: AsUser) -> Client:
    """The supervisor's, who was refused and has not seen the answer yet."""
    client = as_user(dazu.cast.supervisor)
    answer = client.post(f"{page}/verify_alert", {"reason": f"<b>{UNREADABLE}</b>"})
    assert answer.url == page
    return client


def test_a_refused_step_fills_its_form_once(client: Client, page: str) -> None:
    assert TYPED not in str(dict(client.session))  # sealed while it waits
    shown = main(client, page)
    (form,) = re.findall(r'<form[^>]*verify_alert"[^>]*>.*?</form>', shown, re.S)
    assert f'value="&lt;b&gt;{UNREADABLE}&lt;/b&gt;"' in form and f"<b>{TYPED}" not in shown
    assert "is-invalid" in form and '<div class="hz-fielderror">' in form
    assert shown.count(TYPED) == 1  # in no other form of the page
    assert TYPED not in main(client, page)


def test_a_second_tab_does_not_show_it(client: Client, page: str) -> None:
    assert TYPED not in main(client, "/") + main(client, "/supervision/reviews")
    assert TYPED in main(client, page)


def test_what_the_page_has_no_place_for_is_shown_to_be_copied(client: Client, page: str) -> None:
    """Another was quicker, and the step is not offered any more."""
    AlertReview.objects.update(status="verified")
    shown = main(client, page)
    assert f'<p class="hz-words mb-0">&lt;b&gt;{UNREADABLE}&lt;/b&gt;</p>' in shown


@pytest.mark.parametrize("leaves", [True, False])
def test_who_signs_in_afterwards_reads_none_of_it(
    leaves: bool, client: Client, page: str, dazu: County
) -> None:
    if leaves:
        client.post("/sign-out")
    client.force_login(dazu.cast.approver)
    assert given_back.KEY not in client.session
    assert TYPED not in main(client, page)
    client.force_login(dazu.cast.supervisor)
    assert TYPED not in main(client, page)


def posted(user: User | AnonymousUser, **data: object) -> HttpRequest:
    request = RequestFactory().post("/x", data)
    request.user, request.session = user, {}  # type: ignore[assignment]
    given_back.keep(request, Refusal("不行", "reason"))
    return request


def test_passwords_tokens_and_files_are_not_kept(dazu: County) -> None:
    scan = SimpleUploadedFile("scan.txt", "扫描件".encode())
    secret = {"password": "Mima-1", "new_password": "Mima-2", FIELD: "t1", "scan": scan}
    request = posted(dazu.cast.clerk_a, reason="写好的话", **secret)
    given = given_back.take(request)
    assert given is not None and given.fields == {"reason": ["写好的话"]}
    assert not posted(dazu.cast.clerk_a, **secret).session


def test_whoever_is_not_signed_in_has_nothing_kept() -> None:
    """So no one-time code either: they are typed by those whom it is to let in."""
    assert not posted(AnonymousUser(), code="123456", receipt="写好的话").session


SHEET = """<form method="post" action="/x"><input type="hidden" name="way" value="page">
<input type="checkbox" name="rows" value="1" checked><input type="checkbox" name="rows" value="2">
<input type="radio" name="kind" value="a" checked/><input type="radio" name="kind" value="b"/>
<input type="checkbox" name="agree"> &amp; &copy; <!-- a note --><br>
<select name="place" multiple><option value="n">北</option><option value="s" selected>南</option>
</select><input type="text" name="said" value="old" class="form-control"></form>
<form method="post" action="/y"><input type="checkbox" name="rows" value="2"></form>"""


def test_boxes_and_choices_are_given_back() -> None:
    """蒋正平 ticked row 2, not row 1, chose b and the north, and wrote a quotation mark."""
    fields = {"rows": ["2"], "kind": ["b"], "agree": ["on"], "place": ["n"], "said": ['问"好"'],
              "way": ["typed"]}  # fmt: skip
    filled = Filling(Given(to="/x", at="said", why="请写完整", fields=fields), "/").of(SHEET)
    beside = '<div class="hz-fielderror">请写完整</div>'
    changed = (
        ('value="1" checked>', 'value="1">'), ('"rows" value="2">', '"rows" value="2" checked>'),
        ('value="a" checked/>', 'value="a">'), ('value="b"/>', 'value="b" checked>'),
        ('name="agree">', 'name="agree" checked>'), ('value="n">', 'value="n" selected>'),
        ('value="s" selected>', 'value="s">'), ('value="old"', 'value="问&quot;好&quot;"'),
        ('"form-control">', f'"is-invalid form-control">{beside}'),
    )  # fmt: skip
    wanted = SHEET
    for was, now in changed:
        wanted = wanted.replace(was, now, 1)
    assert filled == wanted


def test_what_cannot_be_opened_any_more_is_given_up(client: Client, page: str) -> None:
    """The key was changed in between: the page opens, says so once, and the session goes on."""
    session = client.session
    session[given_back.KEY] = {**session[given_back.KEY], "sealed": "AAAA"}
    session.save()
    assert given_back.LOST in main(client, page)
    shown = main(client, page)
    assert given_back.LOST not in shown and TYPED not in shown
