"""What is refused before a view of the FHIR service is reached is told as an OperationOutcome."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from gateway.fhir.outcomes import outcome
from gateway.fhir.views import TYPE, answered

BEGINNING = "/fhir/"
TOLD = {
    HTTPStatus.BAD_REQUEST: ("invalid", "请求不能读取：含有空字符、参数过多或格式不对"),
    HTTPStatus.FORBIDDEN: ("forbidden", "不能查看"),
    HTTPStatus.NOT_FOUND: ("not-found", "没有这个地址，请查看 metadata"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too-long", "请求过大"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("transient", "系统暂时不可用，请稍后再试"),
}


class FhirErrorMiddleware:
    """Pages and redirects of the portal are for people: a program gets what it can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(BEGINNING) or response.get("Content-Type") == TYPE:
            return response
        status = HTTPStatus(response.status_code)
        if 300 <= status < 400:  # to a page where a new password is chosen
            return answered(outcome("forbidden", "请先登录门户修改密码"), HTTPStatus.FORBIDDEN)
        code, told = TOLD.get(status, ("exception", "系统出错，请联系县级经办机构"))
        found = answered(outcome(code, told), status)
        if "Retry-After" in response:
            found["Retry-After"] = response["Retry-After"]
        return found
