"""How long somebody stays signed in: ended by the server, whatever the page believes.

GB/T 22239-2019 8.1.4.1 b) asks that a session nobody works in is ended, and leaves the time to the
operator (HEZUO_IDLE_MINUTES, HEZUO_SESSION_HOURS).
"""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

BEGAN, SEEN = "began", "seen"
# Seconds. Written down at most so often: a click need not cost a write.
GRAIN = 60
# A page that asks again by itself says so with this header; it is nobody's work.
BY_ITSELF = "X-By-Itself"


def note_sign_in(sender: Any, request: HttpRequest, **given: Any) -> None:
    """The session begins now."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def is_over(request: HttpRequest) -> bool:
    """Whether nobody has worked in this session for too long, or it is as old as it may get."""
    now = time.time()
    began = request.session.get(BEGAN, 0)
    seen = request.session.get(SEEN, 0)
    return bool(now - seen > settings.IDLE_SECONDS or now - began > settings.SESSION_SECONDS)


def note_work(request: HttpRequest) -> None:
    """Somebody has done something: the time without work begins anew."""
    now = int(time.time())
    grain = min(GRAIN, settings.IDLE_SECONDS // 10)
    if BY_ITSELF not in request.headers and now - request.session.get(SEEN, 0) >= grain:
        request.session[SEEN] = now
