"""The numbers by which hospitals call a person, a visit and a settlement.

They say nothing of the person: the county's code and the row's own number.
"""

from django.db.models import QuerySet

from accounts.errors import Refusal
from claims.models import Settlement, Visit
from desk.kept import Kept, given
from enrollment.models import Person
from gateway.asked import Asked

_DIGITS = 20  # behind the county's code: psn_no and mdtrt_id have 30 at most


def psn_no(person: Person) -> str:
    """人员编号: 6 digits of the county, 20 of the person."""
    return f"{person.household.division.county_code}{person.pk:0{_DIGITS}d}"


def mdtrt_id(visit: Visit) -> str:
    """就诊 ID: 6 digits of the county, JZ, 20 of the visit."""
    return f"{visit.division.county_code}JZ{visit.pk:0{_DIGITS}d}"


def _key(text: str, beginning: str) -> int:
    """The row's number, 0 for what cannot be one."""
    digits = text[len(beginning) :]
    right = text.startswith(beginning) and len(digits) == _DIGITS and digits.isdecimal()
    return int(digits) if right and int(digits) < 2**63 else 0


PERSON = Kept(
    lambda: Person.objects.select_related("household__division").filter(pk=given("person"))
)


def person_of(asked: Asked, number: str, *, at: str = "psn_no") -> Person:
    """The person of the institution's county whom psn_no means. Raises Refusal naming the field."""
    area = asked.institution.division.county_code
    found = PERSON.first(person=_key(number, area))
    if found is None or not found.household.division.code.startswith(area):
        raise Refusal("本统筹区没有这个人员编号，请先用【1101】获取", at=("data", at))
    return found


def visits_of(asked: Asked) -> QuerySet[Visit]:
    """The visits at the client's institution."""
    return Visit.objects.visible_to(asked.actor).select_related(
        "person__household__division", "division", "institution__division", "household"
    )


# Nearly every message names its visit. The institution is the client's own: as `visits_of` says.
VISIT = Kept(
    lambda: Visit.objects.filter(
        institution_id=given("institution"), pk=given("visit")
    ).select_related("person__household__division", "division")
)


def visit_of(asked: Asked, number: str, *, node: str = "data", of: str = "") -> Visit:
    """The institution's visit that mdtrt_id means; `of`: the psn_no that was sent with it.

    Raises Refusal naming the field.
    """
    area = asked.institution.division.county_code
    visit = VISIT.first(institution=asked.institution.pk, visit=_key(number, f"{area}JZ"))
    if visit is None:
        raise Refusal("本机构没有这个就诊 ID，请核对", at=(node, "mdtrt_id"))
    visit.institution = asked.institution
    if of and of != psn_no(visit.person):
        raise Refusal("就诊 ID 与人员编号不是同一人，请核对", at=(node, "psn_no"))
    return visit


def settlement_of(asked: Asked, number: str, *, of: Visit | None = None) -> Settlement:
    """The institution's settlement that setl_id means. Raises Refusal naming the field."""
    rows = Settlement.objects.visible_to(asked.actor).filter(number=number)
    if of is not None:
        rows = rows.filter(visit=of)
    found = rows.select_related("visit__person__household__division", "visit__division").first()
    if found is None:
        raise Refusal("本机构没有这个结算 ID，请核对", at=("data", "setl_id"))
    return found
