"""Acts and field errors of a page: one way to write a button. Built in, no {% load %} needed."""

from typing import Any

from django import template
from django.forms.utils import flatatt
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from desk.seen import SEEN
from desk.templatetags.submitted import csrf_token

register = template.Library()
NOTHING = SafeString("")
SHOWN = '<input type="hidden" name="{}" value="{}">'
REASON = (
    '<input type="text" name="reason" maxlength="200" size="{}" autocomplete="off"'
    ' aria-label="{}" placeholder="{}" class="form-control form-control-sm">'
)


@register.simple_tag
def errors(field: Any) -> SafeString:
    """{% errors form.code %}: what is wrong with a field, beside it."""
    rows = ((error,) for error in getattr(field, "errors", None) or ())
    return format_html_join("", '<div class="hz-fielderror" role="alert">{}</div>', rows)


def _allowed(context: dict[str, Any], permission: str) -> bool:
    user = context["request"].user
    return not permission or (isinstance(user, User) and user.may(permission))


def _button(title: str, key: str, look: str, more: dict[str, Any]) -> tuple[str, SafeString]:
    """Title with the key that presses it, and the attributes."""
    attributes = {name.replace("_", "-"): value for name, value in more.items() if value}
    attributes |= {"class": f"btn btn-sm btn-{look}"} | ({"accesskey": key} if key else {})
    return (f"{title} (Alt+{key.upper()})" if key else title), flatatt(attributes)


@register.simple_tag(takes_context=True)
def go(
    context: dict[str, Any],
    title: str,
    route: str,
    *parts: Any,
    permission: str = "",
    query: str = "",
    key: str = "",
    look: str = "outline-primary",
    **more: Any,
) -> SafeString:
    """A way to another page: {% go "返回列表" "policies:list" %}.

    `permission`: nothing is shown to whom it is not given. `query`: what follows the question
    mark, already quoted. `key`: pressed with Alt. `look`: Bootstrap's name of the colour.
    """
    if not _allowed(context, permission):
        return NOTHING
    title, attributes = _button(title, key, look, more)
    address = reverse(route, args=parts) + (f"?{query}" if query else "")
    return format_html('<a href="{}"{}>{}</a>', address, attributes, title)


@register.simple_block_tag
def more(content: str, title: str = "更多办理") -> SafeString:
    """{% more %}…{% endmore %}: ways and acts that are seldom needed, behind one button."""
    return format_html(
        '<details class="hz-more"><summary class="btn btn-outline-primary btn-sm">{}</summary>'
        "<div>{}</div></details>",
        title,
        content,
    )


@register.simple_tag(takes_context=True)
def act(
    context: dict[str, Any],
    title: str,
    route: str,
    *parts: Any,
    permission: str = "",
    confirm: str = "",
    again: bool = False,
    asks: str = "",
    size: int = 20,
    key: str = "",
    look: str = "outline-primary",
    seen: str = "",
    **more: Any,
) -> SafeString:
    """An act of one button: {% act "采用" "policies:adopt" pack.pk confirm="…" look="primary" %}.

    `confirm`: the question asked before. `again`: the button may be pressed more than once
    (downloads). `asks`: the reason that is written beside the button, `size` letters wide.
    `seen`: the fingerprint of what the page shows, to which the act agrees (desk/seen.py). The
    rest as `go`.
    """
    if not _allowed(context, permission):
        return NOTHING
    look += " text-nowrap" if asks else ""
    title, attributes = _button(title, key, look, more)
    about = {"data-confirm": confirm, "data-resubmit": again, "class": asks and "d-flex gap-1"}
    return format_html(
        '<form method="post" action="{}"{}>{}{}{}<button{}>{}</button></form>',
        reverse(route, args=parts),
        flatatt({name: value for name, value in about.items() if value}),
        csrf_token(context),
        format_html(SHOWN, SEEN, seen) if seen else NOTHING,
        format_html(REASON, size, asks, asks) if asks else NOTHING,
        attributes,
        title,
    )
