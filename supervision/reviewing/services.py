"""The steps of a review. Its end concludes the alert, and with it holds or frees the payment."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import PERMISSIONS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.workdays import calendar
from lib.resident_id import masked_in, people_masked
from supervision.grouping import event_of, seen_of
from supervision.models import Alert
from supervision.reviewing.models import AlertReview
from supervision.reviewing.workflow import APPEAL, REVIEWS
from supervision.services import handle_alert
from supervision.thresholds.reading import in_force
from supervision.workflow import ALERTS

S, Proposed = AlertReview.Status, AlertReview.Proposed
# Which of the county's terms the step has that begins with a status (supervision/thresholds); that
# of the institution begins with the service of its notice (serving.py).
TERMS: dict[str, str] = {
    S.FIRST: "second_days",
    S.APPEALED: "verify_days",
    S.VERIFIED: "decide_days",
}
UNSERVED = "告知书还没有送达，申诉期限还没有起算：请先登记送达，或由机构在系统中签收"
SIGN_FIRST = "请先签收告知书，再申诉"
MORE_FOUND = "您打开这一页之后，这组疑点又有新的发现，或分出了一项：请看过现在的内容再办"


def _due(status: str, alert: Alert, on: date) -> date | None:
    if status not in TERMS:
        return None
    days = in_force(alert.division.county_code, on).days
    return calendar(on).after(on, getattr(days, TERMS[status]))


@all_or_nothing()
def review_alert(
    *, actor: User, alert: Alert, event: str, reason: str, on: date, seen: str | None = None
) -> AlertReview:
    """The first opinion on an open alert and all that is of its event: confirmed or dismissed, and
    why. `seen`: which findings the page showed. Raises Refusal."""
    head = Alert.objects.values_list("lead", flat=True).get(pk=alert.pk) or alert.pk
    row = ALERTS.lock(head)
    if row.lead_id is not None or seen not in {None, seen_of(event_of(row))}:
        raise Refusal(MORE_FOUND)
    if event not in Proposed.values:
        raise Refusal("请选择属实或排除", "event")
    reason = ALERTS.check(row, event, actor, reason)
    if row.reviews.exclude(status__in=AlertReview.OVER).exists():
        raise Refusal("这条疑点已经初审，请等待复审")
    return REVIEWS.create(
        "review_alert",
        actor=actor,
        alert=row,
        proposed=event,
        opinion=masked_in(reason)[:300],
        first_by=actor,
        due_on=_due(S.FIRST, row, on),
    )


def unfit(row: AlertReview, event: str, on: date) -> str:
    """Why this step is not taken of the review that day, whoever asks; "" when it may be.

    Of the two ways of the second hand one is open: where an institution would have to bear it, the
    institution is told before. It is heard until its term is over, and verified afterwards.
    """
    if event in {"agree_review", "tell_institution"}:
        visit = row.alert.settlement.visit
        must_tell = row.proposed == Proposed.CONFIRM and visit.institution_id is not None
        if must_tell != (event == "tell_institution"):
            return "定点机构的疑点拟认定属实的，须先告知机构申诉；其他的复审同意即可"
    if row.status == S.TOLD and (wrong := _problem_of_service(row, event)):
        return wrong
    if event == "verify_alert" and row.status == S.TOLD and on <= (row.due_on or on):
        return f"机构可以在 {row.due_on} 以前申诉，期满没有申诉的再核实"
    if event == "enter_appeal":
        return _problem_of_entering(row, on)
    if event == "appeal_alert" and row.due_on and on > row.due_on:
        return f"申诉期限 {row.due_on} 已过，请与县医疗保障部门联系"
    return ""


def _problem_of_service(row: AlertReview, event: str) -> str:
    """Why the step does not come before the service of the notice, or after it; "" when it may."""
    if event in {"serve_review", "open_notice"}:
        if row.waits_for_service:
            return ""
        if is_told_of_old(row):
            told_on = timezone.localdate(row.second_at)
            return f"告知书 {told_on} 已按原来的办法告知，申诉期限 {row.due_on}，不再登记送达、签收"
        return "告知书已经送达，请刷新后再看"
    if not row.waits_for_service:
        return ""
    answers = {"appeal_alert": SIGN_FIRST, "verify_alert": UNSERVED, "enter_appeal": UNSERVED}
    return answers.get(event, "")


def is_told_of_old(row: AlertReview) -> bool:
    """Told before service was noted: its term runs from the telling, and it is not served anew."""
    return row.status == S.TOLD and row.due_on is not None and not row.deliveries.exists()


def fitting(row: AlertReview, on: date) -> set[str]:
    """The steps that `unfit` has nothing against."""
    return {step.event for step in REVIEWS.steps if not unfit(row, step.event, on)}


def refuse_unfit(row: AlertReview, event: str, on: date) -> None:
    if problem := unfit(row, event, on):
        raise Refusal(problem)


@all_or_nothing()
def step_review(
    *, actor: User, row: AlertReview, event: str, on: date, reason: str = ""
) -> AlertReview:
    """A button of the review. Raises Refusal."""
    review = REVIEWS.lock(row.pk)
    refuse_unfit(review, event, on)
    # Also a late answer, which took no step.
    if event in JUDGES and review.party_words.filter(entered_by=actor).exists():
        raise Refusal("机构的答复是您代录的，请由其他人核对原件后核实、处理")
    if event in JUDGES and review.deliveries.filter(entered_by=actor).exists():
        raise Refusal("告知书的送达是您登记的，请由其他人核实、处理")
    columns = _columns(review, event, actor, reason, on)
    review = REVIEWS.take(review, event, actor=actor, reason=reason, **columns)
    if review.status == S.DONE:
        conclusion = review.proposed
        if event in ENDS:
            conclusion = ENDS[event]
        said = review.decision or review.opinion
        handle_alert(actor=actor, alert=review.alert, event=conclusion, reason=said)
    return review


JUDGES = {"verify_alert", "uphold_alert", "drop_alert"}
ENDS = {"uphold_alert": Proposed.CONFIRM.value, "drop_alert": Proposed.DISMISS.value}


def _columns(review: AlertReview, event: str, actor: User, reason: str, on: date) -> dict[str, Any]:
    """What the step writes beside the status."""
    written = REVIEWS.check(review, event, actor, reason)
    due = _due(REVIEWS.by_event[event].target, review.alert, on)
    column = {"tell_institution": "told", "verify_alert": "verified"}.get(event, "decision")
    said = {column: masked_in(written)[:300]} if written else {}
    return {"due_on": due, **said}


@all_or_nothing()
def appeal_alert(
    *, actor: User, row: AlertReview, appeal: str, evidence: str, on: date
) -> AlertReview:
    """The institution answers, with what it has to show. Raises Refusal at the input."""
    review = REVIEWS.lock(row.pk)
    refuse_unfit(review, "appeal_alert", on)
    words = given_reason(appeal, asks="申诉理由", least=4, most=500, at=("appeal",))
    shown = given_reason(evidence, asks="申诉材料", most=200, at=("evidence",))
    return REVIEWS.take(
        review,
        "appeal_alert",
        actor=actor,
        appeal=people_masked(words),
        evidence=people_masked(shown),
        due_on=_due(S.APPEALED, review.alert, on),
    )


def _problem_of_entering(review: AlertReview, on: date) -> str:
    """Why nobody may answer for the institution now, in Chinese; "" when somebody may. Within the
    term an institution with an account of its own says itself what it has to say: what was entered
    for it would end its term."""
    if review.status != S.TOLD or on > (review.due_on or on) or not has_account(review):
        return ""
    return (
        f"机构有自己的账号，{review.due_on} 以前由机构在系统中申诉，不能代录；"
        "账号没有人用的，请先停用账号，或期满后再登记"
    )


def has_account(review: AlertReview) -> bool:
    """Whether somebody of the institution can sign in and answer."""
    institution = review.alert.settlement.visit.institution
    if institution is None:
        return False
    own = User.objects.filter(
        institution_code=institution.code, is_active=True, role__in=PERMISSIONS[APPEAL]
    )
    return own.exists()


def enter_appeal(
    *, actor: User, row: AlertReview, appeal: str, evidence: str, on: date
) -> AlertReview:
    """What the institution of a locked review answered on paper, entered on its behalf: whoever
    entered it does not decide. The term is asked of the day on which the paper came
    (`supervision.words`). Raises Refusal."""
    refuse_unfit(row, "enter_appeal", on)
    return REVIEWS.take(
        row,
        "enter_appeal",
        actor=actor,
        appeal=appeal,
        evidence=evidence,
        due_on=_due(S.APPEALED, row.alert, on),
    )
