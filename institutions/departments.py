"""Departments of an institution, as its own system sends, changes and withdraws them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, change
from institutions.mapping import own_institution
from institutions.models import (
    Institution,
)
from institutions.sent_models import Department

# No norm: the largest hospitals have some two hundred departments.
MAX_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class DepartmentFacts:
    """What an institution says of a department. `caty`: of the national dictionary `dept`."""

    code: str
    name: str
    caty: str
    starts_at: datetime
    ends_at: datetime | None = None
    intro: str = ""
    head: str = ""
    head_phone: str = ""
    scope: str = ""
    founded_on: date | None = None
    beds: int = 0
    insured_beds: int = 0
    doctors: int = 0
    pharmacists: int = 0
    nurses: int = 0
    technicians: int = 0
    note: str = ""


@all_or_nothing()
def add_departments(*, actor: User, sent: Sequence[DepartmentFacts]) -> list[Department]:
    """Enter departments of the actor's institution, all or none. Raises Refusal at
    ("departments", place, field)."""
    institution = _own(actor)
    if len(sent) > MAX_AT_ONCE:
        raise Refusal(f"一次最多上传 {MAX_AT_ONCE} 个科室，请分次上传")
    codes = [one.code for one in sent]
    rows = Department.objects.filter(institution=institution, withdrawn_at=None)
    known = set(rows.filter(code__in=codes).values_list("code", flat=True))
    for place, one in enumerate(sent):
        if one.code in known or one.code in codes[:place]:
            raise Refusal(
                f"科室编码 {one.code} 已经登记，内容有变的请办理科室信息变更",
                at=("departments", place, "code"),
            )
        _check(one, ("departments", place))
    new = Department.objects.bulk_create(
        Department(institution=institution, sent_by=actor, **_columns(one)) for one in sent
    )
    for row in new:
        record(actor=actor, action="institutions.add_department", subject=row, after=audited(row))
    return new


@all_or_nothing()
def change_department(*, actor: User, sent: DepartmentFacts) -> Department:
    """What of a department is otherwise now; its code stays. Raises Refusal at ("field",)."""
    row = _standing(actor, sent.code)
    _check(sent, ())
    action = "institutions.change_department"
    with change(_rows(), row.pk, actor=actor, action=action) as row:
        for name, value in _columns(sent).items():
            setattr(row, name, value)
    return row


@all_or_nothing()
def withdraw_department(*, actor: User, code: str, name: str) -> Department:
    """A department that is no more; its row stays. Raises Refusal at ("field",)."""
    row = _standing(actor, code)
    if row.name != name:
        raise Refusal(f"科室 {code} 登记的名称是“{row.name}”，请核对", at=("name",))
    action = "institutions.withdraw_department"
    with change(_rows(), row.pk, actor=actor, action=action) as row:
        row.withdrawn_by, row.withdrawn_at = actor, timezone.now()
    return row


def _rows() -> QuerySet[Department]:
    return Department.objects.select_related("institution__division")


def _own(actor: User) -> Institution:
    if not actor.may("institutions.keep_departments"):
        raise Refusal("科室信息由定点机构上传")
    return own_institution(actor)


def _standing(actor: User, code: str) -> Department:
    institution = _own(actor)
    rows = Department.objects.filter(institution=institution, code=code, withdrawn_at=None)
    row = rows.first()
    if row is None:
        raise Refusal(f"没有登记科室编码 {code}，请核对或先上传", at=("code",))
    return row


def _check(one: DepartmentFacts, at: tuple[str | int, ...]) -> None:
    if one.ends_at is not None and one.ends_at < one.starts_at:
        raise Refusal("结束时间早于开始时间，请核对", at=(*at, "ends_at"))
    if one.insured_beds > one.beds:
        raise Refusal("医保认可床位数多于批准床位数，请核对", at=(*at, "insured_beds"))


def _columns(one: DepartmentFacts) -> dict[str, object]:
    return {each.name: getattr(one, each.name) for each in fields(one)}
