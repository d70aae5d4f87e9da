"""Bringing a bank statement in, as the accountant does and a worker carries out."""

from datetime import date
from types import SimpleNamespace

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.jobs import run
from funds.banking.models import BankLine, BankStatement
from funds.banking.statements import STATEMENTS


def import_statement(
    *, actor: User, area: Division, file_name: str, content: bytes, on: date
) -> SimpleNamespace:
    """Upload, and let the worker read it; its refusal is raised as the page shows it."""
    statement, again = STATEMENTS.upload(
        actor=actor, area=area, file_name=file_name, content=content, on=on
    )
    run("enrollment.bankstatement", statement.pk, on)
    statement.refresh_from_db()
    if statement.status == BankStatement.Status.FAILED:
        raise Refusal(statement.failure, "file")
    added = 0 if again else BankLine.objects.filter(statement=statement).count()
    return SimpleNamespace(statement=statement, again=again, added=added)
