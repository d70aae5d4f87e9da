"""What colour a state has: said once, beside its choices; no template picks one.

    @toned(OPEN="wait", CONFIRMED="bad", DISMISSED="idle")
    class Status(models.TextChoices): ...

A page writes `{{ row|status }}`.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Amber waits for somebody, green is settled, red stops, grey says nothing.
Tone = Literal["wait", "good", "bad", "idle"]
C = TypeVar("C", bound=type[models.TextChoices])


def toned(**tones: Tone) -> Callable[[C], C]:
    """Gives every member of the choices its tone. Raises TypeError when one is left out."""

    def colour(choices: C) -> C:
        if set(tones) != set(choices.__members__):
            raise TypeError(f"{choices.__qualname__}: each choice needs one tone")
        for name, tone in tones.items():
            cast(Any, choices[name]).tone = tone
        return choices

    return colour


def tone_of(choice: Any) -> Tone:
    """The tone of a choice; grey when nobody said one."""
    tone: Tone = getattr(choice, "tone", "idle")
    return tone


def choice_of(row: Any, field: str = "status") -> Any:
    """What a row's column of choices holds, as the member of its class: `status` is one of the
    row's `Status`. A code that the class does not know comes back as it is."""
    code = getattr(row, field)
    choices: Any = getattr(type(row), field.capitalize(), None)
    try:
        return choices(code) if choices else code
    except ValueError:
        return code


def badge(choice: Any) -> SafeString:
    """The state in words, in its colour."""
    words = choice.label if isinstance(choice, models.Choices) else choice
    return format_html('<span class="hz-status hz-{}">{}</span>', tone_of(choice), words)
