"""{{ row|status }}: a state in words and in its colour (desk.tones). Built in."""

from typing import Any

from django import template
from django.db import models
from django.utils.safestring import SafeString

from desk.tones import badge, choice_of, tone_of, verdict_badge

register = template.Library()


@register.filter
def status(row: Any, field: str = "status") -> SafeString:
    """The row's state; {{ row|status:"certainty" }} for another of its columns. Takes a choice,
    too."""
    return badge(choice_of(row, field) if isinstance(row, models.Model) else row)


@register.filter
def tone(row: Any, field: str = "status") -> str:
    """The colour of what is said about the row, as in `hz-{{ alert|tone:"certainty" }}`."""
    return tone_of(choice_of(row, field))


@register.filter
def verdict(words: str, like: str = "") -> SafeString:
    """{{ "相符"|verdict }}; {{ title|verdict:"差异" }} for words that are computed."""
    return verdict_badge(words, like)
