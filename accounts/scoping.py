"""The one scoping rule: who sees which rows.

A user of a division role sees rows whose division code starts with the user's own; an institution
clerk sees rows of the own institution; everybody else sees nothing. Each model says its paths: by
its manager, or by its queryset where it has one of its own.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.http import Http404

from accounts.roles import DIVISION_ROLES, INSTITUTION_ROLES

if TYPE_CHECKING:
    from accounts.models import User

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """Base of every business queryset.

    `division_path`: lookup path to a Division code. `institution_path`: lookup path to an
    Institution code, or None when institutions see no such rows.
    """

    division_path: ClassVar[str]
    institution_path: ClassVar[str | None] = None

    def visible_to(self, user: "User") -> Self:
        return self.filter(self.scope(user))

    def ticked(self, user: "User", keys: Iterable[int]) -> Self:
        """Of the rows that somebody ticked on a page those that he may see."""
        return self.visible_to(user).filter(pk__in=list(keys))

    @classmethod
    def scope(cls, user: "User") -> Q:
        """The condition behind `visible_to`. Matches nothing when in doubt."""
        if user.is_active and user.role in DIVISION_ROLES and user.division_code:
            return Q(**{f"{cls.division_path}__startswith": user.division_code})
        if (
            user.is_active
            and user.role in INSTITUTION_ROLES
            and cls.institution_path
            and user.institution_code
        ):
            return Q(**{cls.institution_path: user.institution_code})
        return Q(pk__in=[])


class PathsManager(models.Manager[M]):
    """The manager of a model that has no states to ask for: its paths, without a class for them."""

    _queryset_class: type[models.QuerySet[M]]

    def __init__(self, division_path: str = "", institution_path: str | None = None) -> None:
        super().__init__()
        if division_path:
            kind = self._queryset_class
            paths = {"division_path": division_path, "institution_path": institution_path}
            self._queryset_class = type(kind.__name__, (kind,), paths)

    def get_queryset(self) -> models.QuerySet[M]:
        # Django makes managers of related rows of this class, without paths: the model's own has
        # them.
        kind = self.model._default_manager._queryset_class  # type: ignore[attr-defined]
        rows: models.QuerySet[M] = kind(self.model, using=self._db, hints=self._hints)  # type: ignore[attr-defined]
        return rows


ScopedManager = PathsManager.from_queryset(ScopedQuerySet)


def get_visible(
    rows: type[M] | models.QuerySet[M], user: "User", *related: str, **lookup: Any
) -> M:
    """The one row that the user may see, or 404: out of scope looks the same as not there.

    `rows`: all of a model, or some of them. `related`: what is read of others in one statement.
    """
    found: Any = rows._default_manager.all() if isinstance(rows, type) else rows
    if related:
        found = found.select_related(*related)
    try:
        row: M = found.visible_to(user).get(**lookup)
    except (found.model.DoesNotExist, ValueError):
        raise Http404 from None
    return row
