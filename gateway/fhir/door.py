"""Who reads: a client of an institution by its credentials, or who is signed in at the portal.

A client sends the five headers of the interface. What it signs in place of a body is what stands
behind the question mark, and `Api-Name` is the path, so that no signature fits another question.
"""

from http import HTTPStatus

from django.http import HttpRequest

from accounts.models import User
from gateway.clients.admission import NotAdmitted, authenticate
from gateway.fhir.outcomes import FhirError

PERMISSION = "claims.view"
CLEAR = "enrollment.reveal"
CODES = {
    HTTPStatus.UNAUTHORIZED: "login",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-long",
}


def reader(request: HttpRequest) -> User:
    """In whose name is read; what this user sees is the scope. Raises FhirError."""
    user = request.user
    if not user.is_authenticated:
        user = _client(request)
    if not isinstance(user, User) or not user.may(PERMISSION):
        raise FhirError(HTTPStatus.FORBIDDEN, "forbidden", "没有查看报销信息的权限")
    return user


def _client(request: HttpRequest) -> User:
    """The account of the client whose headers these are."""
    name = request.path.removeprefix("/")
    if request.headers.get("Api-Name", name) != name:
        told = f"请求头 Api-Name 应为所读地址 {name[:60]}"
        raise FhirError(HTTPStatus.UNAUTHORIZED, "login", told)
    try:
        # As it came: a WSGI server hands the bytes over as Latin-1 (PEP 3333).
        asked = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
        return authenticate(request, asked).user
    except NotAdmitted as refused:
        code = CODES.get(refused.status, "security")
        raise FhirError(refused.status, code, refused.message) from None
