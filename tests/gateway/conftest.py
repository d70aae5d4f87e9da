"""The county hospital's system speaks to the portal as the interface says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
import simplejson
from django.utils import timezone

from accounts.roles import Role
from gateway.clients.models import Client
from gateway.envelope import answer
from institutions.models import CatalogueItem, Institution
from tests.claims.conftest import (  # noqa: F401 - fixtures
    TODAY,
    Register,
    book,
    catalogue,
    register,
)
from tests.conftest import make_user
from tests.gateway.hospital import head

numbers = count(1)


@dataclass
class System:
    """What a hospital's system sends, and what it hears; nothing between but the network."""

    client: Client
    on: date = TODAY
    at: datetime | None = None

    def now(self) -> datetime:
        """The moment at which the portal says it is."""
        return self.at or datetime.combine(self.on, time(9, 30), timezone.get_current_timezone())

    def message(self, infno: str, asked: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """A message with a number of its own."""
        code, number = self.client.institution.code, next(numbers)
        at = self.now() + timedelta(seconds=number // 10_000)  # also beyond what four digits tell
        msgid = f"{code}{at:%Y%m%d%H%M%S}{number % 10_000:04d}"
        return head(self.client, infno, msgid, self.now()) | {"input": asked} | given

    def send(self, message: Mapping[str, Any], infno: str = "") -> dict[str, Any]:
        """The answer to it, numbers as Decimal."""
        body = simplejson.dumps(message, use_decimal=True).encode()
        return self.send_raw(body, infno)

    def send_raw(self, body: bytes, infno: str = "") -> dict[str, Any]:
        """The same of whatever bytes came."""
        text = answer(body, client=self.client, infno=infno, on=self.on, now=self.now)
        found: dict[str, Any] = simplejson.loads(text, use_decimal=True)
        return found

    def ask(self, infno: str, asked: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """The output of a transaction that is done."""
        told = self.send(self.message(infno, asked, **given))
        assert told["infcode"] == 0, told["err_msg"]
        output: dict[str, Any] = told["output"]
        return output

    def refused(self, infno: str, asked: Mapping[str, Any], **given: Any) -> str:
        """The words in which a transaction is refused."""
        told = self.send(self.message(infno, asked, **given))
        assert told["infcode"] == -1, told
        words: str = told["err_msg"]
        return words

    def later(self, **how: float) -> None:
        """Time goes on."""
        self.at = self.now() + timedelta(**how)


@pytest.fixture
def system(hospital: Institution, catalogue: dict[str, CatalogueItem]) -> System:  # noqa: F811
    """The county hospital's."""
    return System(client_of(hospital))


def client_of(institution: Institution) -> Client:
    """A program of the institution, with an account of its own."""
    number = next(numbers)
    code = institution.code
    user = make_user(
        f"{code}-his{number}", "医院信息系统", Role.INSTITUTION_CLERK, institution_code=code
    )
    return Client.objects.create(
        institution=institution,
        user=user,
        kind=Client.Kind.SYSTEM,
        name="医院信息系统",
        access_key=f"key-{number}",
    )
