"""The official definitions of FHIR R4 (CC0), fetched for tests and never kept in the project.

`python -m tests.gateway.fhir.official` fetches them by hand. They come as the package
hl7.fhir.r4.examples of npm's registry: snapshots of all types, value sets, code systems, examples.
"""

import fcntl
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

PACKAGE = "hl7.fhir.r4.examples@4.0.1"
SHA1 = "537ea7db3f3c7b3575fe2eaa7808bad21261cca3"
FOLDER = Path(__file__).resolve().parents[3] / "var" / "fhir"
KEPT = FOLDER / "r4-with-invariants.json.gz"
# Nineteen megabytes. Who does not have them within so many seconds tests without them.
SECONDS = 90

# The resources of the financial module, and those that stand beside them here.
FINANCIAL = frozenset(
    {
        "Account", "ChargeItem", "ChargeItemDefinition", "Claim", "ClaimResponse", "Contract",
        "Coverage", "CoverageEligibilityRequest", "CoverageEligibilityResponse",
        "EnrollmentRequest", "EnrollmentResponse", "ExplanationOfBenefit", "InsurancePlan",
        "Invoice", "PaymentNotice", "PaymentReconciliation",
    }
)  # fmt: skip
BESIDE = frozenset({"Organization", "Patient", "OperationOutcome", "CapabilityStatement"})
DEFINING = frozenset({"StructureDefinition", "ValueSet", "CodeSystem"})


class MissingError(Exception):
    """The definitions are not here; `args[0]` says why."""


def definitions() -> dict[str, Any]:
    """Types, value sets, code systems, examples. Raises MissingError when there are none."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of one run fetch them once
        if not KEPT.exists():
            _fetch()
    found: dict[str, Any] = json.loads(gzip.decompress(KEPT.read_bytes()), parse_float=Decimal)
    return found


def _fetch() -> None:
    refused = FOLDER / "not-reachable"
    if shutil.which("npm") is None:
        raise MissingError("npm is not installed: no official FHIR definitions")
    if refused.exists():
        raise MissingError(f"npm's registry was not reachable; delete {refused} to try again")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        try:
            subprocess.run(
                ["npm", "pack", PACKAGE, "--silent", "--pack-destination", folder],
                check=True, timeout=SECONDS, capture_output=True, cwd=folder,
            )  # fmt: skip
        except (subprocess.SubprocessError, OSError) as error:
            refused.touch()
            raise MissingError(f"npm pack {PACKAGE}: {error}") from None
        (packed,) = Path(folder).glob("*.tgz")
        if hashlib.sha1(packed.read_bytes()).hexdigest() != SHA1:
            raise MissingError(f"{PACKAGE} is not the package that is known")
        found = _chosen(packed)
        ready = Path(folder) / "ready"
        ready.write_bytes(gzip.compress(json.dumps(found, default=_number).encode(), 5))
        ready.replace(KEPT)


class _Exact(float):
    """Written as the digits that it was read from."""

    def __new__(cls, digits: str) -> "_Exact":
        made = super().__new__(cls, digits)
        made.digits = digits  # type: ignore[attr-defined]
        return made

    def __repr__(self) -> str:
        digits: str = self.digits  # type: ignore[attr-defined]
        return digits


def _number(value: Any) -> Any:
    return _Exact(str(value))


def _chosen(packed: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"types": {}, "sets": {}, "systems": {}, "examples": []}
    for one in _resources(packed):
        kind = one.get("resourceType")
        if kind == "StructureDefinition" and one.get("derivation") != "constraint":
            found["types"][one["name"]] = [_element(row) for row in one["snapshot"]["element"]]
        elif kind == "ValueSet":
            found["sets"][one["url"]] = one.get("compose", {})
        elif kind == "CodeSystem":
            known = one.get("content") == "complete"
            found["systems"][one["url"]] = list(_codes(one.get("concept", []))) if known else None
        elif kind in FINANCIAL | BESIDE:
            found["examples"].append(json.dumps(one, default=_number))
    return found


def _resources(packed: Path) -> Iterator[dict[str, Any]]:
    wanted = FINANCIAL | BESIDE | DEFINING
    with tarfile.open(packed) as archive:
        for member in archive:
            name = Path(member.name).name
            if member.isfile() and name.partition("-")[0] in wanted and name.endswith(".json"):
                file = archive.extractfile(member)
                assert file is not None
                yield json.loads(file.read(), parse_float=Decimal)


def _codes(concepts: list[Any]) -> Iterator[str]:
    for one in concepts:
        yield one["code"]
        yield from _codes(one.get("concept", []))


def _element(row: dict[str, Any]) -> dict[str, Any]:
    binding = row.get("binding", {})
    return {
        "path": row["path"],
        "min": row["min"],
        "max": row["max"],
        "same_as": row.get("contentReference", ""),
        "types": [_type(one) for one in row.get("type", [])],
        "required": binding.get("valueSet", "") if binding.get("strength") == "required" else "",
        "invariants": [
            (one["key"], one["expression"])
            for one in row.get("constraint", [])
            if one.get("severity") == "error" and "expression" in one
        ],
    }


def _type(one: dict[str, Any]) -> dict[str, Any]:
    told = {part["url"].rpartition("/")[2]: part for part in one.get("extension", [])}
    return {
        "code": told.get("structuredefinition-fhir-type", {}).get("valueUrl", one["code"]),
        "regex": told.get("regex", {}).get("valueString", ""),
        "targets": [target.rpartition("/")[2] for target in one.get("targetProfile", [])],
    }


if __name__ == "__main__":
    (FOLDER / "not-reachable").unlink(missing_ok=True)
    try:
        read = definitions()
    except MissingError as missing:
        sys.exit(str(missing))
    sys.stdout.write(f"{ {name: len(rows) for name, rows in read.items()} }\n")
