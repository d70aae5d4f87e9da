"""What surrounds every request: origin, log line, security headers, forced password change."""

import logging
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import given_back
from accounts.error_pages import MAX_BODY, not_allowed
from accounts.origin import Origin, current, unmapped
from accounts.sessions import is_over, note_work

logger = logging.getLogger("hezuo.request")

# Everything comes from the portal itself; htmx needs no inline code.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)

Handler = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str | None:
    """The address of the caller, counting back over the proxies that are ours."""
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies: int = settings.TRUSTED_PROXIES
    told = chain[-proxies] if proxies and len(chain) >= proxies else ""
    for address in (told, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(unmapped(ip_address(address)))
        except ValueError:  # "unknown", a port behind it, a socket: nothing the trail can keep
            continue
    return None


class RequestLogMiddleware:
    """Sets the origin, logs one line per request (route, never the raw path), adds headers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = current.set(Origin(client_address(request), secrets.token_hex(8)))
        started = time.perf_counter()
        connection.saved = 0  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
                allowed, response = response["Allow"], not_allowed()
                response["Allow"] = allowed
            response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
            if "Cache-Control" not in response and not request.path.startswith("/static/"):
                response["Cache-Control"] = "no-store"
            route = request.resolver_match.route if request.resolver_match else "-"
            user = getattr(request, "user", None)
            logger.info(
                "request",
                extra={
                    "method": request.method,
                    "route": route,
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - started) * 1000),
                    "user_id": getattr(user, "pk", None),
                },
            )
            return response
        finally:
            current.reset(token)


class PlainTextMiddleware:
    """Refuses text with a NUL in it: no keyboard types one, and the database takes none.

    Looking into the text reads it, before anyone knows who sent it: so nothing endless either.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise RequestDataTooBig("a body larger than any file we take")
        for fields in (request.GET, request.POST):
            if any("\0" in value for _, values in fields.lists() for value in values):
                raise BadRequest("NUL in a form")
        return self.get_response(request)


class SignedInMiddleware:
    """Ends what has lasted too long, or should not be (nobody works in pages as a program); someone
    whose password was set by an administrator first chooses an own one. What was refused follows
    its answer to the page that shows it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if is_over(request) or request.user.is_program:
                logout(request)
            else:
                note_work(request)
        user = request.user
        leaving = request.path.startswith(("/password", "/sign-out", "/static/"))
        if user.is_authenticated and user.must_change_password and not leaving:
            return redirect("accounts:change_password")
        response = self.get_response(request)
        given_back.lead_on(request, response)
        return response
