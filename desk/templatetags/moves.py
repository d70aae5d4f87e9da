"""{% moves row as open %}: what the reader may do with a row now, by its workflow. Built in."""

from typing import Any

from django import template

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
