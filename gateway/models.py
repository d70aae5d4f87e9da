"""Where Django finds the models of the sub-rooms."""

from gateway.clients.models import Client
from gateway.files.models import StoredFile
from gateway.messages.models import Message, SignIn

__all__ = ["Client", "Message", "SignIn", "StoredFile"]
