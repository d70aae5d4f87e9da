"""An institution or a practitioner as people know it: by its code, a part of its name, or the
initials of its pinyin. Nobody knows a code by heart: a part leads to those that it could mean, and
only a code or a whole name is taken for one."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.errors import Refusal
from institutions.models import Institution
from lib.spelling import spell
from lib.typed_text import figure

# Letters, and characters of a name, that say anything.
SHORTEST = 2
# As many as a sentence tells apart.
NAMED = 5


def named_like(rows: "QuerySet[Any]", text: str) -> list[Any]:
    """The rows of that code or name, by code; those whose code or whole name it is stand alone."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    like = Q(code__istartswith=figure(text)) | Q(name__contains=text)
    found = list(rows.filter(like).order_by("code"))
    if not found and text.isascii() and text[0].isalpha():
        # A county has some hundred; no column keeps their sound.
        sound = text.lower()
        return [one for one in rows.order_by("code") if spell(one.name).initials.startswith(sound)]
    return [one for one in found if _is_exactly(one, text)] or found


def _is_exactly(one: Any, text: str) -> bool:
    names = {one.name, one.code.upper()}
    return text in names or figure(text).upper() in names


def one_named(rows: "QuerySet[Any]", text: str, what: str, at: str) -> Any:
    """The one row whose code or whole name it is. What is done to a person or an institution rests
    on no guess: Raises Refusal at the input, which names those that it could mean."""
    text = text.strip()
    found = named_like(rows, text)
    if not found:
        raise Refusal(f"本县没有登记这个{what}：请输入代码或全名", at=(at,))
    if len(found) == 1 and _is_exactly(found[0], text):
        return found[0]
    told = "、".join(f"{one.name}（{one.code}）" for one in found[:NAMED])
    rest = f"等 {len(found)} 个" if len(found) > NAMED else ""
    raise Refusal(f"相符的{what}有：{told}{rest}，请改填其中一个的代码", at=(at,))


def offers_of(rows: "QuerySet[Institution]") -> list[tuple[str, str]]:
    """(code, name and initials) of each, which a browser lists under an input as it is typed."""
    return [(one.code, f"{one.name} {spell(one.name).initials}") for one in rows.order_by("code")]


class InstitutionField(forms.CharField):
    """The input for one; the form gives it the `rows` that its user sees. Cleaned it is the
    institution itself, None where nothing was typed."""

    rows: "QuerySet[Institution]" = Institution.objects.none()

    def __init__(self, **more: Any) -> None:
        more.setdefault("max_length", 60)
        more.setdefault("help_text", "输入名称、拼音首字母或代码，从列出的里面选")
        super().__init__(**more)

    @cached_property
    def offers(self) -> list[tuple[str, str]]:
        return offers_of(self.rows)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return one_named(self.rows, text, "定点机构", "")
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal
