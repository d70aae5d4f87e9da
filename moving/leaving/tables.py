"""Which tables are the county's, what their columns are called, and which stay behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.fields import SealedField
from accounts.models import Division
from accounts.trail_names import SUBJECT_NAMES
from funds.models import Book
from moving.leaving.words import COLUMNS, TABLES

# Of the deployment and its machine, not of the county; each with what is told about it.
LEFT_OUT: dict[str, str] = {
    "django_session": "谁正在登录",
    "django_migrations": "数据库结构的版本（清单里写明）",
    "django_content_type": "程序的表名登记",
    "auth_permission": "没有使用",
    "auth_group": "没有使用",
    "auth_group_permissions": "没有使用",
    "desk_submission": "表单重复提交的短期记录",
    "gateway_pace": "接口报文每分钟的计数",
    "gateway_storedfile": "医院接口上传、待取的文件，到期清除",
    "desk_rowsealmark": "封存进行到哪里的临时标记，恢复后自动重建",
}
# What a column says instead of its own value: a password is nobody's to take along, and what a
# program proves itself by neither.
INSTEAD = {("accounts_user", "password"): "'!'", ("gateway_secret", "digest"): "''"}
CHINESE = re.compile("[\u4e00-\u9fff]")
MAX_CHOICES = 40


@dataclass(frozen=True)
class Column:
    """As the page explains it."""

    name: str
    title: str
    kind: str
    told: str
    is_sealed: bool


@dataclass(frozen=True)
class Table:
    """One table of the county."""

    model: type[models.Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def title(self) -> str:
        return title_of(self.model)

    @property
    def names(self) -> list[str]:
        return [str(field.column) for field in self.model._meta.concrete_fields]

    @property
    def sealed(self) -> list[SealedField]:
        return [one for one in self.model._meta.concrete_fields if isinstance(one, SealedField)]

    @property
    def key(self) -> str:
        return str(self.model._meta.pk.column)

    def columns(self) -> Iterator[Column]:
        for field in self.model._meta.concrete_fields:
            yield _column(self.name, field)

    def select(self) -> str:
        """Every row, in the order of its key."""
        said = ", ".join(
            f"{INSTEAD[self.name, name]} AS {_quoted(name)}"
            if (self.name, name) in INSTEAD
            else _quoted(name)
            for name in self.names
        )
        return f"SELECT {said} FROM {_quoted(self.name)} ORDER BY {_quoted(self.key)}"  # noqa: S608


def county_tables() -> list[Table]:
    """In the order of the rooms. Raises LookupError for a table of which nobody says whose it is:
    an export that forgets one is none."""
    found = [
        Table(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    ]
    there = set(connection.introspection.table_names())
    if strange := there - {one.name for one in found} - LEFT_OUT.keys():
        raise LookupError(f"没有说明归属的表：{'、'.join(sorted(strange))}")
    return found


def county_named() -> Division | None:
    """The county whose books are kept here; of a new deployment the one that was opened."""
    counties = Division.objects.filter(level=Division.Level.COUNTY).order_by("code")
    with_books = counties.filter(pk__in=Book.objects.values("area"))
    return with_books.first() or counties.first()


def title_of(model: type[models.Model]) -> str:
    meta = model._meta
    said = SUBJECT_NAMES.get(meta.label_lower) or TABLES.get(meta.label)
    if said:
        return said
    if meta.auto_created:
        ends = [one.related_model for one in meta.concrete_fields if one.is_relation]
        return "与".join(title_of(end) for end in ends if isinstance(end, type)) + "对照"
    return str(meta.verbose_name)


def column_title(field: Any) -> str:
    """What people call a column."""
    title, target = str(field.verbose_name), field.related_model if field.is_relation else None
    if field.primary_key and target is None:
        title = "编号" if field.column == "id" else title
    if not CHINESE.search(title):
        title = COLUMNS.get(field.column) or (title_of(target) if target else title)
    return title


def _column(table: str, field: Any) -> Column:
    title, told = column_title(field), str(field.help_text or "")
    target = field.related_model if field.is_relation else None
    if target is not None:
        told = f"表 {target._meta.db_table}（{title_of(target)}）的编号。{told}"
    if field.choices and len(field.choices) <= MAX_CHOICES:
        told += "；".join(f"{code} = {name}" for code, name in field.flatchoices)
    if (table, field.column) in INSTEAD:
        told = f"不导出。{told}"
    kind = connection.data_types.get(field.get_internal_type(), "")
    if callable(kind):
        kind = kind(field.__dict__)
    kind = str(kind) % {**field.__dict__, "column": field.column} if kind else "text"
    if isinstance(field, SealedField):
        told = f"加密；上下文 {field.context}。{told}"
    elif field.column.endswith("_index"):
        told = f"密钥算出的检索码，用来按准确值查找。{told}"
    return Column(str(field.column), title, kind, told, isinstance(field, SealedField))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
