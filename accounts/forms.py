"""The base of every form, and the forms of sign-in, users and divisions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.contrib.messages import error as show_error
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest

from accounts import given_back
from accounts.errors import Refusal
from accounts.models import Division, username_rule
from accounts.roles import DIVISION_ROLES, INSTITUTION_ROLES, ROLE_NAMES
from lib import typed_text
from lib.letters import fold, odd

T = TypeVar("T")
PASSWORD_HINT = "至少 10 位，字母、数字、符号至少两种，不用姓名或用户名"  # noqa: S105
# What the columns behind hold: integers of 32 bits, and numeric(14,2).
MAX_WHOLE = 2**31 - 1
MAX_FIGURE = Decimal(10**typed_text.MAX_WHOLE_DIGITS) - Decimal("0.01")


class PlainBoundField(forms.BoundField):
    """Gives the widget the portal's look, and marks it when its value was refused."""

    @property
    def data(self) -> Any:
        """What was sent, folded (`lib.typed_text`): numbers and dates as typed with a Chinese
        keyboard, １０．５; texts without what nobody sees.

        Raises ValidationError, only while the form is cleaned, for what is no text or number.
        """
        value = super().data
        field = self.field
        if not isinstance(value, str) or isinstance(field.widget, forms.PasswordInput):
            return value
        if isinstance(field, forms.DateField):
            whole = any("%d" in form for form in field.input_formats or ())  # not a month alone
            day = typed_text.written_day(value) if whole else None
            text = day.isoformat() if day else typed_text.figure(value)
        elif isinstance(field, forms.IntegerField):
            text = typed_text.figure(value)
        elif isinstance(field, forms.CharField):
            text = fold(value)
            if not isinstance(field.widget, forms.Textarea):
                text = text.replace("\n", " ")
        else:
            return value
        if getattr(self.form, "is_reading", False):
            self._refuse(text)
        return text

    def _refuse(self, text: str) -> None:
        """Raises ValidationError for letters that nobody reads, and for what only a program
        takes for a number."""
        if problem := odd(text):
            raise forms.ValidationError(_name(self.field) + problem)
        if not isinstance(self.field, forms.IntegerField) or not text:
            return
        if problem := typed_text.figure_problem(text):
            raise forms.ValidationError(_name(self.field) + problem)
        if not typed_text.FIGURE.fullmatch(text):
            raise forms.ValidationError(self.field.error_messages["invalid"])

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        look = "form-control form-control-sm"
        if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect)):
            look = "form-check-input"
        elif isinstance(widget, forms.CheckboxSelectMultiple):
            look = ""
        elif isinstance(widget, forms.Select):
            look = "form-select form-select-sm"
        own = str(attrs.get("class") or widget.attrs.get("class", ""))
        wrong = "is-invalid" if self.errors else ""
        attrs["class"] = " ".join(part for part in (own, look, wrong) if part)
        if isinstance(widget, forms.TextInput):
            attrs.setdefault("autocomplete", "off")
        # Written out under the input (components/field.html); asked of the class, for nothing is
        # read here.
        if hasattr(type(self.field), "offers"):
            attrs["list"] = f"{self.id_for_label}_offers"
        return attrs


# The framework's own messages do not name the field; these stand in their place.
_REQUIRED = forms.Field.default_error_messages["required"]
_INVALID = (
    (forms.DateField, "{name}应为 年-月-日，如 2026-03-01"),
    (forms.IntegerField, "{name}应为整数"),
    (forms.DecimalField, "{name}应为数字"),
)
_LIMITS = {
    "min_value": "{name}不能小于 %(limit_value)s",
    "max_value": "{name}不能大于 %(limit_value)s",
    "max_length": "{name}最多 %(limit_value)s 个字，现有 %(show_value)s 个",
    "max_decimal_places": "{name}最多 %(max)s 位小数",
    "max_digits": "{name}的数字过长，请核对",
    "max_whole_digits": "{name}的数字过长，请核对",
}


def _name(field: forms.Field) -> str:
    return str(field.label or "").split("（")[0].split("(")[0].strip() or "这一项"


def _in_time(day: date) -> None:
    if not typed_text.FIRST_DAY <= day <= typed_text.LAST_DAY:
        raise forms.ValidationError(typed_text.OUT_OF_TIME)


def _bound(field: forms.Field) -> None:
    """Days lie within the portal's years, numbers within their columns; a field's own limits
    stay."""
    if isinstance(field, forms.DateField):
        field.validators.append(_in_time)
    elif isinstance(field, forms.IntegerField):
        most = MAX_FIGURE if isinstance(field, forms.DecimalField) else MAX_WHOLE
        if field.max_value is None and getattr(field, "max_digits", None) is None:
            field.validators.append(MaxValueValidator(most))
        if field.min_value is None:
            field.validators.append(MinValueValidator(-most))


def _name_errors(field: forms.Field) -> None:
    """Make general errors name this field and say what to enter; the form's own words stay."""
    name = _name(field)
    messages = field.error_messages
    if messages.get("required") is _REQUIRED:
        verb = "填写"
        if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField, forms.FileField)):
            verb = "选择"
        elif isinstance(field, forms.BooleanField):
            verb = "勾选"
        messages["required"] = f"请{verb}{name}"
    for kind, text in _INVALID:
        if messages.get("invalid") is kind.default_error_messages["invalid"]:
            messages["invalid"] = text.format(name=name)
    for code, text in _LIMITS.items():
        messages.setdefault(code, text.format(name=name))


@contextmanager
def refusals_as_messages(request: HttpRequest, said: str = "") -> Iterator[None]:
    """Around a service that has no form: a refusal ends the block and stands on the next page, with
    what was typed in its form again; so does `said` when there is none."""
    try:
        yield
        if said:
            messages.success(request, said)
    except Refusal as refusal:
        say_refused(request, refusal)


def say_refused(request: HttpRequest, refusal: Refusal) -> None:
    """A refusal stands on the next page, with what was typed in its form again."""
    show_error(request, refusal.message)
    given_back.keep(request, refusal)


class PlainForm(forms.Form):
    """The base of every form; takes a service's refusal."""

    use_required_attribute = False
    bound_field_class = PlainBoundField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def typed(self, kind: type[T], **given: Any) -> T:
        """What was typed, as a service takes it: the inputs that the dataclass `kind` has, by their
        names. `given`: what it calls otherwise, or what nobody types."""
        wanted = {one.name for one in fields(cast(Any, kind))}
        named = {name: data for name, data in self.cleaned_data.items() if name in wanted}
        return kind(**named | given)

    def full_clean(self) -> None:
        for field in self.fields.values():
            _name_errors(field)
            _bound(field)
        super().full_clean()

    def _clean_fields(self) -> None:
        self.is_reading = True
        try:
            super()._clean_fields()  # type: ignore[misc]  # the stubs do not know it
        finally:
            self.is_reading = False

    def refuse(
        self, refusal: Refusal, **groups: Sequence[forms.Form] | Mapping[Any, forms.Form]
    ) -> None:
        """Show a service's refusal beside its input, or on top when it names none of ours.

        `groups`: the other forms of the page by the first word of `Refusal.at`, each by its place
        in the group: `refuse(refusal, lines=lines.filled())` for `("lines", 3, "code")`.
        """
        form: forms.Form = self
        group = groups.get(str(refusal.at[0])) if len(refusal.at) > 1 else None
        name = "-".join(str(part) for part in refusal.at)
        if group is not None:
            with suppress(LookupError):
                form = group[cast(Any, refusal.at[1])]
                name = refusal.field
        elif name not in self.fields and not groups:
            name = refusal.field  # the form of one row names its inputs plainly
        form.add_error(name if name in form.fields else None, refusal.message)

    @contextmanager
    def refusals(self, **groups: Sequence[forms.Form] | Mapping[Any, forms.Form]) -> Iterator[None]:
        """Around a service and what follows its success: a refusal ends the block and is shown
        as `refuse` shows it."""
        try:
            yield
        except Refusal as refusal:
            self.refuse(refusal, **groups)


class NameField(forms.CharField):
    """The name of a person in its one spelling; letters that stand on no document are refused."""

    def to_python(self, value: Any) -> str:
        return typed_text.name(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if problem := typed_text.name_problem(value):
            raise forms.ValidationError(_name(self) + problem)


class SignInForm(PlainForm):
    username = forms.CharField(
        label="用户名",
        max_length=40,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(label="密码", max_length=128, widget=forms.PasswordInput)


class ChangePasswordForm(PlainForm):
    old_password = forms.CharField(label="原密码", widget=forms.PasswordInput, max_length=128)
    new_password = forms.CharField(
        label="新密码", widget=forms.PasswordInput, help_text=PASSWORD_HINT, max_length=128
    )
    repeated = forms.CharField(label="再输一次", widget=forms.PasswordInput, max_length=128)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        new = data.get("new_password")
        if new and data.get("repeated") != new:
            self.add_error("repeated", "两次输入的新密码不一致")
        return data


class HelpForm(PlainForm):
    """Why a lock is opened or a password reset: who asked, and how one knows that it is him."""

    reason = forms.CharField(
        label="事由", min_length=2, max_length=200, help_text="谁申请、怎样核实的本人"
    )


class UserForm(PlainForm):
    """A new account; the security administrator activates it by giving it a role's scope."""

    username = forms.CharField(label="用户名", max_length=40, validators=[username_rule])
    name = NameField(label="姓名", max_length=40)
    password = forms.CharField(
        label="初始密码",
        widget=forms.PasswordInput,
        max_length=128,
        help_text=f"{PASSWORD_HINT}；首次登录时须修改",
    )


class RoleForm(PlainForm):
    role = forms.ChoiceField(
        label="角色",
        choices=[("", "请选择"), *((r.value, n) for r, n in ROLE_NAMES.items())],
        widget=forms.Select(attrs={"autofocus": True}),
    )
    division_code = forms.CharField(
        label="所属区划代码",
        max_length=14,
        required=False,
        help_text="输入名称可查代码；定点机构和三员不填",
        widget=forms.TextInput(attrs={"list": "divisions"}),
    )
    institution_code = forms.CharField(
        label="所属机构代码", max_length=12, required=False, help_text="只有定点机构填写"
    )
    is_active = forms.BooleanField(label="启用", required=False, help_text="勾选后才能登录")
    other_person = forms.CharField(
        label="同名说明",
        max_length=100,
        required=False,
        help_text="同名的人已在不相容岗位（三员与其他岗位都不相容）、确是另一个人时填写",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        role = data.get("role")
        code = data.get("division_code")
        division = Division.objects.filter(code=code).first() if code else None
        if code and division is None:
            self.add_error("division_code", f"没有代码为 {code} 的区划，请先在“区划”中核对")
        if role in DIVISION_ROLES and not code:
            self.add_error("division_code", "这个角色必须填写所属区划代码")
        if role in INSTITUTION_ROLES and not data.get("institution_code"):
            self.add_error("institution_code", "定点机构角色必须填写机构代码")
        data.pop("division_code", None)
        return data | {"division": division}
