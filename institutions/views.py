"""Practitioners' eligibility: the list, putting one forward, looking, deciding."""

from typing import Any

from accounts.clock import today
from accounts.models import User
from desk.decision_pages import DecisionPages
from institutions.eligibility import decide_eligibility, propose_eligibility, refused_on, spans_of
from institutions.forms import EligibilityForm
from institutions.listings import ELIGIBILITIES
from institutions.models import Eligibility
from institutions.workflow import ELIGIBILITIES as WAY


def _more(row: Eligibility, user: User) -> dict[str, Any]:
    """What was decided of the practitioner besides, and what holds today."""
    code = row.practitioner.code
    others = Eligibility.objects.visible_to(user).filter(practitioner=row.practitioner_id)
    return {
        "state": Eligibility.State(row.state),
        "others": others.exclude(pk=row.pk).select_related("proposed_by", "decided_by"),
        "told": refused_on(spans_of([code]).get(code, []), today()),
    }


ELIGIBILITY_PAGES = DecisionPages(
    "institutions", "eligibilities", "eligibility", ELIGIBILITIES,
    "institutions/eligibility.html",
    form=lambda user, data=None: EligibilityForm(data, initial={"first_day": today()}),
    way=WAY, propose=propose_eligibility, decide=decide_eligibility,
    asks="institutions.propose_eligibility", more=_more,
)  # fmt: skip
