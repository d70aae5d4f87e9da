"""The notice of a suspicion on paper: what is asked of an institution, until when, and how it
answers, with the slip on which it does."""

from accounts.clock import today
from accounts.models import Division
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from lib.typed_text import without_stop
from supervision.cases.delivery_models import Delivery
from supervision.cases.papers import printed_number, receipt_of
from supervision.cases.parties import place_told
from supervision.grouping import event_of, stake_of
from supervision.reviewing.models import AlertReview
from supervision.reviewing.services import is_told_of_old
from supervision.reviewing.serving import appeal_days, delivery_of
from supervision.reviewing.views import one_review
from supervision.reviewing.workflow import SECOND
from supervision.words.contacts import where_to_answer

TOLD = AlertReview.Status.TOLD


def notice_facts(review: AlertReview) -> Facts:
    visit, place = review.alert.settlement.visit, review.alert.division
    bills = {one.settlement_id: one.settlement for one in event_of(review.alert)}
    institution, is_old = visit.institution, is_told_of_old(review)
    return {
        "area": _county(place),
        "party": visit.institution_name,
        "code": institution.code if institution else "",
        "told": without_stop(review.told),
        "bills": [one.number for one in bills.values()],
        "stake": yuan(stake_of(bills.values())),
        # It runs from service, which is after the print; what was told before service was noted
        # keeps the day that it was given.
        "days": 0 if is_old else appeal_days(review, today()),
        "until": day(review.due_on) if is_old else "",
        "told_on": day(review.second_at),
        "where": where_to_answer(place),
    }


def _county(place: Division) -> str:
    above = place
    while above.parent is not None:
        above = above.parent
    return above.name


ALERT_NOTICE = PaperKind(
    "supervision.alert_notice",
    "疑似违规费用告知书",
    "supervision/words/notice.html",
    SECOND,
    notice_facts,
    is_final=lambda review: review.status == TOLD,
    series="医保疑告",
)


def receipt_facts(review: AlertReview) -> Facts:
    """送达回证 of the notice."""
    visit, place = review.alert.settlement.visit, review.alert.division
    document = Delivery.Document.ALERT
    rows = [
        ("受送达人", visit.institution_name),
        ("地址", place_told(visit.institution.division) if visit.institution else ""),
        ("案由", f"结算单 {review.alert.settlement.number} 的费用疑似违规"),
        ("送达文书、文号", f"{document.label}　{printed_number(ALERT_NOTICE, review)}".strip()),
    ]
    return {"area": _county(place), "heading": "送达回证", **receipt_of(rows, delivery_of(review))}


ALERT_DELIVERY = PaperKind(
    "supervision.alert_delivery",
    "疑似违规费用告知书送达回证",
    "supervision/words/delivery.html",
    SECOND,
    receipt_facts,
    is_final=lambda review: bool(review.told),
    edition=lambda review: "served" if delivery_of(review) else "",
)


ROUTES = [
    paper_route("reviews/<int:pk>/delivery", ALERT_DELIVERY, one_review, name="review_delivery"),
    paper_route("reviews/<int:pk>/notice", ALERT_NOTICE, one_review, name="review_notice"),
]
