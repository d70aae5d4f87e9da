"""What colour a state has: said once, beside its choices; no template picks one.

    class Status(TonedChoices):
        OPEN = "open", "wait", "待核查"

A page writes `{{ row|status }}`.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self, overload

from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Amber waits for somebody, green is settled, red stops, grey says nothing.
Tone = Literal["wait", "good", "bad", "idle"]
# What a page says of something that has no choices of its own: {{ "相符"|verdict }}.
VERDICTS: Mapping[str, Tone] = {
    "已追回": "bad",
    "已撤销待遇": "bad",
    "部分追回": "wait",
    "相符": "good",
    "已达标": "good",
    "可以": "good",
    "有效": "good",
    "没有核对": "idle",
    "检查通过": "good",
    "正常": "good",
    "已结账": "good",
    "未结账": "wait",
    "预警": "wait",
    "超限": "bad",
    "超过约定": "bad",
    "成功": "good",
    "失败": "bad",
    "相等": "good",
    "不相等": "bad",
    "数据完整": "good",
    "核对一致": "good",
    "不符": "wait",
    "提醒": "wait",
    "未达标": "bad",
    "不可以": "bad",
    "已作废": "bad",
    "检查未通过": "bad",
    "今日无有效参保": "bad",
    "数据被改动，请立即联系审计人员": "bad",
    "核对有差异": "bad",
    "差异": "bad",
    "没有此类人员": "idle",
    "已销户": "idle",
    "已撤销": "idle",
}


class TonedChoices(models.TextChoices):
    """Each member says its tone, before its words, which Django wants last. Raises TypeError when
    one is left out."""

    tone: Tone

    @overload
    def __new__(cls, value: str) -> Self: ...  # `Status(code)`: an Enum looks it up
    @overload
    def __new__(cls, value: str, tone: Tone) -> Self: ...
    def __new__(cls, value: str, tone: Tone | None = None) -> Self:
        if tone is None:
            raise TypeError(f"{cls.__qualname__}: {value} needs its tone")
        choice = str.__new__(cls, value)
        choice._value_ = value
        choice.tone = tone
        return choice


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
    return _coloured(words, tone_of(choice))


def verdict_badge(words: str, like: str = "") -> SafeString:
    """The words in the colour of their verdict, or of that of `like`. KeyError where it is none."""
    return _coloured(words, VERDICTS[like or words])


def _coloured(words: str, tone: Tone) -> SafeString:
    return format_html('<span class="hz-status hz-{}">{}</span>', tone, words)
