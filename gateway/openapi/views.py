"""The page that lists what programs may ask, and the document itself."""

from collections.abc import Iterable
from itertools import groupby

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.permissions import Request, shows
from gateway.openapi.document import Line, Operation, answered, asked, document, operations

PERMISSION = "gateway.view_interface"


@shows(PERMISSION)
def listing(request: Request) -> HttpResponse:
    """Every operation, by group."""
    rows = groupby(operations().values(), key=lambda one: one.group)
    groups = [(group, list(found)) for group, found in rows]
    return render(request, "gateway/openapi/list.html", {"groups": groups})


@shows(PERMISSION)
def operation(request: Request, name: str) -> HttpResponse:
    """One operation: what is sent, what comes back."""
    found: Operation | None = operations().get(name)
    if found is None:
        raise Http404
    parts: Iterable[tuple[str, list[Line]]] = (("入参", asked(found)), ("返回", answered(found)))
    return render(request, "gateway/openapi/operation.html", {"operation": found, "parts": parts})


@shows(PERMISSION)
def as_json(request: Request) -> JsonResponse:
    """The document."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
