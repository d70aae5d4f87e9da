"""Any request to the portal's JSON and FHIR, made from its OpenAPI by schemathesis.

    DATABASE_URL=postgres://…/own_database python bench/any_request.py --each 500

Needs the environment of the portal (docs/operations.md) and a database with a county in it
(seed_demo), where it makes a clerk of each of two institutions; else it only reads, in this
process. Each operation of the document that is not a transaction is asked as often by both clerks
and by an auditor; half of it as the schema wants it, half as it does not. With it `--questions` by
each clerk as tests/gateway/fhir/asking.py makes them. Counted is what was asked; an error is a
status of 500 and above, an answer that the document does not describe (status, type, form), and a
number in it of another institution's claim, person or cover. Ends with an error when there is one.
"""

import argparse
import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import schemathesis  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis.errors import Unsatisfiable  # noqa: E402
from schemathesis import checks  # noqa: E402
from schemathesis.specs.openapi import checks as of_openapi  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from claims.models import Settlement  # noqa: E402
from gateway.fhir import names  # noqa: E402
from gateway.identifiers import mdtrt_id, psn_no  # noqa: E402
from gateway.openapi import transactions  # noqa: E402
from gateway.openapi.document import document  # noqa: E402
from tests.gateway.fhir.asking import problem, questions  # noqa: E402

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
HELD = [
    checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_schema_conformance,
]


def numbers_of(user: User) -> set[str]:
    """By what everything is called that stands in claims within the user's scope."""
    rows = Settlement.objects.visible_to(user).select_related(
        "visit__person__household__division", "visit__division", "visit__institution", "division"
    )
    found = set()
    for one in rows.iterator(chunk_size=1000):
        visit = one.visit
        found |= {one.number, mdtrt_id(visit), psn_no(visit.person)}
        found.add(names.coverage_id(one.division.county_code, visit.enrollment_id))
        found |= {visit.institution.code} if visit.institution else set()
    return found


def people() -> list[User]:
    """A clerk of each of the two institutions with most claims, and an auditor."""
    busy = (
        Settlement.objects.exclude(visit__institution=None)
        .values_list("visit__institution__code", flat=True)
        .annotate(claims=Count("pk"))
        .order_by("-claims")[:2]
    )
    found = []
    for code in busy:
        clerk, _ = User.objects.get_or_create(
            username=f"bench.{code.lower()}",
            defaults={
                "name": "接口试验", "role": Role.INSTITUTION_CLERK, "institution_code": code,
                "password": "!",
            },
        )  # fmt: skip
        found.append(clerk)
    auditor = User.objects.filter(role=Role.AUDITOR, is_active=True).first()
    return [*found, auditor] if auditor else found


def ask_operations(client: Client, each: int, told: Counter[str]) -> None:
    """Each operation of the document, half of it wrongly."""
    spec = document()
    reading = {
        address: path
        for address, path in spec["paths"].items()
        if all(one["tags"] != [transactions.TAG] for one in path.values())
    }
    schema = schemathesis.openapi.from_dict(spec | {"paths": reading})
    schema.app = get_wsgi_application()
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=each, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=QUIET,
            )  # fmt: skip
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                answer = case.call(cookies=cookies)
                told[f"{answer.status_code}"] += 1
                case.validate_response(answer, checks=HELD)

            try:
                ask()
            except Unsatisfiable:  # nothing can be wrong with a question without parameters
                continue
            except Exception as fault:  # told, and the next one asked
                told["faults"] += 1
                print(operation.label, mode, str(fault)[:900])


def ask_questions(client: Client, many: int, own: set[str], known: set[str]) -> Counter[str]:
    """Questions of the FHIR service; `own`: what may stand in an answer."""
    told: Counter[str] = Counter()

    @settings(
        max_examples=many, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=QUIET,
    )  # fmt: skip
    @given(questions(known))
    def ask(address: str) -> None:
        answer = client.get(f"/fhir/r4/{address}")
        told[f"{answer.status_code}"] += 1
        wrong = problem(answer, own)
        if wrong:
            told["faults"] += 1
            print(address, wrong)

    ask()
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--questions", type=int, default=2000)
    given_ = parser.parse_args()
    setup_test_environment()
    logging.disable(logging.CRITICAL)
    users = people()
    own = {user.pk: numbers_of(user) for user in users}
    known = set(sorted(set().union(*own.values()))[::7])
    everything: Counter[str] = Counter()
    for user in users:
        client = Client()
        client.force_login(user)
        told: Counter[str] = Counter()
        ask_operations(client, given_.each, told)
        print(user.role, user.institution_code, "operations", dict(told))
        everything += told
        if user.role == Role.INSTITUTION_CLERK:
            told = ask_questions(client, given_.questions, own[user.pk], known)
            print(user.role, user.institution_code, "questions", dict(told))
            everything += told
    asked = sum(count for name, count in everything.items() if name != "faults")
    print(f"{asked} requests, {everything['faults']} faults")
    return 1 if everything["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
