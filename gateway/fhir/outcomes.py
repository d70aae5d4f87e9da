"""What is told instead of a resource: OperationOutcome, whatever went wrong."""

from dataclasses import dataclass
from http import HTTPStatus

from gateway.fhir.parts import Json, filled

MAX_SHOWN = 40  # characters


@dataclass
class FhirError(Exception):
    """The answer is not a resource. `code`: a word of the official IssueType."""

    status: HTTPStatus
    code: str
    told: str
    at: str = ""


def outcome(code: str, told: str, at: str = "", severity: str = "error") -> Json:
    """One issue; `at`: the parameter that it is about."""
    issue = filled(
        severity=severity,
        code=code,
        diagnostics=told,
        location=[f"http.{shown(at)}"] if at else None,
    )
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def shown(text: str) -> str:
    """What somebody sent, short and without what a FHIR string may not hold."""
    short = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return "".join(one if one.isprintable() else "?" for one in short)


def wrong(told: str, at: str = "") -> FhirError:
    """A value that a parameter does not take."""
    return FhirError(HTTPStatus.BAD_REQUEST, "invalid", told, at)


def not_supported(told: str, at: str = "") -> FhirError:
    """Something of FHIR that is not served here."""
    return FhirError(HTTPStatus.BAD_REQUEST, "not-supported", told, at)


def not_found(kind: str) -> FhirError:
    """Not there, or not within what the caller sees: both look the same."""
    return FhirError(HTTPStatus.NOT_FOUND, "not-found", f"没有这个 {kind}，或不在可查看的范围内")
