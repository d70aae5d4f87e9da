"""Serving the notice of a suspicion (送达): from that day the institution's term to answer runs."""

from datetime import date

from django.utils import timezone

from accounts.models import User
from desk.changes import all_or_nothing
from desk.workdays import calendar
from supervision.cases.delivering import Served, deliver, deliver_online
from supervision.cases.delivery_models import Delivery
from supervision.reviewing.models import AlertReview
from supervision.reviewing.services import has_account, refuse_unfit
from supervision.reviewing.workflow import REVIEWS
from supervision.thresholds.reading import in_force

# A service that was entered late leaves at least as many working days: the day of service is the
# word of the office alone, and a term that was over when it was entered is no term. Ours.
LEAST_WORKDAYS = 5


def appeal_days(review: AlertReview, on: date) -> int:
    """Working days to answer, as the county's rules said when the institution was told."""
    told_on = timezone.localdate(review.second_at) if review.second_at else on
    # The step is stamped by the clock; a rehearsal's day may lie before it.
    return in_force(review.alert.division.county_code, min(told_on, on)).days.appeal_days


def delivery_of(review: AlertReview) -> Delivery | None:
    """How it was served; None before, and of what was told before service was noted."""
    found: Delivery | None = review.deliveries.select_related("entered_by").first()
    return found


@all_or_nothing()
def serve_review(*, actor: User, row: AlertReview, served: Served, on: date) -> AlertReview:
    """The printed notice has reached the institution. Raises Refusal at the input."""
    review = REVIEWS.lock(row.pk)
    refuse_unfit(review, "serve_review", on)
    REVIEWS.check(review, "serve_review", actor)
    document = Delivery.Document.ALERT
    done = deliver(actor=actor, about=review, document=document, served=served, on=on)
    return _begin_term(review, "serve_review", actor, done, on)


@all_or_nothing()
def open_notice(*, actor: User, row: AlertReview, event: str, on: date, reason: str) -> AlertReview:
    """The institution opens the notice in the portal. Raises Refusal."""
    review = REVIEWS.lock(row.pk)
    refuse_unfit(review, event, on)
    REVIEWS.check(review, event, actor)
    return _begin_term(review, event, actor, deliver_online(actor=actor, review=review, on=on), on)


def _begin_term(
    review: AlertReview, event: str, actor: User, done: Delivery, on: date
) -> AlertReview:
    day, days = done.served_on, appeal_days(review, on)
    # Who has an account learns of it in the portal, on the day on which it is entered.
    least = days if has_account(review) else min(days, LEAST_WORKDAYS)
    until = max(calendar(day).after(day, days), calendar(on).after(on, least))
    return REVIEWS.take(review, event, actor=actor, due_on=until)
