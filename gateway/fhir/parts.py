"""The data types that every resource is made of."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.fhir.names import HL7

Json = dict[str, Any]


def filled(**parts: Any) -> Json:
    """Without what is empty, which FHIR does not know: no "", no null, no [] and no {}.

    False and 0 stay. A name that is a word of Python ends in `_`.
    """
    return {
        name.removesuffix("_"): value
        for name, value in parts.items()
        if value is not None and value not in ("", [], {})
    }


def money(amount: Decimal) -> Json:
    """Yuan as a number, as it stands in the books."""
    return {"value": amount, "currency": "CNY"}


def coding(system: str, code: str, display: str = "") -> Json:
    """One word of one code system."""
    return filled(system=system, code=code, display=display)


def concept(*codings: Json, text: str = "") -> Json:
    """The same said by one or more code systems."""
    return filled(coding=[one for one in codings if one.get("code")], text=text)


def hl7(name: str, code: str) -> Json:
    """A word of the official terminology."""
    return coding(f"{HL7}/{name}", code)


def identifier(system: str, value: str, use: str = "") -> Json:
    """A number and whose it is."""
    return filled(use=use, system=system, value=value)


def reference(kind: str, key: str, display: str = "") -> Json:
    """A way to another resource of the portal."""
    return filled(reference=f"{kind}/{key}", display=display)


def named(system: str, value: str, display: str = "") -> Json:
    """What is known by its number only, and not served here."""
    return filled(identifier=identifier(system, value) if value else None, display=display)


def day(value: date | None) -> str | None:
    """2026-03-01."""
    return None if value is None else value.isoformat()


def period(first: date | None, last: date | None) -> Json:
    """From day to day; open where there is no last one."""
    return filled(start=day(first), end=day(last))


def resource(kind: str, key: str, body: Mapping[str, Any]) -> Json:
    """A resource with its number."""
    return {"resourceType": kind, "id": key, **body}
