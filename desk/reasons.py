"""Why somebody does it: asked for, checked and kept in one way."""

from django import forms

from accounts.errors import Refusal
from accounts.forms import PlainForm
from accounts.readable import readable

# The least that says anything in Chinese is a word of two characters: 录错, 重复, 漏填.
MIN_REASON = 2
# What the audit trail keeps (accounts.models.AuditLine.reason).
MAX_REASON = 200


def given_reason(
    text: str,
    *,
    asks: str = "事由",
    least: int = MIN_REASON,
    most: int = MAX_REASON,
    at: tuple[str | int, ...] = ("reason",),
) -> str:
    """The reason without blanks around it, cut to `most` characters.

    Raises Refusal `at` its input when it is shorter than `least`, or holds a letter that nobody
    can read; `asks` says what to write.
    """
    text = readable(text, asks, *at)
    if len(text) < least:
        raise Refusal(f"请写明{asks}", at=at)
    return text[:most]


class ReasonField(forms.CharField):
    """Starred on the page, though how long it must be, and what is told, the service says."""

    is_asked = True


def reason_field(label: str = "事由") -> ReasonField:
    """The input for it."""
    return ReasonField(label=label, max_length=MAX_REASON, required=False)


class ReasonForm(PlainForm):
    """The reason for one step."""

    reason = reason_field()
