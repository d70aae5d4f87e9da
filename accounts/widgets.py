"""How the inputs of forms become HTML: written here, where Django renders three templates for each.

An entry window of five people has forty inputs, and their templates took two thirds of the page's
time (docs/measurements.md). What is not known here goes to Django's own renderer, whose output this
one repeats byte by byte (`tests/accounts/test_widgets.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

PLACE = "django/forms/widgets/"
INPUTS = (
    "text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "input",
    "color", "search", "tel", "checkbox", "file",
)  # fmt: skip
Widget = Mapping[str, Any]


def _text(value: Any) -> str:
    """Escaped, never localised: what stands in an attribute."""
    return conditional_escape(value if isinstance(value, str) else str(value))


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    name = _text(widget["name"])
    return f'<input type="{_text(widget["type"])}" name="{name}"{value}{_attributes(widget)}>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_told(group)}">')
        parts += [f"\n  {_option(option)}\n" for option in options]
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _option(option: Widget) -> str:
    attributes = _attributes(option)
    return f'<option value="{_text(option["value"])}"{attributes}>{_told(option["label"])}</option>'


def _are_plain(widget: Widget) -> bool:
    """Whether the options, where there are any, use no template of their own."""
    return all(
        option["template_name"] == f"{PLACE}select_option.html"
        for _, options, _ in widget.get("optgroups", ())
        for option in options
    )


def _textarea(widget: Widget) -> str:
    value = _told(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


def _told(value: Any) -> str:
    """Escaped and localised, as a template tells a value."""
    return conditional_escape(localize(value))


WRITTEN: Mapping[str, Callable[[Widget], str]] = {
    **{f"{PLACE}{name}.html": _input for name in INPUTS},
    f"{PLACE}select.html": _select,
    f"{PLACE}textarea.html": _textarea,
}


class Renderer(DjangoTemplates):
    """Django's renderer, with the common inputs written at once."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        write = WRITTEN.get(template_name)
        if write is None or not _are_plain(context["widget"]):
            return super().render(template_name, context, request)
        return SafeString(write(context["widget"]))  # every value was escaped above
