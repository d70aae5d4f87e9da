"""The door in front of every view; one that has none, nor `public`, fails the matrix test."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts import unsent
from accounts.models import User
from accounts.roles import PERMISSIONS


class Request(HttpRequest):
    """What a view behind `require` gets: somebody is signed in."""

    user: User


View = Callable[..., HttpResponseBase]


def require(permission: str) -> Callable[[View], View]:
    """Only signed-in users whose role has the permission; others are refused with 403."""
    if permission not in PERMISSIONS:
        raise KeyError(f"{permission} is not in accounts.roles.PERMISSIONS")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            if not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        cast(Any, guarded).permission = permission
        return guarded

    return decorate


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in, and from there back; htmx would put that page into a part of this one."""
    htmx = HtmxDetails(request)
    if request.method == "POST":
        if htmx:  # asked while somebody types: the page stays, and says so (hezuo.js)
            return HttpResponse(status=401)
        unsent.keep(request)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    return HttpResponseClientRedirect(redirect_to_login(htmx.current_url_abs_path or "/").url)


def shows(permission: str) -> Callable[[View], View]:
    """A page or a part of one, by GET alone."""
    return lambda view: require(permission)(require_GET(view))


def acts(permission: str) -> Callable[[View], View]:
    """Something is done, by POST alone."""
    return lambda view: require(permission)(require_POST(view))


def asks(permission: str) -> Callable[[View], View]:
    """A form: GET shows it, POST hands it in."""
    return lambda view: require(permission)(require_http_methods(["GET", "POST"])(view))


def public(view: View) -> View:
    """Mark a view as open to everyone, knowingly."""
    cast(Any, view).permission = None
    return view
