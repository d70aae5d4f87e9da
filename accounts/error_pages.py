"""The one look of everything that goes wrong; needs neither database nor session."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

# Bytes. Registers of 20 MB are the largest files; what is beyond says so in its own words.
MAX_BODY = 32 * 1024 * 1024


def error_page(status: int, title: str, text: str) -> HttpResponse:
    """Rendered without the request: who is signed in stands in the database, and that may be what
    has failed."""
    context = {"title": title, "text": text, "status": status, "at": timezone.localtime()}
    return HttpResponse(render_to_string("error.html", context), status=status)


def not_allowed() -> HttpResponse:
    """A page opened by an address that only takes forms, as after going back in the browser."""
    text = "这个地址不能直接打开，请回首页从菜单进入。"
    return error_page(405, "不能这样打开", text)
