"""A message as the dispatch hands it to a transaction, made by hand."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from accounts.roles import Role
from gateway.asked import Answer, Asked, Transaction
from gateway.clients.models import Client
from institutions.models import Institution
from tests.conftest import make_user


def program(institution: Institution, name: str = "his", **of_it: Any) -> Client:
    """A program of the institution with an account of its own."""
    user = make_user(
        f"{name}_{institution.code}".lower(), f"{institution.name}系统", Role.INSTITUTION_CLERK,
        institution_code=institution.code,
    )  # fmt: skip
    facts = {"kind": "system", "name": name, "access_key": f"{name}-{institution.code}"}
    return Client.objects.create(institution=institution, user=user, **facts | of_it)


def asked(client: Client, infno: str, node: str, rows: Any, on: date) -> Asked:
    """One message of the client."""
    at = timezone.make_aware(datetime.combine(on, time(9, 30)))
    return Asked(
        client=client, institution=client.institution, infno=infno, msgid="M1", head={},
        input={node: rows}, on=on, at=at,
    )  # fmt: skip


def answered(
    transactions: dict[str, Transaction], client: Client, infno: str, node: str, rows: Any, on: date
) -> tuple[Answer, list[str]]:
    """What the transaction answers, and what it warns of."""
    message = asked(client, infno, node, rows, on)
    return transactions[infno].do(message), message.warnings
