"""Django's own `migrate`, after which the application's role is granted its rights anew."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate

from accounts.granting import grant_rights


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        only_looks = options["plan"] or options["check_unapplied"]
        if settings.DATABASE_ROLE and not only_looks:
            try:
                grant_rights(settings.DATABASE_ROLE)
            except (LookupError, ValueError) as error:
                raise CommandError(str(error)) from error
