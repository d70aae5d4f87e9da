"""One test over every workflow: the table is whole, and neither services nor SQL go around it.

Each room's own stories walk the steps; here the tables answer for themselves. A workflow that is
added is in these tests without being named, through `WORKFLOWS`.
"""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import CheckConstraint, F, Q

import config.urls  # noqa: F401 - loads every room and with it every workflow
from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import PERMISSIONS
from accounts.trail_names import ACTION_NAMES
from desk.reasons import MIN_REASON
from desk.workflow import PORTAL, START, STAY, WORKFLOWS, Hand, Step, Workflow
from institutions.models import Institution
from tests.conftest import everybody

PAIR = re.compile(r"[a-z_]+>[a-z_]+")
EACH = pytest.mark.parametrize("flow", WORKFLOWS, ids=lambda flow: flow.model._meta.label)
STEPS = [(flow, step) for flow in WORKFLOWS for step in flow.steps]
EACH_STEP = pytest.mark.parametrize(
    ("flow", "step"), STEPS, ids=[f"{flow.room}.{step.event}" for flow, step in STEPS]
)


# Who may and whose hand it was is asked of the tables in Python: nobody of these is saved. To save
# them for each step of each workflow took nine tenths of the time.
COUNTY, TOWN, VILLAGE = (
    Division(pk=at, code=code) for at, code in enumerate(("500225", "500225101", "500225101201"), 1)
)
CAST = everybody(COUNTY, COUNTY, TOWN, TOWN, VILLAGE, Institution(code="H50022500001"))


def may_do(step: Step) -> User:
    """Somebody of the cast who has the permission."""
    found: User = next(user for user in vars(CAST).values() if user.may(step.permission))
    return found


def row_at(flow: Workflow[Any], step: Step, **columns: Any) -> Any:
    """An unsaved row that stands where the step begins."""
    return flow.model(status=step.sources[0] or step.target, **columns)


@EACH
def test_every_status_occurs(flow: Workflow[Any]) -> None:
    statuses = set(flow.model.Status.values)
    begun = {flow.model._meta.get_field("status").default}
    reached = {step.target for step in flow.steps} - {STAY}
    assert begun | reached == statuses - set(flow.unused)
    assert {source for step in flow.steps for source in step.sources} <= {START, *statuses}
    assert all(hasattr(status, "tone") for status in flow.model.Status)
    assert len(flow.by_event) == len(flow.steps)


@EACH_STEP
def test_what_a_step_names_is_there(flow: Workflow[Any], step: Step) -> None:
    if step.permission != PORTAL and step.permission not in PERMISSIONS:
        pytest.fail(f"say in accounts/roles.py who may {step.permission}")
    # A worker's step is named where it leaves a line.
    if step.permission != PORTAL and f"{flow.room}.{step.event}" not in ACTION_NAMES:
        pytest.fail(f"name {flow.room}.{step.event} in accounts/trail_names.py (ACTION_NAMES)")
    columns = {field.name for field in flow.model._meta.concrete_fields}
    assert {*flow.hands, *step.stamps} <= columns
    assert not step.stamps or step.stamps[0] in flow.hands
    assert step.reason == 0 or step.reason >= MIN_REASON
    assert step.hand is Hand.ANY or flow.hands
    named = getattr(flow.model, "AUDITED", None)
    assert named is None or "status" in named


def pairs_in_the_database(table: str) -> set[str]:
    """Every from>to in the triggers of the table: their arguments and their functions' text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(t.tgargs, 'escape') || p.prosrc FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal AND t.tgenabled = 'O'"
            " AND p.prosrc LIKE '%%cannot go from%%'",
            [table],
        )
        return {pair for (text,) in cursor.fetchall() for pair in PAIR.findall(text)}


@EACH
@pytest.mark.django_db
def test_the_database_knows_the_same_pairs(flow: Workflow[Any]) -> None:
    """Mend it by a migration: `only_moves(table, pairs, was=…)` with the pairs told here."""
    assert pairs_in_the_database(flow.model._meta.db_table) == set(flow.pairs())


# The other triggers that look at the status before an update, with the statuses that each of them
# makes final: a pair in `only_moves` is of no use where an older guard lets no row leave.
FINAL_IN = {
    "supervision_reward_frozen": set[str](),  # but for how it was decided
    "institutions_eligibility_frozen": set[str](),  # but for how it was decided
    "claims_settlement_hands": set[str](),  # it counts approvals, and makes no status final
    "claims_recovery_frozen": set[str](),  # its arguments name status as free to change
    "supervision_casepause_frozen": set[str](),  # its arguments name status as free to change
    "claims_supplement_stays": set[str](),  # amount and payee, once approved
    "claims_reviewrule_frozen": set[str](),  # its arguments name status as free to change
    "claims_oldclaim_rows_stay": set[str](),  # its arguments name status as free to change
    "claims_paymentmethod_frozen": set[str](),  # its arguments name status as free to change
    "claims_aidapplication_stays": set[str](),  # amount and payee, once approved
    "claims_visit_rows_stay": {"void"},  # what is known of a visit changes until it is settled
    "enrollment_bankstatement_final": {"done"},
    "enrollment_book_is_final": {"checked_off"},
    "enrollment_cover_moves": set[str](),  # a second cover of one person may hold again
    "enrollment_cover_person": set[str](),  # it keeps whose cover it is
    "enrollment_dayclose_rows_stay": set[str](),  # its arguments name status as free to change
    "enrollment_cover_stays": set[str](),  # it keeps columns, and lets the status go
    "enrollment_taxfile_final": {"done"},
    "claims_secondpayment_frozen": set[str](),  # its arguments name status as free to change
    "claims_settlement_payee_stays": set[str](),  # whom it pays, and what goes with a review
    "claims_settlement_set_once": set[str](),  # who did it and when, until it is void
    "gateway_interfacerule_rows_stay": set[str](),  # its arguments name status as free to change
    "institutions_pointappeal_rows_stay": set[str](),  # its arguments name status as free to change
    "institutions_pointrecord_rows_stay": set[str](),  # its arguments name status as free to change
    "supervision_formadoption_rows_stay": set[str](),  # its arguments name status as free to change
    "institutions_pointterms_rows_stay": set[str](),  # its arguments name status as free to change
    "institutions_codemapping_rows_stay": set[str](),  # its arguments name status as free to change
    "institutions_registrychange_rows_stay": set[str](),  # its arguments name status as free
    "institutions_bankaccount_rows_stay": set[str](),  # its arguments name status as free
    "institutions_practiceplace_rows_stay": set[str](),  # its arguments name status as free
    "institutions_trustbands_rows_stay": set[str](),  # its arguments name status as free
    "institutions_trustgrade_rows_stay": set[str](),  # its arguments name status as free
    "institutions_signing_rows_stay": set[str](),  # its arguments name status as free to change
    "institutions_agreementstep_rows_stay": set[str](),  # its arguments name status as free
    "institutions_agreement_signed": set[str](),  # a signed one has no steps of its own
    "funds_paymentbatch_stays": {"released", "discarded"},
    "funds_paymentorder_stays": set[str](),  # which columns a move may write
    "funds_chart_is_decided": set[str](),  # whose status it reads is the decision's
    "funds_period_moves_on": {"closed"},
    "supervision_sample_rows_stay": set[str](),  # its arguments name status as free to change
    "supervision_samplingrate_rows_stay": set[str](),  # its arguments name status as free to change
    "supervision_alert_final": {"confirmed", "dismissed"},
    "supervision_ruleversion_was_tried": set[str](),  # a trial of it came to its end
    "supervision_ruleversion_rows_stay": set[str](),  # its arguments name status as free to change
    "supervision_librarychange_rows_stay": set[str](),  # names status as free to change
    "supervision_checklist_frozen": set[str](),  # its arguments name status as free to change
    "supervision_order_set_once": set[str](),  # what it says and who did it
    "supervision_visitdenial_frozen": set[str](),  # its arguments name status as free to change
}


@EACH
@pytest.mark.django_db
def test_no_older_guard_refuses_a_step(flow: Workflow[Any]) -> None:
    """Another trigger that speaks of the status wants its line in FINAL_IN, read from its text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal"
            " AND t.tgtype & 18 = 18"  # before (2) an update (16)
            " AND pg_get_triggerdef(t.oid) || p.prosrc LIKE '%%status%%'"
            " AND p.prosrc NOT LIKE '%%cannot go from%%'",
            [flow.model._meta.db_table],
        )
        guards = {name for (name,) in cursor.fetchall()}
    assert guards <= set(FINAL_IN)
    final = {status for guard in guards for status in FINAL_IN[guard]}
    assert final <= set(flow.model.Status.values)
    assert not {pair for pair in flow.pairs() if pair.partition(">")[0] in final}


@EACH
@pytest.mark.django_db
def test_the_database_keeps_the_hands_apart(flow: Workflow[Any]) -> None:
    """For each pair of hands that must differ some CHECK refuses the same person in both."""
    checks = [c for c in flow.model._meta.constraints if isinstance(c, CheckConstraint)]
    for stamp, earlier in flow.alike():
        people: dict[str, Any] = {hand: place for place, hand in enumerate(flow.hands, start=1)}
        people[stamp] = people[earlier]
        known = people | {"release_reason": "x"}
        about = [c for c in checks if _columns(c.condition) <= set(known)]
        assert not all(c.condition.check(known) for c in about), (stamp, earlier)


def _columns(condition: Any) -> set[str]:
    if isinstance(condition, Q):
        return {name for child in condition.children for name in _columns(child)}
    if isinstance(condition, F):
        return {condition.name}
    if isinstance(condition, tuple):
        return {condition[0].partition("__")[0], *_columns(condition[1])}
    return set()


@EACH_STEP
def test_each_step_only_from_its_status(flow: Workflow[Any], step: Step) -> None:
    if START in step.sources or step.permission == PORTAL:
        return
    for status in set(flow.model.Status.values) - set(step.sources):
        row = flow.model(status=status)
        assert "不能办理" in flow.problem(row, step.event, may_do(step))


@EACH_STEP
def test_a_page_says_the_step_by_its_own_title(flow: Workflow[Any], step: Step) -> None:
    """Where several steps end in one status (撤回, 退回), the status told the wrong one."""
    told = flow.told(row_at(flow, step), step.event)
    assert f"“{step.title}”" in told
    assert not [
        other.title
        for other in flow.steps
        if f"“{other.title}”" in told and other.title != step.title
    ]


@EACH_STEP
def test_permissions_are_asked_first(flow: Workflow[Any], step: Step) -> None:
    for user in vars(CAST).values():
        if step.permission == PORTAL or not user.may(step.permission):
            wrong = flow.problem(row_at(flow, step), step.event, user)
            assert wrong == f"您的角色不能办理“{step.title}”"


FIRST = [(flow, step) for flow, step in STEPS if START in step.sources and step.permission]


@pytest.mark.parametrize(
    ("flow", "step"), FIRST, ids=[f"{flow.room}.{step.event}" for flow, step in FIRST]
)
@pytest.mark.django_db
def test_a_row_is_begun_by_who_may(flow: Workflow[Any], step: Step, cast: SimpleNamespace) -> None:
    stranger = next(user for user in vars(cast).values() if not user.may(step.permission))
    with pytest.raises(Refusal, match="您的角色不能办理"):
        flow.create(step.event, actor=stranger)
    assert not flow.model._default_manager.exists()


@EACH_STEP
def test_the_wrong_hand_is_refused(flow: Workflow[Any], step: Step) -> None:
    """Also after a change of duty: a hand counts by the person, not by the role."""
    if step.permission == PORTAL:
        return
    actor = may_do(step)
    if step.hand is Hand.OWN:
        row = row_at(flow, step, **{flow.hands[0]: CAST.auditor})
        assert "本人才能办理" in flow.problem(row, step.event, actor)
    elif step.hand is Hand.OTHER:
        for earlier in [hand for hand in flow.hands if hand not in step.stamps]:
            row = row_at(flow, step, **{earlier: actor})
            assert "必须由不同的人办理" in flow.problem(row, step.event, actor)


@EACH_STEP
def test_too_short_a_reason_is_refused(flow: Workflow[Any], step: Step) -> None:
    if not step.reason or step.permission == PORTAL:
        return
    actor = may_do(step)
    owner = {flow.hands[0]: actor} if step.hand is Hand.OWN else {}
    row = row_at(flow, step, **owner)
    for said in ("", "   ", "短" * (step.reason - 1)):
        with pytest.raises(Refusal, match="请写明") as refused:
            flow.check(row, step.event, actor, said)
        assert refused.value.at == ("reason",)
    assert flow.check(row, step.event, actor, f" {'足' * step.reason} ") == "足" * step.reason


def test_a_persons_step_is_never_the_portals() -> None:
    for flow, step in STEPS:
        if step.permission != PORTAL:
            with pytest.raises(ValueError, match="somebody's step"):
                flow.check(row_at(flow, step), step.event, None)


@EACH
@pytest.mark.django_db
def test_a_step_leaves_its_line(
    flow: Workflow[Any], cast: SimpleNamespace, town_a: Division
) -> None:
    """Called after the step, in the place of the row; what it was before and is now."""
    step = next(s for s in flow.steps if START not in s.sources)
    row = row_at(flow, step, pk=7)
    *way, last, _ = type(row)._default_manager.all().division_path.split("__")
    holder = row
    for name in way:
        setattr(holder, name, holder._meta.get_field(name).related_model())
        holder = getattr(holder, name)
    setattr(holder, last, town_a)
    flow.note(row, step.event, actor=cast.auditor, before={"status": "x"}, reason="核对")
    line = AuditLine.objects.get(action=f"{flow.room}.{step.event}")
    assert (line.subject_id, line.user, line.reason) == ("7", cast.auditor, "核对")
    assert line.division_code == town_a.code
    assert line.before == {"status": "x"}
    assert line.after is not None and line.after["status"] == row.status
