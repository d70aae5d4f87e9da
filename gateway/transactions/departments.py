"""Departments of an institution: 3401 and 3401A send, 3402 changes, 3403 withdraws."""

from datetime import date, datetime

from django.utils import timezone

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.places import told_at
from institutions.departments import (
    DepartmentFacts,
    add_departments,
    change_department,
    withdraw_department,
)

FIELDS = {
    "code": "hosp_dept_codg",
    "name": "hosp_dept_name",
    "caty": "caty",
    "starts_at": "begntime",
    "ends_at": "endtime",
    "intro": "itro",
    "head": "dept_resper_name",
    "head_phone": "dept_resper_tel",
    "scope": "dept_med_serv_scp",
    "founded_on": "dept_estbdat",
    "beds": "aprv_bed_cnt",
    "insured_beds": "hi_crtf_bed_cnt",
    "doctors": "dr_psncnt",
    "pharmacists": "phar_psncnt",
    "nurses": "nurs_psncnt",
    "technicians": "tecn_psncnt",
    "note": "memo",
}
COUNTS = ("beds", "insured_beds", "doctors", "pharmacists", "nurses", "technicians")


def send_departments(asked: Asked) -> Answer:
    """3401, 3401A."""
    many = asked.infno.endswith("A")
    rows = asked.rows("deptinfo")
    if not many and len(rows) > 1:
        raise Refusal("【3401】一次上传一个科室，批量请用【3401A】", at=("deptinfo",))
    sent = [_facts(asked, row, (at,) if many else ()) for at, row in enumerate(rows)]
    with told_at("deptinfo", FIELDS):
        add_departments(actor=asked.actor, sent=sent)
    return {}


def change(asked: Asked) -> Answer:
    """3402."""
    with told_at("deptinfo", FIELDS):
        change_department(actor=asked.actor, sent=_facts(asked, asked.row("deptinfo"), ()))
    return {}


def withdraw(asked: Asked) -> Answer:
    """3403."""
    row = asked.row()
    with told_at("data", FIELDS):
        withdraw_department(
            actor=asked.actor, code=row["hosp_dept_codg"], name=row["hosp_dept_name"]
        )
    return {}


def _facts(asked: Asked, row: Row, place: tuple[int, ...]) -> DepartmentFacts:
    area = asked.institution.division.county_code
    if row["poolarea_no"] != area:
        raise Refusal(
            f"本机构属统筹区 {area}，请核对统筹区编号", at=("deptinfo", *place, "poolarea_no")
        )
    given = {name: row[field] for name, field in FIELDS.items() if row.get(field) not in (None, "")}
    for name in COUNTS:
        if name in given:
            given[name] = _count(given[name], ("deptinfo", *place, FIELDS[name]))
    for name in ("starts_at", "ends_at"):
        if name in given:
            given[name] = _moment(given[name])
    if isinstance(given.get("founded_on"), datetime):
        given["founded_on"] = given["founded_on"].date()
    return DepartmentFacts(**given)


def _count(value: object, at: tuple[str | int, ...]) -> int:
    number = int(value)  # type: ignore[call-overload]
    if number != value or not 0 <= number < 10**9:
        raise Refusal("应为不小于 0 的整数", at=at)
    return int(number)


def _moment(value: date) -> datetime:
    """With the county's clock, where the message gives none."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return value if timezone.is_aware(value) else timezone.make_aware(value)


TRANSACTIONS: dict[str, Transaction] = {
    "3401": Transaction(send_departments, writes=True),
    "3401A": Transaction(send_departments, writes=True),
    "3402": Transaction(change, writes=True),
    "3403": Transaction(withdraw, writes=True),
}
