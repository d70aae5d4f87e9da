"""What is refused before the door of the interface is reached is told as the interface tells."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from gateway.envelope import Reply
from gateway.views import JSON

BEGINNING = "/gateway/api"
TOLD = {
    HTTPStatus.BAD_REQUEST: "请求不能读取：含有空字符或格式不对",
    HTTPStatus.NOT_FOUND: "没有这个地址，请核对交易编号",
    HTTPStatus.METHOD_NOT_ALLOWED: "请用 POST 发送报文",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "报文过大，请分次上传",
    HTTPStatus.SERVICE_UNAVAILABLE: "系统暂时不可用，请稍后再试",
}


class InterfaceErrorMiddleware:
    """Pages are for people: a hospital's program gets what it can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(BEGINNING) or response.get("Content-Type") == JSON:
            return response
        told = TOLD.get(HTTPStatus(response.status_code), "系统出错，请联系县级经办机构")
        text = Reply(area="", began=timezone.localtime(), now=timezone.localtime).write(told=told)
        found = HttpResponse(text, status=response.status_code, content_type=JSON)
        for name in ("Allow", "Retry-After"):
            if name in response:
                found[name] = response[name]
        return found
