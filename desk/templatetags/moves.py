"""{% moves row as open %}: what the reader may do with a row now, by its workflow. Built in."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.clock import today
from accounts.models import User
from desk.workflow import workflow_of

register = template.Library()


@register.filter
def brought(row: Any) -> str:
    """{{ claim|brought }}: the title of the step by which the row came where it stands."""
    workflow = workflow_of(type(row))
    assert workflow is not None, f"no workflow moves {type(row)}"
    return workflow.brought(row)


@register.simple_tag(takes_context=True)
def moves(context: dict[str, Any], row: Any) -> list[str]:
    """The events of the steps that are open to who reads: {% if "pay_refund" in open %}."""
    workflow, user = workflow_of(type(row)), context["request"].user
    if workflow is None or not isinstance(user, User):
        return []
    return [step.event for step in workflow.open_to(row, user)]


@register.simple_tag(takes_context=True)
def turn(context: dict[str, Any], row: Any, fitting: Collection[str] | None = None) -> SafeString:
    """{% turn review fitting %}: whose turn it is and until when, in one line; nothing when all is
    done. `fitting`: as `Workflow.turn` takes it."""
    workflow, user = workflow_of(type(row)), context["request"].user
    if workflow is None or not isinstance(user, User):
        return SafeString("")
    words = workflow.turn(row, user, fitting)
    due: date | None = getattr(row, "due_on", None)
    if not words:
        return SafeString("")
    is_late = due is not None and due < today()
    if due is not None:
        words += f"。期限 {due:%Y-%m-%d}" + ("，已逾期" if is_late else "")
    look = "danger" if is_late else "info"
    return format_html('<p class="alert alert-{} hz-alert hz-turn">{}</p>', look, words)
