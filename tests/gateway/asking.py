"""A message of a hospital's system as the functions behind the transactions get it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from accounts.models import User
from gateway.asked import Answer, Asked, Row
from gateway.clients.models import Client
from gateway.transactions import files
from institutions.models import Institution

TRANSACTIONS = files.TRANSACTIONS


def machine(user: User) -> Client:
    """A client of the institution that the user works for."""
    institution = Institution.objects.select_related("division").get(code=user.institution_code)
    return Client.objects.create(
        institution=institution,
        user=user,
        kind=Client.Kind.SYSTEM,
        name="医院信息系统",
        access_key=f"key-{user.username}",
    )


def asked(
    client: Client,
    infno: str,
    on: date,
    nodes: Mapping[str, Row | Sequence[Row]] | None = None,
    **data: Any,
) -> Asked:
    """`data`: the fields of the node data."""
    return Asked(
        client=client,
        institution=client.institution,
        infno=infno,
        msgid=f"{client.institution.code}{on:%Y%m%d}0930000001",
        head={},
        input=nodes if nodes is not None else {"data": data},
        on=on,
        at=datetime.combine(on, time(9, 30), timezone.get_current_timezone()),
    )


def ask(one: Asked) -> Answer:
    """What its transaction answers."""
    return TRANSACTIONS[one.infno].do(one)
