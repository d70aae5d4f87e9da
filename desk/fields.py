"""Columns and constraints that many models have, in one spelling."""

from datetime import datetime
from typing import Literal, overload

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable

from accounts.models import User

ForeignUser = models.ForeignKey[User, User]


@overload
def hand(label: str | None = None, *, db_index: bool = True) -> ForeignUser: ...
@overload
def hand(
    label: str | None = None, *, null: Literal[True]
) -> "models.ForeignKey[User | None, User | None]": ...
def hand(
    label: str | None = None, *, null: bool = False, db_index: bool = True
) -> "models.ForeignKey[User, User] | models.ForeignKey[User | None, User | None]":
    """Who did something. `null`: not done yet, or by the portal's own routine."""
    return models.ForeignKey(
        User, models.PROTECT, null=null, related_name="+", verbose_name=label, db_index=db_index
    )


def first_hand(duty: str) -> "tuple[ForeignUser, models.DateTimeField[datetime, datetime]]":
    """Who began a row, and when: of the duty 提出 the columns 提出人 and 提出时间."""
    return hand(f"{duty}人"), models.DateTimeField(f"{duty}时间", auto_now_add=True)


def later_hand(
    duty: str,
) -> (
    "tuple[models.ForeignKey[User | None, User | None],"
    " models.DateTimeField[datetime | None, datetime | None]]"
):
    """Who did the next thing to a row, and when; neither before it is done."""
    return hand(f"{duty}人", null=True), models.DateTimeField(f"{duty}时间", null=True)


def status_column(
    first: models.TextChoices, *, length: int = 10, db_default: bool = False
) -> "models.CharField[str, str]":
    """Where a row stands on its way (`desk.workflow`); it begins at `first`."""
    return models.CharField(
        "状态",
        max_length=length,
        choices=type(first).choices,
        default=first,
        db_default=first.value if db_default else models.NOT_PROVIDED,
    )


def in_order(first: str, last: str, *, name: str, open_end: bool = False) -> models.CheckConstraint:
    """The later of two columns is no less than the earlier one. `open_end`: there may be none."""
    ordered = Q(**{f"{last}__gte": F(first)})
    return models.CheckConstraint(
        condition=Q(**{last: None}) | ordered if open_end else ordered, name=name
    )


def positive(column: str, *, name: str) -> models.CheckConstraint:
    """A column, if it is there, is above zero."""
    return models.CheckConstraint(condition=Q(**{f"{column}__gt": 0}), name=name)


def adds_up(formula: str, *, name: str) -> models.CheckConstraint:
    """A sum that holds in every row, as one writes it: "total = first + second - third"."""
    column, _, first, *rest = formula.split()
    total: F | Combinable = F(first)
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        total = total - F(term) if sign == "-" else total + F(term)
    return models.CheckConstraint(condition=Q(**{column: total}), name=name)


def status_says(*statuses: str, column: str, name: str) -> models.CheckConstraint:
    """A row in one of these statuses has the column filled."""
    is_there = Q(**{"status__in": [*statuses]} if len(statuses) > 1 else {"status": statuses[0]})
    return models.CheckConstraint(
        condition=~is_there | Q(**{f"{column}__isnull": False}), name=name
    )


def once(
    *columns: str,
    name: str,
    where: Q | None = None,
    told: str | None = None,
    at: str | None = None,
    nulls_distinct: bool | None = None,
) -> models.UniqueConstraint:
    """No two rows (of those that `where` means) are alike in these columns. `told`: what they hear
    who came second when two windows raced; `at`: the input that it is about."""
    return models.UniqueConstraint(
        fields=columns,
        condition=where,
        name=name,
        nulls_distinct=nulls_distinct,
        violation_error_message=told,
        violation_error_code=at,
    )
