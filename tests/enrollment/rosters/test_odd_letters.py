"""Registers whose cells look right and are not: read as the eye reads them, or the letter named."""

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from enrollment.models import Person
from enrollment.rosters.models import RegisterImport, RegisterRow
from enrollment.rosters.services import REGISTERS
from tests.enrollment.rosters.conftest import HEADER, OCTOBER, as_csv, number, xlsx

Upload = Callable[..., RegisterImport]
HEAD, WIFE, SON = number("19750105"), number("19760105", male=False), number("20050105")


def row(name: str, resident_id: str, relationship: str = "户主", key: str = "1") -> list[Any]:
    return ["桥亭村", "", key, name, resident_id, relationship, "农村户籍", "", "二档", "是"]


def told(register: RegisterImport) -> list[tuple[str, list[str]]]:
    rows = RegisterRow.objects.filter(register=register).order_by("line")
    return [(one.name, [problem[2] for problem in one.problems]) for one in rows]


@pytest.mark.django_db
def test_marks_that_nobody_sees_are_passed_over(uploaded: Upload, cast: Any) -> None:
    register = uploaded(
        xlsx([
            HEADER,
            row("公孙丁", f"\u202d{HEAD}\u202c"),
            row("公孙\u200b戊", WIFE, "配偶"),
            row("公孙己\ufeff", f"\u200e{SON}", "子"),
        ])
    )  # fmt: skip
    assert told(register) == [("公孙丁", []), ("公孙戊", []), ("公孙己", [])]
    assert (register.error_count, register.warning_count) == (0, 0)


@pytest.mark.django_db
def test_cells_that_keep_their_digits_by_a_formula_are_unwrapped(uploaded: Upload) -> None:
    rows = [HEADER, row("慕容庚", f'="{HEAD}"'), row("慕容辛", f'="{SON}"', "子")]
    assert told(uploaded(as_csv(rows, "gbk"))) == [("慕容庚", []), ("慕容辛", [])]


@pytest.mark.django_db
def test_names_arrive_in_one_spelling(
    uploaded: Upload, cast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    typed = [
        "李〇", "王䶮", "\U00020bb7田花", "凌\uf955", "买合木提·艾合买提", "买合木提•艾合买提",
        "买合木提.艾合买提", "买合木提・艾合买提", "买合木提‧艾合买提", "买合木提．艾合买提",
        "买合木提•  艾合买提", "欧阳\u3000娜娜", "O'BRIEN KATE", "⻩小明", "⽅圆", "Ñoño",
    ]  # fmt: skip
    one = "买合木提·艾合买提"
    seen = [
        "李〇", "王䶮", "\U00020bb7田花", "凌凌", *[one] * 7, "欧阳娜娜", "O'BRIEN KATE", "黄小明",
        "方圆", "Ñoño",
    ]  # fmt: skip
    rows = [
        row(name, number(f"1960{at:02d}05" if at < 13 else f"1961{at - 12:02d}05"), key=str(at))
        for at, name in enumerate(typed, start=1)
    ]
    register = uploaded(xlsx([HEADER, *rows]))
    assert told(register) == [(name, []) for name in seen]
    with django_capture_on_commit_callbacks(execute=True):
        REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)
    assert sorted(Person.objects.values_list("name", flat=True)) == sorted(seen)
    people = Person.objects.all()
    for dot in "·•・.．‧":
        assert people.named(f"买合木提{dot}艾合").count() == 7, dot
    assert people.named("⻩小明").get().name == "黄小明"
    assert people.search(f"\u202d{number('19600105')}\u202c").get().name == "李〇"


@pytest.mark.django_db
def test_the_letter_that_nobody_reads_is_named(uploaded: Upload) -> None:
    rows = [row("张\ue863", HEAD), row("张\ue000飞", WIFE, key="2"), row("阿·", SON, key="3")]
    register = uploaded(xlsx([HEADER, *rows]))
    (_, first), (_, second), (_, third) = told(register)
    assert first == [
        "姓名第 2 个字（U+E863）是自造字，别的电脑显示不出，可能是“䶮”，请删去后重新输入"
    ]
    assert second == ["姓名第 2 个字（U+E000）是自造字，别的电脑显示不出，请删去后重新输入"]
    assert third == ["姓名的间隔号前后都应有字，请按证件补全"]
    assert register.error_count == 3


@pytest.mark.django_db
def test_control_letters_in_any_column_are_named(uploaded: Upload) -> None:
    """A csv carries what a workbook does not; the address is printed on papers."""
    rows = [[*HEADER, "住址"], [*row("陈国强", HEAD), "桥亭村\x1b1号"]]
    ((_, problems),) = told(uploaded(as_csv(rows)))
    assert problems == ["住址第 4 个字（U+001B）是终端控制符，请删去后重新输入"]


@pytest.mark.django_db
def test_names_of_before_are_brought_into_the_one_spelling(register: Any, village_a: Any) -> None:
    """The migration: what was typed with another dot, and what cannot be mended."""
    family = (("某甲", "19780512", "0"), ("某乙", "19800103", "1"), ("某丙", "20020901", "2"))
    home = register(village_a, *family)
    typed = {"买合木提•艾合买提": "买合木提·艾合买提", "⻩小明": "黄小明", "张\ue000": "张\ue000"}
    people = list(home.members.order_by("member_number"))
    for person, name in zip(people, typed, strict=True):
        Person.objects.filter(pk=person.pk).update(name=name)
    module = import_module("enrollment.migrations.0025_names_in_one_spelling")
    module.one_spelling(apps, SimpleNamespace(connection=connection))
    for person, name in zip(people, typed.values(), strict=True):
        person.refresh_from_db()
        assert person.name == name
    assert people[1].pinyin == "huangxiaoming"
