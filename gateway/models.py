"""Where Django finds the models of the sub-rooms."""

from gateway.clients.models import Client

__all__ = ["Client"]
