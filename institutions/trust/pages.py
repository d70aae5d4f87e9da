"""Pages of grades and of the county's bands."""

from accounts.clock import today
from desk.decision_pages import DecisionPages
from institutions.trust.forms import BandsForm, PractitionerGradeForm
from institutions.trust.listings import BANDS_LIST, GRADE_LIST
from institutions.trust.services import propose_bands, propose_practitioner_grade
from institutions.trust.workflow import ASKS, BANDS, GRADES

BANDS_PAGES = DecisionPages(
    "institutions", "trust_bands", "trust_bands_one", BANDS_LIST, "institutions/trust/band.html",
    form=lambda user, data=None: BandsForm(data, initial={"first_year": today().year}),
    way=BANDS, propose=propose_bands, asks=ASKS,
)  # fmt: skip
GRADE_PAGES = DecisionPages(
    "institutions", "trust_grades", "trust_grade", GRADE_LIST, "institutions/trust/grade.html",
    form=lambda user, data=None: PractitionerGradeForm(data, initial={"year": today().year - 1}),
    way=GRADES, propose=propose_practitioner_grade, asks=ASKS,
)  # fmt: skip
