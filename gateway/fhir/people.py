"""Patient: a person of the register."""

from accounts.templatetags.hezuo import mask_id, mask_name, mask_phone
from enrollment.models import Person
from gateway.fhir import names
from gateway.fhir.parts import Json, day, filled, identifier, reference, resource
from gateway.identifiers import psn_no

KIND = "Patient"
GENDERS = {Person.Sex.MALE: "male", Person.Sex.FEMALE: "female"}
RESIDENT_ID = "resident-id"


def patient(person: Person, *, clear: bool = False) -> Json:
    """The person; name, numbers and day of birth in full only if `clear`.

    Wants the household's division loaded, and that of `same_as`.
    """
    number, phone = person.resident_id, person.phone
    born = person.birth_date
    kept = person.same_as
    return resource(
        KIND,
        psn_no(person),
        filled(
            identifier=[
                identifier(names.system("psn-no"), psn_no(person), "official"),
                identifier(
                    names.system(RESIDENT_ID), number if clear else mask_id(number), "secondary"
                ),
            ],
            active=person.is_present and kept is None,
            name=[{"use": "official", "text": person.name if clear else mask_name(person.name)}],
            telecom=[{"system": "phone", "value": phone if clear else mask_phone(phone)}]
            if phone
            else None,
            gender=GENDERS.get(Person.Sex(person.sex), "unknown"),
            # A year alone is a date as well (FHIR `date`: YYYY, YYYY-MM or YYYY-MM-DD).
            birthDate=day(born) if clear else f"{born.year:04d}",
            deceasedDateTime=day(person.death_date) if clear else None,
            deceasedBoolean=True if person.death_date and not clear else None,
            link=[{"other": reference(KIND, psn_no(kept)), "type": "replaced-by"}]
            if kept
            else None,
        ),
    )
