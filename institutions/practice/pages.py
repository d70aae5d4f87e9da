"""Pages of other places of practice."""

from desk.decision_pages import DecisionPages
from institutions.practice.forms import PlaceForm
from institutions.practice.listings import PLACE_LIST
from institutions.practice.services import decide_place, propose_place
from institutions.practice.workflow import ASKS, PLACES

PLACE_PAGES = DecisionPages(
    "institutions", "practice_places", "practice_place", PLACE_LIST,
    "institutions/practice/one.html", form=PlaceForm, way=PLACES, propose=propose_place,
    decide=decide_place, asks=ASKS,
)  # fmt: skip
