"""What is served: for each kind its rows, by what it is found and searched, and how it is said."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.roles import INSTITUTION_ROLES
from claims.models import BillLine, Settlement, Visit
from enrollment.models import Enrollment, Person
from gateway.fhir import claims, covers, names, people, places
from gateway.fhir.outcomes import wrong
from gateway.fhir.parts import Json
from gateway.fhir.searching import (
    NOTHING,
    Parameter,
    days,
    reference,
    token,
    words,
)
from institutions.models import Institution

_NUMBER = re.compile(r"(?P<county>[0-9]{6})(?P<letters>[A-Z]{0,2})(?P<key>[0-9]{20})")
_ACTIVE: Mapping[str, str] = {"True": "true", "False": "false"}


@dataclass(frozen=True)
class Kind:
    """One type of resource.

    `rows`: what a user sees, with everything that `said` reads, in a number of statements that does
    not grow with the rows. `by_id`: an id → the condition for its row.
    """

    name: str
    told: str
    rows: Callable[[User], QuerySet[Any]]
    by_id: Callable[[str], Q]
    said: Callable[[Any], Json]
    parameters: Mapping[str, Parameter]


def _keyed(county_path: str, letters: str, text: str, path: str = "") -> Q:
    """The row that a number of the portal's means (`gateway.identifiers`), in its county."""
    found = _NUMBER.fullmatch(text)
    if found is None or found["letters"] != letters or int(found["key"]) >= 2**63:
        return NOTHING
    county = {f"{path}{county_path}__startswith": found["county"]}
    return Q(**{f"{path}pk": int(found["key"])}, **county)


def _person(text: str, path: str = "") -> Q:
    return _keyed("household__division__code", "", text, path)


def _cover(text: str, path: str = "") -> Q:
    return _keyed("division__code", "CB", text, path)


def _visit(text: str) -> Q:
    return _keyed("division__code", "JZ", text, "visit__")


def _settlement(text: str) -> Q:
    return Q(number=text)


def _institution(text: str, path: str = "") -> Q:
    return Q(**{f"{path}code": text})


def _seen(user: User, column: str) -> Exists:
    """Of what an institution sees of people and covers: those whom it has treated."""
    treated = Visit.objects.visible_to(user).filter(**{column: OuterRef("pk")})
    return Exists(treated.order_by())


def people_of(user: User) -> QuerySet[Person]:
    """Whose register the user keeps, or whom the institution has treated."""
    rows = Person.objects.select_related("household__division", "same_as__household__division")
    if user.role in INSTITUTION_ROLES:
        return rows.filter(_seen(user, "person"))
    return rows.visible_to(user)


def covers_of(user: User) -> QuerySet[Enrollment]:
    """Of these people; an institution those by which it was paid."""
    rows = Enrollment.objects.select_related(
        "division", "person__household__division"
    ).prefetch_related("pack")
    if user.role in INSTITUTION_ROLES:
        return rows.filter(_seen(user, "enrollment"))
    return rows.visible_to(user)


def institutions_of(user: User) -> QuerySet[Institution]:
    """Within the user's scope; an institution itself."""
    return Institution.objects.visible_to(user).select_related("division")


def settlements_of(user: User) -> QuerySet[Settlement]:
    """With visit, person, bill, layers, steps and measures."""
    lines = BillLine.objects.filter(is_live=True).exclude(part=None).order_by("line_number")
    return (
        Settlement.objects.visible_to(user)
        .select_related(
            "division",
            "visit__division",
            "visit__institution",
            "visit__person__household__division",
        )
        .prefetch_related("pack", "funds", "steps", Prefetch("visit__lines", lines))
    )


def _by_name(*parameters: Parameter) -> dict[str, Parameter]:
    return {one.name: one for one in parameters}


def _id(find: Callable[[str], Q]) -> Parameter:
    return token("_id", "资源号", (), find)


def _no_resident_id(text: str) -> Q:
    raise wrong("identifier：证件号码不能写在地址里，请用【1101】获取人员编号后查询", "identifier")


def _person_identifier() -> Parameter:
    """The person's number here; a resident id would stand in an address and in logs on the way."""
    plain = token("identifier", "人员编号", (names.system("psn-no"),), _person)

    def find(text: str) -> Q:
        if text.startswith(f"{names.system(people.RESIDENT_ID)}|"):
            return _no_resident_id(text)
        return plain.find(text)

    return Parameter("identifier", "token", plain.told, find)


def _settlement_identifier() -> Parameter:
    """setl_id, or mdtrt_id with its system."""
    numbers = (names.system("setl-id"), names.system("mdtrt-id"))

    def find(text: str) -> Q:
        value = text.rpartition("|")[2]
        return _visit(value) if text.startswith(numbers[1]) else _settlement(value)

    plain = token("identifier", "结算 ID 或就诊 ID", numbers, lambda value: Q())

    def of(text: str) -> Q:
        return NOTHING if plain.find(text) == NOTHING else find(text)

    return Parameter("identifier", "token", plain.told, of)


def _of_settlements() -> tuple[Parameter, ...]:
    return (
        _id(_settlement),
        _settlement_identifier(),
        reference("patient", "参保人", "Patient", lambda text: _person(text, "visit__person__")),
        days("created", "结算日期", "settled_on"),
        words("status", "状态", "status", claims.STATUSES),
    )


def _provider() -> Parameter:
    told = "就诊机构"
    return reference(
        "provider", told, places.KIND, lambda text: _institution(text, "visit__institution__")
    )


def _insured(name: str) -> Parameter:
    return reference(name, "参保人", people.KIND, lambda text: _person(text, "person__"))


def _cover_of_settlement(text: str) -> Q:
    return _cover(text, "visit__enrollment__")


def _outcome() -> Parameter:
    return words("outcome", "处理结果", "status", claims.OUTCOMES)


def kinds() -> dict[str, Kind]:
    """Every kind by its name; made when asked for, since addresses are the setting's."""
    found = (
        Kind(
            people.KIND, "参保人", people_of, _person, people.patient,
            _by_name(_id(_person), _person_identifier()),
        ),
        Kind(
            covers.KIND, "参保", covers_of, _cover, covers.coverage,
            _by_name(
                _id(_cover),
                token("identifier", "参保号", (names.system("coverage"),), _cover),
                _insured("patient"),
                _insured("beneficiary"),
                words("status", "状态", "status", covers.STATUSES),
            ),
        ),
        Kind(
            places.KIND, "定点机构", institutions_of, _institution, places.organization,
            _by_name(
                _id(_institution),
                token("identifier", "机构编号", (names.system("fixmedins-code"),), _institution),
                words("active", "执业中", "is_active", _ACTIVE),
            ),
        ),
        Kind(
            claims.CLAIM, "报销申请", settlements_of, _settlement, claims.claim,
            _by_name(*_of_settlements(), _provider()),
        ),
        Kind(
            claims.RESPONSE, "审核结果", settlements_of, _settlement, claims.claim_response,
            _by_name(
                *_of_settlements(),
                _outcome(),
                days("payment-date", "支付日期", "paid_on"),
                reference("request", "报销申请", claims.CLAIM, _settlement),
            ),
        ),
        Kind(
            claims.BENEFIT, "待遇说明", settlements_of, _settlement, claims.explanation_of_benefit,
            _by_name(
                *_of_settlements(),
                _provider(),
                reference("claim", "报销申请", claims.CLAIM, _settlement),
                reference("coverage", "参保", covers.KIND, _cover_of_settlement),
            ),
        ),
    )  # fmt: skip
    return {one.name: one for one in found}
