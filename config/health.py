"""Liveness and readiness for load balancers and the launcher."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.granting import role_problems
from accounts.permissions import public
from moving.keeping.health import broker_answers


@public
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@public
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database reachable and migrated, broker reachable. 503 names what is not.

    `tables` says whether the application could switch their guards off; it serves all the same.
    """
    checks = {"database": _database(), "broker": _broker()}
    ready = all(answer == "ok" for answer in checks.values())
    return JsonResponse(checks | {"tables": _tables()}, status=200 if ready else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "migrations waiting" if waiting else "ok"


def _tables() -> str:
    try:
        return "owned by the application" if role_problems() else "ok"
    except DatabaseError:
        return "unknown"


def _broker() -> str:
    return "ok" if broker_answers() else "unreachable"
