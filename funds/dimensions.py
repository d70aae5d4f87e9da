"""In what dimensions a line of the books stands."""

from typing import Any

from django.db import models


class InDimensions(models.Model):
    """A line with an amount: whose money it is, of which tier, place, institution and year."""

    class Meta:
        abstract = True

    def dimensions(self) -> dict[str, Any]:
        """As another line in the same ones is written."""
        columns = ("funding_level", "tier", "township", "institution_code", "policy_year")
        return {name: getattr(self, name) for name in columns}
