"""Django's own `migrate`, quicker where it goes forwards; after it the application's role is
granted its rights anew."""

from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate

from accounts.granting import grant_rights
from accounts.migrating import rendered_in_place


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # Only who names an app may go backwards, and then the models of every state are needed.
        with rendered_in_place() if options["app_label"] is None else nullcontext():
            super().handle(*args, **options)
        only_looks = options["plan"] or options["check_unapplied"]
        if settings.DATABASE_ROLE and not only_looks:
            try:
                grant_rights(settings.DATABASE_ROLE)
            except (LookupError, ValueError) as error:
                raise CommandError(str(error)) from error
