"""The inputs that are written here are Django's own, byte by byte."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from accounts.widgets import INPUTS, PLACE, WRITTEN, Renderer

HOSTILE = """"'><script>&amp; 王建国 &"""
ATTRIBUTES = {
    "class": "hz-input", "required": True, "disabled": False, "maxlength": 12, "data-x": HOSTILE,
    "placeholder": gettext_lazy("Yes"), "title": mark_safe("&nbsp;"), "step": Decimal("0.10"),
}  # fmt: skip
CHOICES = [("", "---"), ("1", HOSTILE), (2, gettext_lazy("No")), (1000, 12345),
           ("组", [("a", "甲"), ("b", HOSTILE)])]  # fmt: skip
WIDGETS = [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput,
    forms.HiddenInput, forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.ColorInput,
    forms.SearchInput, forms.TelInput, forms.CheckboxInput, forms.FileInput, forms.Textarea,
]  # fmt: skip
VALUES = [None, "", 0, 1, 12345, True, HOSTILE, mark_safe("&amp;"), Decimal("1234.50"),
          date(2026, 3, 1), "两\n行"]  # fmt: skip


def same(widget, value):
    ours = widget.render(f"a-{HOSTILE}", value, ATTRIBUTES, renderer=Renderer())
    assert ours == widget.render(f"a-{HOSTILE}", value, ATTRIBUTES, renderer=DjangoTemplates())
    assert hasattr(ours, "__html__")


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("widget", WIDGETS)
def test_inputs(widget, value):
    same(widget(attrs={"autofocus": True}), value)


@pytest.mark.parametrize("value", [None, "", "1", 2, 1000, "b", "unknown"], ids=repr)
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect])
def test_choices(widget, value):
    made = widget() if widget is forms.NullBooleanSelect else widget(choices=CHOICES)
    same(made, [value] if widget is forms.SelectMultiple else value)


def test_an_option_with_a_template_of_its_own_is_left_to_it():
    class Marked(forms.Select):
        option_template_name = f"{PLACE}radio_option.html"

    same(Marked(choices=CHOICES), "1")


def test_what_is_not_written_here_is_rendered_by_django():
    same(forms.RadioSelect(choices=CHOICES), "1")
    same(forms.CheckboxSelectMultiple(choices=CHOICES), ["1"])


def test_every_template_named_is_one_of_django():
    for name in WRITTEN:
        assert DjangoTemplates().get_template(name)
    assert set(INPUTS) <= {name.removeprefix(PLACE).removesuffix(".html") for name in WRITTEN}
