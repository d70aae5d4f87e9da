"""Organization: a medical institution."""

from gateway.fhir import names
from gateway.fhir.parts import (
    Json,
    coding,
    concept,
    filled,
    hl7,
    identifier,
    named,
    reference,
    resource,
)
from institutions.models import Institution, Level

KIND = "Organization"


def organization(institution: Institution) -> Json:
    """Wants the division loaded."""
    level = Level(institution.level)
    return resource(
        KIND,
        institution.code,
        filled(
            identifier=[
                identifier(names.system("fixmedins-code"), institution.code, "official"),
            ],
            active=institution.is_active,
            type=[
                concept(hl7("organization-type", "prov")),
                concept(coding(names.codes("institution-level"), level.value, level.label)),
            ],
            name=institution.name,
            address=[{"district": institution.division.name, "country": "CN"}],
        ),
    )


def provider(institution: Institution | None, name: str) -> Json:
    """Who treated: one without an agreement outside the county is known by its name alone."""
    if institution is None:
        return named("", "", name)
    return reference(KIND, institution.code, name)
