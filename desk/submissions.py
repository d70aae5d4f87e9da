"""A form is taken once: who sends it again, by a second click, gets the answer to the first.

`{% csrf_token %}` gives every form a token of its own (`desk/templatetags/submitted.py`). The key
is made of user, page, token and everything typed: the same form filled in anew is another one.
Only redirects are kept as answers, since after them something was done. What was refused, looked
at or downloaded may be sent again: a redirect that brings an error was refused.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import Error, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.fields import blind_index
from accounts.unsent import FIELD
from desk.models import Submission

# Seconds. A save takes a quarter of one (docs/measurements.md); a worker that died answers never.
WAIT, STEP = 20, 0.05
KEPT = timedelta(days=1)
UNKNOWN = "刚才已经提交过同一份表单，结果还没有返回。请不要重复办理，先刷新或查询核对是否已经办成。"

# The model's `bulk_create(ignore_conflicts=True)` does not say whether there was a conflict.
BEGIN = """
INSERT INTO desk_submission (key, sent_at, answer) VALUES (%s, now(), '')
ON CONFLICT DO NOTHING
"""

Handler = Callable[[HttpRequest], HttpResponse]


def key_of(request: HttpRequest) -> str:
    """Keyed digest of who sends what where; empty where a form carries no token."""
    token = request.POST.get(FIELD, "")
    acts = request.method == "POST" and request.user.is_authenticated
    if not token or not acts or "HX-Request" in request.headers:
        return ""
    typed = [(k, v) for k, v in sorted(request.POST.lists()) if k != "csrfmiddlewaretoken"]
    sent = sorted(request.FILES.lists())
    files = [(field, file.name, _digest(file)) for field, many in sent for file in many]
    return blind_index("desk.submission", repr((request.user.pk, request.path, typed, files)))


def _digest(file: "UploadedFile[Any]") -> str:
    """Of the content, for a corrected file may have the old one's name and size."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


class SubmissionMiddleware:
    """Innermost: what it keeps is the view's own answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = key_of(request)
        if not key:
            return self.get_response(request)
        until = time.monotonic() + WAIT
        while True:
            if _begin(key):
                return self._first(request, key)
            answer = _mine(key).values_list("answer", flat=True).first()
            if answer:
                return _again(request, answer)
            if answer is not None and time.monotonic() > until:
                messages.warning(request, UNKNOWN)
                return HttpResponseRedirect(request.path)
            time.sleep(STEP)

    def _first(self, request: HttpRequest, key: str) -> HttpResponse:
        answer = ""
        try:
            response = self.get_response(request)
            answer = _kept(request, response)
            return response
        finally:
            # The answer stands also where the database is away by now.
            with suppress(Error), _uncounted():
                if answer:
                    _mine(key).update(answer=answer)
                else:
                    _mine(key).delete()


@contextmanager
def _uncounted() -> Iterator[None]:
    """A row of this module is nothing that the user saved (`accounts/outages.py` tells that)."""
    saved = getattr(connection, "saved", 0)
    yield
    connection.saved = saved  # type: ignore[attr-defined]


def _mine(key: str) -> "QuerySet[Submission]":
    return Submission.objects.filter(key=key)


def _begin(key: str) -> bool:
    """Whether this is the first. One statement, committed at once, so that the second sees it."""
    with _uncounted(), connection.cursor() as cursor:
        cursor.execute(BEGIN, [key])
        return bool(cursor.rowcount)


def _kept(request: HttpRequest, response: HttpResponse) -> str:
    """Where the redirect leads and what it will say, as JSON; nothing for other answers, and
    nothing where an error is among what it says, or where the form was only laid aside."""
    if not 300 <= response.status_code < 400 or response["Location"] == reverse("accounts:unsent"):
        return ""
    # The storage has no public way to look at what was added without using it up.
    said: list[Any] = getattr(messages.get_messages(request), "_queued_messages", [])
    if any(message.level >= messages.ERROR for message in said):
        return ""
    told = [(message.level, str(message.message)) for message in said]
    return json.dumps({"to": response["Location"], "told": told}, ensure_ascii=False)


def _again(request: HttpRequest, answer: str) -> HttpResponse:
    first = json.loads(answer)
    for level, text in first["told"]:
        messages.add_message(request, level, text)
    return HttpResponseRedirect(first["to"])


@shared_task  # type: ignore[untyped-decorator]
def forget_submissions() -> int:
    """Nightly: nobody clicks twice a day apart."""
    return Submission.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()[0]
