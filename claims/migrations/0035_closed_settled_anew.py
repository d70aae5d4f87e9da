"""A claim that was closed since nothing was to be paid is settled anew like any other, when one
that it was computed from falls."""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0024_payee_guards")
PAIRS = (*BEFORE.PAIRS, "nothing>withdrawn")


def _moves(pairs: tuple[str, ...]) -> str:
    arguments = ", ".join(f"'{word}'" for word in (*pairs, *BEFORE.WAY))
    return str(BEFORE.BEFORE.TRIGGER).format(arguments=arguments)


class Migration(migrations.Migration):
    dependencies = [("claims", "0034_assistance")]

    operations = [RunSQL(_moves(PAIRS), _moves(BEFORE.PAIRS))]
