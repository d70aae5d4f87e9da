"""What every form that is posted carries. Built in: it takes the place of Django's own tag."""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.unsent import FIELD, token_for

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: dict[str, Any]) -> SafeString:
    """{% csrf_token %}: Django's token against forged forms, and that of this one form.

    The second lets a form that is sent twice be taken once (`desk/submissions.py`), and one that
    met an ended session be sent on by the same user (`accounts/unsent.py`).
    """
    request = context["request"]
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="{}" value="{}" autocomplete="off">',
        get_token(request),
        FIELD,
        token_for(request.user.pk if hasattr(request, "user") else None),
    )
