"""The one scoping rule: who sees which rows.

A user of a division role sees rows whose division code starts with the user's own; an institution
clerk sees rows of the own institution; everybody else sees nothing. Each queryset says its paths.
"""

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


def get_visible(queryset: Any, user: "User", **lookup: Any) -> Any:
    """The one row that the user may see, or 404: out of scope looks the same as not there."""
    try:
        return queryset.visible_to(user).get(**lookup)
    except (queryset.model.DoesNotExist, ValueError):
        raise Http404 from None
