"""How the interface calls what is known of a person: kinds of documents, of insured, ages."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from enrollment.models import Person
from enrollment.people.numbers import NumberKind
from gateway.identifiers import psn_no

# 险种类型: 城乡居民基本医疗保险.
RESIDENTS = "390"
CERT_TYPES: Mapping[str, str] = {
    NumberKind.RESIDENT_ID: "01",
    NumberKind.OFFICER: "02",
    NumberKind.HK_MACAU_PERMIT: "04",
    NumberKind.TAIWAN_PERMIT: "06",
    NumberKind.FOREIGN_RESIDENCE: "07",
    NumberKind.PASSPORT: "08",
    NumberKind.HMT_RESIDENCE: "17",
    NumberKind.BIRTH_CERTIFICATE: "990201",
}
OTHER_CERT = "99"
DAYS_OF_A_YEAR = Decimal("365.25")
# Until which birthday somebody is of the kind (psn_type): 新生儿，学龄前，未成年，成年.
KINDS = ((1, "1401"), (6, "1402"), (18, "1405"), (60, "15"))
OLD = "16"


def age_on(born: date, day: date) -> Decimal:
    """Years with one decimal, cut and not rounded: nobody is older than they are."""
    years = Decimal((day - born).days) / DAYS_OF_A_YEAR
    return max(Decimal("0.0"), years.quantize(Decimal("0.1"), rounding="ROUND_DOWN"))


def psn_type(person: Person, day: date) -> str:
    """人员类别 of a resident, by age on the day."""
    born = person.birth_date
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next((code for until, code in KINDS if years < until), OLD)


def cert_type(person: Person) -> str:
    """人员证件类型."""
    return CERT_TYPES.get(person.number_kind, OTHER_CERT)


def who(person: Person, day: date) -> dict[str, Any]:
    """The fields about a person that many answers have; which of them, the table says.

    Whole, not masked: the hospital has the card in its hands, and prints it on its papers.
    """
    return {
        "psn_no": psn_no(person),
        "psn_name": person.name,
        "psn_cert_type": cert_type(person),
        "certno": person.resident_id,
        "gend": person.sex,
        "naty": person.ethnicity.lstrip("0") or "1",
        "brdy": person.birth_date,
        "age": age_on(person.birth_date, day),
        "insutype": RESIDENTS,
        "psn_type": psn_type(person, day),
        "cvlserv_flag": "0",
    }
