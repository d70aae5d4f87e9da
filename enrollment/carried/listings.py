"""The files that were brought in, and the rows of one with their verdicts."""

from desk.carried_pages import files_list, lines_list
from enrollment.carried.models import CarriedRow, CarriedTable

CARRIED_LIST = files_list(
    "原系统转入",
    "enrollment.view_carried",
    CarriedTable,
    "enrollment:carried_detail",
    "enrollment/carried/list.html",
)
CARRIED_ROWS = lines_list("enrollment.view_carried", CarriedTable, CarriedRow, "desk/carried.html")
