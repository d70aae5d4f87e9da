"""What the interface says on an institution's page (settings.ROOMS_BESIDE_INSTITUTIONS)."""

from collections.abc import Iterator
from datetime import date

from accounts.models import User
from gateway.clients.models import Client
from institutions.beside import Beside
from institutions.models import Institution


def beside(institution: Institution, user: User, on: date) -> Iterator[Beside]:
    """How many of its programs may speak the interface. Who sees the institution's page sees the
    number, and nothing of how they sign."""
    number = Client.objects.filter(institution=institution, is_active=True).count()
    yield Beside("接入的系统", f"{number} 个" if number else "没有接入")
