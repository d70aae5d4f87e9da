"""What the models of collection share."""

from decimal import Decimal

from django.db import models

from accounts.models import User

ZERO = Decimal(0)


def user_column(label: str, **options: object) -> "models.ForeignKey[User, User]":
    return models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=label, **options)  # type: ignore[arg-type]
