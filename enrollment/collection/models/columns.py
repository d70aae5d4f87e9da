"""What the models of collection share."""

from decimal import Decimal

ZERO = Decimal(0)
