"""Where Django finds the models of the sub-rooms."""

from moving.keeping.models import KeepingNote

__all__ = ["KeepingNote"]
