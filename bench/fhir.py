"""Every resource of a county read as FHIR, page by page, and held against the official definitions.

    DATABASE_URL=postgres://…/own_database python bench/fhir.py --role auditor

Needs the environment of the portal (docs/operations.md), a database with a county in it (seed_demo)
and the official definitions (`python -m tests.gateway.fhir.official`). Reads only. Says for each
kind how many resources, faults and statements a page, seconds and pages a second; then reads each
of the last page singly. Ends with an error when anything is not valid, a page costs another number
of statements than the one before, or an identity of a settlement does not hold in what is told.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import simplejson  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from gateway.fhir import names  # noqa: E402
from gateway.fhir.kinds import kinds  # noqa: E402
from tests.gateway.fhir.official import definitions  # noqa: E402
from tests.gateway.fhir.validating import Validator  # noqa: E402

COUNT = 50


def pages(client: Client, kind: str) -> Iterator[tuple[Any, int]]:
    """Each page with the statements that it cost."""
    address = f"/fhir/r4/{kind}?_count={COUNT}"
    while address:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, answer.content
        bundle = simplejson.loads(answer.content, use_decimal=True)
        yield bundle, len(captured)
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        address = links.get("next", "").replace(names.base(), "/fhir/r4")


def wrong_sums(resource: Any) -> list[str]:
    """The identities of a settlement, read back from what an explanation says."""
    if resource["resourceType"] != "ExplanationOfBenefit":
        return []
    total = {
        one["category"]["coding"][0]["code"]: one["amount"]["value"] for one in resource["total"]
    }
    layers = sum(
        (
            one["amount"]["value"]
            for one in resource["adjudication"]
            if one["category"]["coding"][0]["system"] == names.codes("layer")
        ),
        Decimal(0),
    )
    lines = sum((one["net"]["value"] for one in resource.get("item", [])), Decimal(0))
    parts = ("full_self_pay", "borne", "over_limit", "first_self_pay", "in_scope")
    own = total["total_amount"] - total["fund_amount"] - total["hospital_amount"]
    held = {
        "layers": layers == total["fund_amount"],
        "bill": lines == total["total_amount"],
        "parts": sum(total[f"{one}_amount"] for one in parts) == total["total_amount"],
        "personal": own + total["beyond_amount"] == total["personal_amount"],
        "cash": total["personal_amount"] - total["account_amount"] - total["credit_amount"]
        == total["cash_amount"],
    }
    return [name for name, holds in held.items() if not holds]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", default=Role.AUDITOR.value)
    given = parser.parse_args()
    setup_test_environment()
    user = User.objects.filter(role=given.role, is_active=True, must_change_password=False).first()
    assert user is not None, f"nobody works as {given.role}"
    client, validator, failed = Client(), Validator(definitions()), 0
    client.force_login(user)
    for kind in kinds():
        count, costs, seconds, last = 0, [], 0.0, None
        began = time.perf_counter()
        for bundle, statements in pages(client, kind):
            seconds += time.perf_counter() - began
            costs.append(statements)
            faults = validator.faults(bundle)
            for one in bundle.get("entry", []):
                faults += wrong_sums(one["resource"])
                count, last = count + 1, one["resource"]
            failed += len(faults)
            if faults:
                print(kind, faults[:3])
            began = time.perf_counter()
        if last is not None:
            alone = client.get(f"/fhir/r4/{kind}/{last['id']}")
            failed += simplejson.loads(alone.content, use_decimal=True) != last
        full = set(costs[:-1]) or set(costs)
        failed += len(full) > 1
        print(
            f"{kind:22} {count:7} resources {len(costs):5} pages {sorted(full)} statements a page "
            f"{len(costs) / max(seconds, 0.001):6.1f} pages/s"
        )
    looked = ", ".join(f"{count} {name}" for name, count in validator.looked.items())
    print(f"{looked} looked at, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
