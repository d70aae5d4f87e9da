"""What was typed and refused, given back on the page that says why. Built in.

A form that the page shows once more has its inputs filled, with the sentence beside the one that
the refusal names. What the page has no place for any more, because another was quicker, is shown
above it, to be copied.

A parser over what was rendered, and no widgets that know what was typed: of the forms that are
refused with a redirect some forty are written out in their templates, beside inputs of
`components/field.html`, and their views know nothing of inputs. Every form gets its words so,
whichever way it is written. Hidden inputs and files stay as the page says them.
"""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.given_back import Given, take, typed

register = template.Library()

# Inputs that words and figures are typed into, and those that are ticked.
TYPED = {"text", "search", "date", "number", "tel", "month", "email"}
TICKED = {"checkbox", "radio"}
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
            filled = Filling(given, request.path).of(html)
            return _shown([] if given.to else [given.why], given.fields, filled)
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


def _tag(name: str, attributes: Mapping[str, str | None]) -> str:
    said = (
        f" {key}" if value is None else f' {key}="{conditional_escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{''.join(said)}>"


class Filling(HTMLParser):
    """The page once more, as it was but for the forms that go where the refused one went: they have
    in their inputs what was typed, ticked and chosen."""

    def __init__(self, given: Given, here: str) -> None:
        super().__init__(convert_charrefs=False)
        self.given, self.here = given, here
        self.out: list[str] = []
        # Inside such a form: what of each name was not given to an input yet.
        self.left: dict[str, list[str]] | None = None
        self.ids: set[str] = set()
        self.chosen: list[str] | None = None  # of the select that is open
        self.after = ""  # what follows the area or select that is open
        self.is_cut = False  # the words of an area are replaced

    def of(self, html: str) -> str:
        self.feed(html)
        self.close()
        return "".join(self.out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        fill = {
            "form": self._form, "input": self._input, "textarea": self._area,
            "select": self._select, "option": self._option,
        }.get(tag)  # fmt: skip
        self._put((fill(said) if fill else None) or self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.is_cut = False
        self._put(f"</{tag}>")
        if tag in {"textarea", "select"}:
            self._put(self.after)
            self.after, self.chosen = "", None
        if tag == "form":
            self.left = None

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._put(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._put(f"<!{decl}>")

    def _put(self, text: str) -> None:
        if not self.is_cut:
            self.out.append(text)

    def _form(self, said: dict[str, str | None]) -> None:
        to = (said.get("action") or self.here).partition("?")[0]
        if said.get("method") == "post" and to == self.given.to:
            self.left = {name: list(values) for name, values in self.given.fields.items()}
            self.ids.add(said.get("id") or "")

    def _values(self, said: Mapping[str, str | None]) -> list[str] | None:
        """What is left of an input's name; None where nothing of it was sent, or outside."""
        if self.left is None:
            return None
        return self.left.get(said.get("name") or "")

    def _input(self, said: dict[str, str | None]) -> str | None:
        kind, values = said.get("type") or "text", self._values(said)
        if kind in TICKED and self._is_inside(said):
            sent = self.given.fields.get(said.get("name") or "", [])
            said.pop("checked", None)
            return _tag("input", said | ({"checked": None} if _value(said) in sent else {}))
        if kind not in TYPED or not values:
            return None
        beside = self._marked(said)
        return _tag("input", said | {"value": values.pop(0)}) + beside

    def _is_inside(self, said: Mapping[str, str | None]) -> bool:
        """In such a form, or sent with one that stands before it."""
        form = said.get("form")
        return form in self.ids if form else self.left is not None

    def _area(self, said: dict[str, str | None]) -> str | None:
        values = self._values(said)
        if not values:
            return None
        self.after = self._marked(said)
        self._put(f"{_tag('textarea', said)}\n{conditional_escape(values.pop(0))}")
        self.is_cut = True
        return ""

    def _select(self, said: dict[str, str | None]) -> str | None:
        values = self._values(said)
        if not values:
            return None
        self.after = self._marked(said)
        self.chosen = list(values) if "multiple" in said else [values.pop(0)]
        return _tag("select", said)

    def _option(self, said: dict[str, str | None]) -> str | None:
        if self.chosen is None or "value" not in said:
            return None
        said.pop("selected", None)
        return _tag("option", said | ({"selected": None} if _value(said) in self.chosen else {}))

    def _marked(self, said: dict[str, str | None]) -> str:
        """The input that the refusal names looks refused, and has the sentence beside it."""
        if not self.given.at or said.get("name") != self.given.at:
            return ""
        said["class"] = f"is-invalid {said.get('class') or ''}".strip()
        return format_html(BESIDE, self.given.why)


def _value(said: Mapping[str, str | None]) -> str:
    """What a box or an option sends."""
    return said.get("value") or ("" if "value" in said else "on")
