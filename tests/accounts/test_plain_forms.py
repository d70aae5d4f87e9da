"""What a clerk types on a Chinese keyboard is understood, and errors name their field."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.test import Client

from accounts.errors import Refusal
from accounts.forms import PlainForm
from accounts.models import Division, User
from accounts.roles import PERMISSIONS


class SlipForm(PlainForm):
    document = forms.CharField(label="单据号（银行）", max_length=5)
    amount = forms.DecimalField(label="金额（元）", decimal_places=2, min_value=Decimal(0))
    copies = forms.IntegerField(label="张数", error_messages={"required": "张数呢？"})
    on = forms.DateField(label="日期")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲")])


RIGHT = {"document": "甲1", "amount": "1,200.50", "copies": "３", "on": "2026-03-01", "kind": "a"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("１０．５", "10.5"), ("10。5", "10.5"), ("1,200.50", "1200.50"), (" ２０ ", "20")],
)
def test_full_width_and_grouped_numbers_are_numbers(typed: str, meant: str) -> None:
    form = SlipForm(RIGHT | {"amount": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["amount"] == Decimal(meant)
    assert (form.cleaned_data["copies"], form.cleaned_data["on"]) == (3, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"document": ""}, "document", "请填写单据号"),
        ({"document": "１２３４５６"}, "document", "单据号最多 5 个字，现有 6 个"),
        ({"amount": ""}, "amount", "请填写金额"),
        ({"amount": "十元"}, "amount", "金额应为数字"),
        ({"amount": "1,20"}, "amount", "金额应为数字"),
        ({"amount": "-1"}, "amount", "金额不能小于 0"),
        ({"amount": "1.005"}, "amount", "金额最多 2 位小数"),
        ({"copies": ""}, "copies", "张数呢？"),
        ({"copies": "一"}, "copies", "张数应为整数"),
        ({"on": "3月1日"}, "on", "日期应为 年-月-日，如 2026-03-01"),
        ({"kind": ""}, "kind", "请选择类别"),
    ],
)
def test_each_error_names_its_field(data: dict[str, Any], field: str, words: str) -> None:
    form = SlipForm(RIGHT | data)
    assert form.errors == {field: [words]}


@pytest.mark.django_db
def test_a_nul_character_is_refused_before_it_reaches_the_database(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.clerk_a)
    asked = [
        client.get("/institutions/catalogue", {"text": "a\0b"}),
        client.post("/enrollment/", {"text": "\0"}),
    ]
    assert [answer.status_code for answer in asked] == [400, 400]
    assert "提交的内容无法识别" in asked[0].content.decode()


class RowForm(PlainForm):
    code = forms.CharField()


class PageForm(PlainForm):
    code = forms.CharField()
    reason = forms.CharField()


class TestRefuse:
    """A refusal is shown beside the input that it names by its place."""

    @pytest.mark.parametrize(
        ("at", "on_page", "on_rows"),
        [
            (("reason",), {"reason"}, [set(), set()]),
            (("lines", 1, "code"), set(), [set(), {"code"}]),
            (("lines", 1), set(), [set(), {"__all__"}]),
            (("lines", 1, "unknown"), set(), [set(), {"__all__"}]),
            (("lines", 7, "code"), {"__all__"}, [set(), set()]),
            (("others", 0, "code"), {"__all__"}, [set(), set()]),
            ((), {"__all__"}, [set(), set()]),
        ],
    )
    def test_beside_its_input(
        self, at: tuple[str | int, ...], on_page: set[str], on_rows: list[set[str]]
    ) -> None:
        page = PageForm({"code": "a", "reason": "b"})
        rows = [RowForm({"code": "c"}), RowForm({"code": "d"})]
        page.refuse(Refusal("不对", at=at), lines=rows)
        assert set(page.errors) == on_page
        assert [set(row.errors) for row in rows] == on_rows

    def test_the_form_of_one_row_names_it_plainly(self) -> None:
        form = RowForm({"code": "c"})
        form.refuse(Refusal("不对", at=("members", 0, "code")))
        assert form.errors == {"code": ["不对"]}


@dataclass(frozen=True, kw_only=True)
class Slip:
    number: str
    amount: Decimal
    copies: int = 1
    remark: str = "无"


def test_a_service_is_handed_what_it_has_a_name_for() -> None:
    form = SlipForm(RIGHT)
    assert form.is_valid()
    assert form.typed(Slip, number=form.cleaned_data["document"]) == Slip(
        number="甲1", amount=Decimal("1200.50"), copies=3, remark="无"
    )
    assert form.typed(Slip, number="乙2", copies=7).copies == 7


def test_an_unknown_role_sees_nothing_and_breaks_nothing(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    """A role that is gone from the table: the code is shown, every page refuses, none breaks."""
    User.objects.filter(pk=cast.clerk_a.pk).update(role="gone")
    cast.clerk_a.refresh_from_db()
    assert cast.clerk_a.role_name == "gone"
    assert not any(cast.clerk_a.may(permission) for permission in PERMISSIONS)
    assert not Division.objects.visible_to(cast.clerk_a).exists()
    client = as_user(cast.clerk_a)
    assert client.get("/").status_code == 403
    page = as_user(cast.secadmin).get("/accounts/users")
    assert page.status_code == 200 and "gone" in page.content.decode()
