"""A button of a workflow as a page sends it: the event stands in the address."""

from collections.abc import Callable, Container
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request
from accounts.scoping import get_visible
from desk.decisions import DecisionFlow
from desk.workflow import START, Step, Workflow


def asked_step(request: Request, flow: Workflow[Any], event: str, offered: Container[str]) -> Step:
    """The step that was asked for: 404 when the page offers none such, 403 for another role."""
    if event not in offered:
        raise Http404
    step = flow.by_event[event]
    if not request.user.may(step.permission):
        raise PermissionDenied
    return step


def decide_asked(
    request: Request, flow: Workflow[Any], event: str, service: Callable[..., Any], **row: Any
) -> None:
    """A button of a case that somebody asked for: every step but the asking itself."""
    asked_step(
        request, flow, event, {step.event for step in flow.steps if START not in step.sources}
    )
    take_asked(request, flow, event, service, **row)


def decide_visible(
    request: Request,
    flow: DecisionFlow[Any],
    event: str,
    pk: int,
    service: Callable[..., Any] | None = None,
) -> Any:
    """The same of a decision that the user may see, or 404; by its flow alone where nothing else
    follows from it. Returns the row as it was."""
    row = get_visible(flow.model, request.user, *flow.related, pk=pk)
    decide_asked(request, flow, event, service or flow.decide, row=row)
    return row


def take_asked(
    request: Request, flow: Workflow[Any], event: str, service: Callable[..., Any], **row: Any
) -> None:
    """Let the service take the step with the reason of the page, which then says so or why not."""
    with refusals_as_messages(request):
        done = service(
            actor=request.user,
            event=event,
            reason=request.POST.get("reason", ""),
            on=today(),
            **row,
        )
        messages.success(request, flow.told(done, event))
