"""Where Django finds the models of the sub-rooms."""

from moving.beginning.models import Established, MovedIn
from moving.keeping.models import KeepingNote
from moving.totals.models import Comparison, ComparisonLine

__all__ = ["Comparison", "ComparisonLine", "Established", "KeepingNote", "MovedIn"]
