"""Bringing a tax file in, as the accountant does and a worker carries out."""

from datetime import date
from types import SimpleNamespace

from accounts.errors import Refusal
from accounts.models import User
from desk.jobs import run
from enrollment.collection.models import TaxFile
from enrollment.collection.tax import TAX_FILES
from enrollment.models import Campaign


def import_tax_file(
    *, actor: User, campaign: Campaign, file_name: str, content: bytes, on: date
) -> SimpleNamespace:
    """Upload, and let the worker read it; its refusal is raised as the page shows it."""
    file, again = TAX_FILES.upload(
        actor=actor, campaign=campaign, file_name=file_name, content=content, on=on
    )
    run("enrollment.taxfile", file.pk, on)
    file.refresh_from_db()
    if file.status == TaxFile.Status.FAILED:
        raise Refusal(file.failure)
    waiting = file.rows.open().count()
    matched = file.rows.count() - waiting
    return SimpleNamespace(file=file, again=again, matched=matched, open=waiting)
