"""The notice of a suspicion on paper: what is asked of an institution, until when, and how it
answers, with the slip on which it does."""

from accounts.models import Division
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from lib.typed_text import without_stop
from supervision.grouping import event_of, stake_of
from supervision.reviewing.models import AlertReview
from supervision.reviewing.views import one_review
from supervision.reviewing.workflow import SECOND
from supervision.words.contacts import where_to_answer

TOLD = AlertReview.Status.TOLD


def notice_facts(review: AlertReview) -> Facts:
    visit, place = review.alert.settlement.visit, review.alert.division
    bills = {one.settlement_id: one.settlement for one in event_of(review.alert)}
    institution = visit.institution
    return {
        "area": _county(place),
        "party": visit.institution_name,
        "code": institution.code if institution else "",
        "told": without_stop(review.told),
        "bills": [one.number for one in bills.values()],
        "stake": yuan(stake_of(bills.values())),
        # Afterwards the term is another step's.
        "until": day(review.due_on) if review.status == TOLD else "",
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


ROUTES = [
    paper_route("reviews/<int:pk>/notice", ALERT_NOTICE, one_review, name="review_notice"),
]
