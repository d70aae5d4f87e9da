"""Where Django finds the models of the sub-rooms."""

from gateway.clients.models import Client, FailedTry, Pace, Secret
from gateway.files.models import StoredFile
from gateway.messages.models import Message, SignIn

__all__ = ["Client", "FailedTry", "Message", "Pace", "Secret", "SignIn", "StoredFile"]
