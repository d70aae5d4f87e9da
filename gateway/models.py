"""Where Django finds the models of the sub-rooms."""

from gateway.acceptance.models import Fault
from gateway.clients.models import Client, FailedTry, Pace, Secret
from gateway.files.models import StoredFile
from gateway.lists.models import SettlementList
from gateway.messages.models import Message, SignIn
from gateway.prechecks.models import PreCheck
from gateway.rules.models import InterfaceRule
from gateway.special.models import VisitMark
from gateway.traces.models import DrugSale, NoCodeItem, TraceCode

__all__ = [
    "Client",
    "DrugSale",
    "FailedTry",
    "Fault",
    "InterfaceRule",
    "Message",
    "NoCodeItem",
    "Pace",
    "PreCheck",
    "Secret",
    "SettlementList",
    "SignIn",
    "StoredFile",
    "TraceCode",
    "VisitMark",
]
