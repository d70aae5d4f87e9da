"""Every input of every form: what it takes is what its column holds and a reader can read."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.test import RequestFactory
from django.urls import get_resolver

from accounts.forms import PlainForm
from accounts.given_back import typed


def _below(kind: type[PlainForm]) -> Iterator[type[PlainForm]]:
    for one in kind.__subclasses__():
        if not one.__module__.startswith("tests."):
            yield one
        yield from _below(one)


def _inputs(kind: type[forms.Field]) -> list[Any]:
    """(form, name) of every input of the kind in the portal."""
    assert get_resolver().url_patterns  # every room's forms are imported
    return [
        pytest.param(form.base_fields[name], id=f"{form.__module__}.{form.__name__}.{name}")
        for form in sorted(set(_below(PlainForm)), key=lambda one: (one.__module__, one.__name__))
        for name in form.base_fields
        if isinstance(form.base_fields[name], kind)
        and not isinstance(form.base_fields[name].widget, forms.PasswordInput)
    ]


def told(field: forms.Field, text: str) -> str:
    """What the form says about this text in this input."""
    kind = type("Bare", (PlainForm,), {"one": copy.deepcopy(field)})
    form: PlainForm = kind({"one": text})
    form.is_valid()
    return "；".join(form.errors.get("one", []))


def test_no_password_is_given_back() -> None:
    secret = [
        name
        for form in _below(PlainForm)
        for name, field in form.base_fields.items()
        if isinstance(field.widget, forms.PasswordInput)
    ]
    assert {"password", "repeated"} <= set(secret)
    request = RequestFactory().post("/", dict.fromkeys(secret, "山高水长花好月圆") | {"name": "甲"})
    assert typed(request) == {"name": ["甲"]}


def test_there_are_forms_to_ask() -> None:
    assert len(_inputs(forms.CharField)) > 60
    assert len(_inputs(forms.DateField)) > 12
    assert len(_inputs(forms.IntegerField)) > 20  # amounts are among them


@pytest.mark.parametrize("field", _inputs(forms.CharField))
def test_letters_that_nobody_reads_are_refused_by_name(field: forms.Field) -> None:
    for letter in ("\x1b", "\x01", "\ue000", "\ufffd", "\ud800", "\u0663"):
        assert f"第 2 个字（U+{ord(letter):04X}）" in told(field, f"甲{letter}乙"), letter


@pytest.mark.parametrize("field", _inputs(forms.CharField))
def test_marks_without_width_never_arrive(field: forms.Field) -> None:
    kind = type("Bare", (PlainForm,), {"one": copy.deepcopy(field)})
    form: PlainForm = kind({"one": "\u202d甲\u200b乙\u202c"})
    assert form["one"].data == "甲乙"


@pytest.mark.parametrize("field", _inputs(forms.CharField))
def test_texts_have_a_length(field: forms.CharField) -> None:
    """A text longer than its column would be the database's error."""
    bounded = field.max_length or isinstance(field, (forms.RegexField, forms.UUIDField))
    assert bounded or told(field, "甲" * 10_000)


@pytest.mark.parametrize("field", _inputs(forms.DateField))
def test_days_lie_within_the_years_of_the_portal(field: forms.DateField) -> None:
    if not any("%d" in form for form in field.input_formats):
        assert "1900 年至 2100 年" in told(field, "1899-12")
        return
    for text in ("1899-12-31", "0001-01-01", "2101-01-01", "9999-12-31"):
        assert "1900 年至 2100 年" in told(field, text), text
    assert told(field, "٢٠٢٦-03-01")
    for text in ("2026-03-01", "２０２６年３月１日", "20260301", "2026.3.1"):
        assert told(field, text) == "", text


@pytest.mark.parametrize("field", _inputs(forms.IntegerField))
def test_numbers_are_read_strictly_and_fit_their_columns(field: forms.IntegerField) -> None:
    assert "请写成 1000000000" in told(field, "1e9")
    assert "请写成 1000" in told(field, "1_000")
    assert "（U+0663）" in told(field, "٣")
    for text in ("½", "Infinity", "NaN", "10²", "0x10", "9" * 13, "-" + "9" * 13, "9" * 5000):
        assert told(field, text), text
