"""Who reads: a client of an institution by its credentials, or who is signed in at the portal."""

from http import HTTPStatus

from django.http import HttpRequest

from accounts.models import User
from gateway.fhir.outcomes import FhirError

PERMISSION = "claims.view"
CLEAR = "enrollment.reveal"


def reader(request: HttpRequest) -> User:
    """In whose name is read; what this user sees is the scope. Raises FhirError."""
    user = request.user
    if isinstance(user, User) and user.is_authenticated:
        if not user.may(PERMISSION):
            raise FhirError(HTTPStatus.FORBIDDEN, "forbidden", "您的角色不能查看报销信息")
        return user
    raise FhirError(HTTPStatus.UNAUTHORIZED, "login", "请先登录")
