"""Writes about what is registered of an institution."""

import logging
from datetime import date

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, change
from desk.decisions import Asked
from institutions.models import LEVELS, Institution
from institutions.registry.columns import JUDGED_BY, OWN, kept, text_of, told, value_of
from institutions.registry.models import RegistryChange
from institutions.registry.workflow import CHANGES
from institutions.under_measures import level_problem

logger = logging.getLogger("hezuo.registry")

APPLIED = "institutions.apply_registry_change"


@all_or_nothing()
def propose_change(
    *,
    actor: User,
    institution: Institution,
    column: str,
    becomes: str,
    first_day: date,
    evidence: str,
    reason: str,
    on: date,
) -> RegistryChange:
    """Put forward what becomes of one thing from a day on. Raises Refusal at the input."""
    rows = Institution.objects.visible_to(actor)
    held = rows.select_related("division").filter(pk=institution.pk).first()
    if held is None:
        raise Refusal("本县没有登记这家机构，请核对")
    text = kept(column, becomes)
    _refuse_unknown_level(held, column, text, first_day)
    was = _last(held, column)
    _check_day(held, column, first_day, on)
    if text == was:
        raise Refusal(f"已是“{told(column, was)}”，不需要变更", at=("becomes",))
    return CHANGES.propose(
        Asked(actor, on, evidence, reason, paper="证明材料"),
        institution=held,
        column=column,
        was=was,
        becomes=text,
        first_day=first_day,
    )


def _refuse_unknown_level(
    institution: Institution, column: str, text: str, first_day: date
) -> None:
    if column not in LEVELS or text == OWN:
        return
    area = institution.division.county_code
    if problem := level_problem(area, column, text, first_day):
        raise Refusal(problem, at=("becomes",))


def _last(institution: Institution, column: str) -> str:
    """What the column says behind all that was decided."""
    rows = institution.changes.decided().filter(column=column)
    last = rows.order_by("-first_day", "-pk").values_list("becomes", flat=True).first()
    return last if last is not None else text_of(column, institution)


def _check_day(institution: Institution, column: str, first_day: date, on: date) -> None:
    """Behind what was decided before, and, where visits are judged by it, not in the past."""
    if column in JUDGED_BY and first_day < on:
        raise Refusal(f"起始日期不能早于今天（{on}），已经办理的结算不受影响", at=("first_day",))
    rows = institution.changes.decided().filter(column=column, first_day__gte=first_day)
    if later := rows.order_by("-first_day").first():
        raise Refusal(f"已有自 {later.first_day} 起的变更，起始日期应在其后", at=("first_day",))


@all_or_nothing()
def decide_change(
    *, actor: User, row: RegistryChange, event: str, on: date, reason: str = ""
) -> RegistryChange:
    """Agree, refuse or take back. What holds already is written to the institution at once."""
    row = CHANGES.lock(row.pk)
    if event == "approve_registry_change" and row.column in JUDGED_BY and row.first_day < on:
        raise Refusal(f"起始日期 {row.first_day} 已过，请撤回后按新的日期重新提出")
    if event == "approve_registry_change":  # measures may have been adopted since
        _refuse_unknown_level(row.institution, row.column, row.becomes, row.first_day)
    done = CHANGES.decided(row, event, actor=actor, on=on, reason=reason)
    if event == "approve_registry_change" and row.first_day <= on:
        apply(row, actor=actor, on=on)
    return done


@all_or_nothing()
def apply(row: RegistryChange, *, actor: User | None, on: date) -> None:
    """Let the institution's column say what has come to hold."""
    RegistryChange.objects.filter(pk=row.pk).update(applied_on=on)
    with change(Institution.objects.all(), row.institution_id, actor=actor, action=APPLIED) as held:
        setattr(held, row.column, value_of(row.column, row.becomes))


def apply_due(on: date | None = None) -> int:
    """What has come to hold since yesterday; every day (settings.DAILY). What visits are judged by
    does not wait for it (`Institution.objects.as_of`). One that goes wrong is logged and holds no
    other up; it is due again tomorrow."""
    day = on or today()
    due = RegistryChange.objects.decided().filter(first_day__lte=day, applied_on=None)
    rows = list(due.select_related("decided_by").order_by("first_day", "pk"))
    done = 0
    for row in rows:
        try:
            apply(row, actor=row.decided_by, on=day)
            done += 1
        except Exception:
            logger.exception("registry change %s went wrong", row.pk)
    return done
