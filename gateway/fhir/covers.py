"""Coverage: one person's cover for one insurance year."""

from collections.abc import Mapping

from enrollment.models import Enrollment
from gateway.fhir import names
from gateway.fhir.parts import (
    Json,
    concept,
    filled,
    hl7,
    identifier,
    named,
    period,
    reference,
    resource,
)
from gateway.identifiers import psn_no
from policies.services import terms_of

KIND = "Coverage"
STATUSES: Mapping[str, str] = {
    Enrollment.Status.PENDING: "draft",
    Enrollment.Status.ACTIVE: "active",
    Enrollment.Status.CANCELLED: "cancelled",
}


def payor(county: str, scheme: str) -> Json:
    """The insurance of the county, which is no resource of the portal's."""
    return named(names.system("division"), county, scheme)


def coverage(cover: Enrollment) -> Json:
    """Wants person, household's division, division and pack loaded."""
    county = cover.division.county_code
    number = names.coverage_id(county, cover.pk)
    patient = reference("Patient", psn_no(cover.person))
    scheme = terms_of(cover.pack).scheme
    return resource(
        KIND,
        number,
        filled(
            identifier=[identifier(names.system("coverage"), number, "official")],
            status=STATUSES[cover.status],
            type=concept(hl7("v3-ActCode", "PUBLICPOL"), text=scheme),
            subscriber=patient,
            beneficiary=patient,
            relationship=concept(hl7("subscriber-relationship", "self")),
            period=period(cover.cover_first_day, cover.cover_last_day),
            payor=[payor(county, scheme)],
            class_=[
                {
                    "type": concept(hl7("coverage-class", "plan")),
                    "value": cover.tier,
                    "name": cover.tier_name,
                }
            ],
        ),
    )
