"""What was typed and refused, given back on the page that says why. Built in.

A form that the page shows once more has its inputs filled, with the sentence beside the one that
the refusal names. What the page has no place for any more, because another was quicker, is shown
above it, to be copied.

Regular expressions over what was rendered, and no widgets that know what was typed: of the forms
that are refused with a redirect some forty are written out in their templates, beside inputs of
`components/field.html`, and their views know nothing of inputs. Every form gets its words so,
whichever way it is written; Django escapes ">" in attributes, so that a tag ends at the first one.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.given_back import Given, take, typed

register = template.Library()

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
# Inputs that words and figures are typed into; a box or a choice keeps what the page says of it.
TYPED = r"text|search|date|number|tel|month|email"
INPUT = re.compile(r"<input\b([^>]*)>")
AREA = re.compile(r"<textarea\b([^>]*)>(.*?)</textarea>", re.S)
SELECT = re.compile(r"<select\b([^>]*)>(.*?)</select>", re.S)
BESIDE = '<div class="hz-fielderror">{}</div>'
HERE = mark_safe("<!-- given back -->")
LEFT = (
    '<div class="alert hz-alert alert-warning" role="status">'
    "没有办成，您填写的内容还在这里，可以复制：{}</div>"
)


class GivenNode(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        html: str = self.nodelist.render(context)
        request = context["request"]
        given = take(request)
        if given is not None:
            html = FORM.sub(lambda form: _filled(form, given, request.path), html)
            return _shown([], given.fields, html)
        forms = list(_refused(context)) if request.method == "POST" else []
        return _shown(_unsaid(forms, html), typed(request) if forms else {}, html)


@register.tag
def given_back(parser: Parser, token: Token) -> GivenNode:
    """{% given_back %}…{% endgiven_back %}: around what `base.html` shows of a page."""
    nodelist = parser.parse(("endgiven_back",))
    parser.delete_first_token()
    return GivenNode(nodelist)


@register.simple_tag
def given_here() -> SafeString:
    """{% given_here %}: where the page says what it has no place for."""
    return HERE


def _refused(context: Context) -> Iterator[Any]:
    """The page's forms in which something was refused."""
    for one in context.flatten().values():
        if isinstance(one, (BaseForm, BaseFormSet)) and one.is_bound and not one.is_valid():
            yield one


def _unsaid(forms: list[Any], html: str) -> list[str]:
    """What was refused and stands nowhere, because the form is not shown any more."""
    errors = [
        str(error)
        for form in forms
        if isinstance(form, BaseForm)
        for many in form.errors.values()
        for error in many
    ]
    return [one for one in dict.fromkeys(errors) if conditional_escape(one) not in html]


def _shown(unsaid: list[str], fields: Mapping[str, list[str]], html: str) -> SafeString:
    """The page, and in it what it has no place for: refusals, and words that were typed."""
    said = [
        format_html('<div class="alert hz-alert alert-danger" role="alert">{}</div>', one)
        for one in unsaid
    ]
    words = [
        one
        for values in fields.values()
        for one in values
        if not one.isascii() and conditional_escape(one.strip()) not in html
    ]
    if words:
        rows = format_html_join("", '<p class="hz-words mb-0">{}</p>', ((one,) for one in words))
        said.append(format_html(LEFT, rows))
    return mark_safe(html.replace(HERE, "".join(said), 1))  # noqa: S308 - rendered and escaped


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'(?<![\w-]){name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def _filled(form: re.Match[str], given: Given, here: str) -> str:
    """A form that goes where the refused one went, with what was typed in its inputs."""
    head, inside = form[1], form[2]
    action = _attribute(head, "action") or here
    if _attribute(head, "method") != "post" or action.partition("?")[0] != given.to:
        return form[0]
    left = {name: list(values) for name, values in given.fields.items()}

    def beside(tag: str) -> str:
        is_named = given.at and _attribute(tag, "name") == given.at
        return format_html(BESIDE, given.why) if is_named else ""

    def value_of(tag: str) -> str | None:
        values = left.get(_attribute(tag, "name"))
        return values.pop(0) if values else None

    def fill_input(found: re.Match[str]) -> str:
        tag = found[1]
        kind = _attribute(tag, "type") or "text"
        value = value_of(tag) if re.fullmatch(TYPED, kind) else None
        if value is None:
            return found[0]
        tag = re.sub(r'(?<![\w-])value="[^"]*"', "", tag).rstrip(" /")
        said = beside(tag)
        return f'<input{_marked(tag, said)} value="{conditional_escape(value)}">{said}'

    def fill_area(found: re.Match[str]) -> str:
        value = value_of(found[1])
        if value is None:
            return found[0]
        said = beside(found[1])
        area = f"{_marked(found[1], said)}>\n{conditional_escape(value)}"
        return f"<textarea{area}</textarea>{said}"

    def fill_select(found: re.Match[str]) -> str:
        value = value_of(found[1])
        if value is None:
            return found[0]
        chosen = f'value="{conditional_escape(value)}"'
        options = found[2].replace(" selected", "").replace(chosen, f"{chosen} selected", 1)
        said = beside(found[1])
        return f"<select{_marked(found[1], said)}>{options}</select>{said}"

    inside = INPUT.sub(fill_input, inside)
    inside = SELECT.sub(fill_select, AREA.sub(fill_area, inside))
    return f"<form{head}>{inside}</form>"


def _marked(tag: str, said: str) -> str:
    """The tag with the look of an input that was refused."""
    return re.sub(r'class="', 'class="is-invalid ', tag, count=1) if said else tag
