"""An institution or a practitioner as people know it: by its code, a part of its name, or the
initials of its pinyin. Nobody knows a code by heart."""

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
    """The rows of that code or name, by code; one whose code or whole name it is stands alone."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    like = Q(code__istartswith=figure(text)) | Q(name__contains=text)
    found = list(rows.filter(like).order_by("code"))
    if not found and text.isascii() and text[0].isalpha():
        # A county has some hundred; no column keeps their sound.
        sound = text.lower()
        return [one for one in rows.order_by("code") if spell(one.name).initials.startswith(sound)]
    return [one for one in found if text in (one.code, one.name)] or found


def one_named(rows: "QuerySet[Any]", text: str, what: str, at: str) -> Any:
    """The one row that is meant. Raises Refusal at the input, which names those it could be."""
    found = named_like(rows, text)
    if not found:
        raise Refusal(f"本县没有登记这个{what}：请输入名称、拼音首字母或代码", at=(at,))
    if len(found) > 1:
        told = "、".join(f"{one.name}（{one.code}）" for one in found[:NAMED])
        rest = f"等 {len(found)} 个" if len(found) > NAMED else ""
        raise Refusal(f"有几个{what}相符：{told}{rest}，请改填代码", at=(at,))
    return found[0]


def offers_of(rows: "QuerySet[Institution]") -> list[tuple[str, str]]:
    """(code, name and initials) of each, which a browser lists under an input as it is typed."""
    return [(one.code, f"{one.name} {spell(one.name).initials}") for one in rows.order_by("code")]


class InstitutionField(forms.CharField):
    """The input for one; the form gives it the `rows` that its user sees. Cleaned it is the
    institution itself, None where nothing was typed."""

    rows: "QuerySet[Institution]" = Institution.objects.none()

    def __init__(self, **more: Any) -> None:
        more.setdefault("max_length", 60)
        more.setdefault("help_text", "输入名称、拼音首字母或代码")
        super().__init__(**more)

    @property
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
