"""A form is taken once; what only asked or was refused may be sent again."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.unsent import FIELD
from desk.models import Submission
from desk.submissions import SubmissionMiddleware, forget_submissions

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
DONE = "已收款 120.00 元，应找零 30.00 元"


class Counter:
    """A view that counts how often it did its work."""

    def __init__(self, answer=None, error=None):
        self.done, self.answer, self.error = 0, answer, error

    def __call__(self, request):
        self.done += 1
        if self.error:
            raise self.error
        messages.success(request, DONE)
        return self.answer or HttpResponseRedirect(f"/receipts/{self.done}")


def send(view, user, *, token="a1", path="/pay", htmx=False, **data):
    headers = {"HX-Request": "true"} if htmx else {}
    request = RequestFactory().post(path, {FIELD: token, **data}, headers=headers)
    request.user, request.session = user, {}
    request._messages = messages.storage.default_storage(request)
    answer = SubmissionMiddleware(view)(request)
    return answer, [str(one) for one in request._messages._queued_messages]


def test_the_second_gets_the_first_answer_and_its_words(cast):
    view = Counter()
    first, said = send(view, cast.clerk_a, received="150")
    again, said_again = send(view, cast.clerk_a, received="150")
    assert (first.url, again.url, view.done) == ("/receipts/1", "/receipts/1", 1)
    assert said == said_again == [DONE]


def test_what_was_only_laid_aside_may_be_sent_again(cast):
    """The protection against forged forms has expired: nothing was done, the form waits."""
    aside = Counter(HttpResponseRedirect(reverse("accounts:unsent")))
    send(aside, cast.clerk_a, received="150")
    view = Counter()
    answer, said = send(view, cast.clerk_a, received="150")
    assert (answer.url, said, view.done) == ("/receipts/1", [DONE], 1)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"received": "200"}, id="typed anew"),
        pytest.param({"token": "b2", "received": "150"}, id="another form"),
        pytest.param({"path": "/void", "received": "150"}, id="another page"),
        pytest.param({"token": "", "received": "150"}, id="no token"),
        pytest.param({"htmx": True, "received": "150"}, id="asked while typing"),
    ],
)
def test_what_differs_is_another_form(cast, other):
    view = Counter()
    send(view, cast.clerk_a, received="150")
    answer, _ = send(view, cast.clerk_a, **other)
    assert (answer.url, view.done) == ("/receipts/2", 2)


def test_nobody_gets_a_colleagues_answer(cast):
    view = Counter()
    send(view, cast.clerk_a)
    answer, _ = send(view, cast.clerk_a2)
    assert (answer.url, view.done) == ("/receipts/2", 2)


def test_a_refused_form_or_a_download_may_be_sent_again(cast):
    view = Counter(answer=HttpResponse("请填写作废原因"))
    assert send(view, cast.clerk_a)[0].content == send(view, cast.clerk_a)[0].content
    assert view.done == 2
    assert not Submission.objects.exists()


def test_a_form_that_failed_may_be_sent_again(cast):
    view = Counter(error=RuntimeError("the disk is full"))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            send(view, cast.clerk_a)
    assert view.done == 2


def test_what_was_refused_may_be_sent_again_when_its_cause_is_gone(cast):
    """Refused with a message and a redirect, as `refusals_as_messages` does; then done."""
    refusals = ["今天已经日清，请先撤销日清"]

    def view(request):
        if refusals:
            messages.error(request, refusals.pop())
        else:
            messages.success(request, DONE)
        return HttpResponseRedirect("/receipts")

    assert send(view, cast.clerk_a)[1] == ["今天已经日清，请先撤销日清"]
    assert not Submission.objects.exists()
    assert send(view, cast.clerk_a)[1] == [DONE]


def test_a_corrected_file_of_the_same_name_and_size_is_another_form(cast):
    read = []

    def view(request):
        read.extend(file.read() for file in request.FILES.getlist("list"))
        return HttpResponseRedirect("/lists")

    for amount in (b"120.00", b"210.00", b"210.00"):
        send(view, cast.clerk_a, list=SimpleUploadedFile("list.csv", amount))
    assert read == [b"120.00", b"210.00"]
    for second in (b"1", b"2"):
        files = [SimpleUploadedFile("a.csv", second), SimpleUploadedFile("b.csv", b"0")]
        send(view, cast.clerk_a, list=files)
    assert read[2:] == [b"1", b"0", b"2", b"0"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [302, 503])
def test_what_it_keeps_itself_is_not_what_the_user_saved(cast, status):
    connection.saved = 0
    counts = []

    def view(request):
        counts.append(connection.saved)
        return HttpResponse(status=status, headers={"Location": "/receipts/1"})

    send(view, cast.clerk_a)
    assert counts == [0] and connection.saved == 0


def test_the_page_stands_when_the_key_cannot_be_taken_back(cast, monkeypatch):
    def fails(key):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("desk.submissions._mine", fails)
    for answer in (HttpResponse("数据库连接不上", status=503), HttpResponseRedirect("/receipts/1")):
        token = str(answer.status_code)
        assert send(Counter(answer=answer), cast.clerk_a, token=token)[0] is answer


def test_who_waits_in_vain_is_told_to_look_first(cast, monkeypatch):
    monkeypatch.setattr("desk.submissions.WAIT", 0.1)
    view = Counter()
    send(view, cast.clerk_a)
    Submission.objects.update(answer="")  # as a worker leaves it that died on the way
    answer, said = send(view, cast.clerk_a)
    assert (answer.url, view.done) == ("/pay", 1)
    assert "不要重复办理" in said[0]


def test_yesterdays_are_forgotten(cast):
    send(Counter(), cast.clerk_a)
    Submission.objects.create(key="old", sent_at=timezone.now() - timedelta(hours=25))
    assert forget_submissions() == 1
    assert Submission.objects.count() == 1


def test_every_form_that_is_posted_carries_a_token():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.S)
        for form in forms:
            assert "{% csrf_token %}" in form, (path, form[:120])


def test_the_tag_gives_each_form_its_own(cast, as_user):
    page = as_user(cast.clerk_a).get("/enrollment/").content.decode()
    tokens = re.findall(rf'name="{FIELD}" value="(\w+)"', page)
    assert len(tokens) == len(set(tokens)) >= 2
