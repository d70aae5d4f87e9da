"""Where Django finds the models of the sub-rooms."""

from gateway.clients.models import Client
from gateway.files.models import StoredFile

__all__ = ["Client", "StoredFile"]
