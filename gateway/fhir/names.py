"""Addresses and code systems by which the portal's resources are called."""

from django.conf import settings

HL7 = "http://terminology.hl7.org/CodeSystem"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
VERSION = "4.0.1"


def base() -> str:
    """Where the portal's FHIR service lies: the beginning of every address of its own."""
    address: str = settings.FHIR_BASE
    return address


def system(name: str) -> str:
    """The name space of numbers that the portal gives (`psn-no`, `setl-id`, …)."""
    return f"{base()}/sid/{name}"


def codes(name: str) -> str:
    """The code system of words that the portal or the county's measures give."""
    return f"{base()}/CodeSystem/{name}"


def definition(name: str) -> str:
    """The canonical address of an extension; its definition is served there."""
    return f"{base()}/StructureDefinition/{name}"


def coverage_id(county: str, pk: int) -> str:
    """A cover's number: 6 digits of the county, CB, 20 of the cover."""
    return f"{county}CB{pk:020d}"
