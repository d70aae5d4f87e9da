"""The door of the hospital interface: one address a transaction, and one for all of them."""

import logging
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.clock import today
from accounts.outages import LOCKED, told_of
from accounts.permissions import public
from gateway.clients.admission import NotAdmitted, admit, closed, opened
from gateway.envelope import Reply, answer

logger = logging.getLogger("hezuo.gateway")

JSON = "application/json; charset=utf-8"


@public
@csrf_exempt
@require_POST
def take(request: HttpRequest, infno: str = "") -> HttpResponse:
    """One message. Who sends it is proved by the headers of the gateway, not by a session."""
    reply = Reply(area="", began=timezone.localtime(), now=timezone.localtime)
    status: int = HTTPStatus.OK
    try:
        secret = admit(request, request.body)
        body = opened(secret, request.body)
        text = answer(body, client=secret.client, infno=infno, on=today(), now=timezone.localtime)
        text = closed(secret, text)
    except NotAdmitted as refused:
        text, status = reply.write(told=refused.message), refused.status
    except RequestDataTooBig:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
        text = reply.write(told=f"报文超过 {most} MB，请分次上传")
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except Exception as error:  # the portal's own fault or an outage, told as the interface tells
        told = told_of(error, "POST")
        if told.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.exception("gateway")
        text = reply.write(told=f"{told.title}：{told.text}")
        # That two messages met at one person is no outage: it is asked again, as any refusal.
        status = HTTPStatus.OK if told.title == LOCKED.title else told.status
    return HttpResponse(text, status=status, content_type=JSON)
