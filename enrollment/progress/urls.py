"""Routes of progress, under enrollment/."""

from django.urls import path

from desk.listing import list_routes
from enrollment.progress import papers
from enrollment.progress.listings import CHECKS, SHEETS
from enrollment.progress.views import board, checks, targets

urlpatterns = [
    *papers.ROUTES,
    path("progress", board.progress_board, name="progress"),
    path("watch/targets", targets.targets, name="targets"),
    *targets.TARGET_PAGES.routes(),
    path("watch/targets/special", targets.special_targets, name="special_targets"),
    *list_routes("watch/sheets", SHEETS, "sheets"),
    path("watch/sheets/new", board.sheet_new, name="sheet_new"),
    path("watch/sheets/<int:pk>/workbook", board.sheet_workbook, name="sheet_workbook"),
    path("watch/missing", board.missing, name="missing"),
    path("watch/missing/workbook", board.missing_workbook, name="missing_workbook"),
    path("watch/rewards", board.rewards, name="rewards"),
    path("watch/rewards/workbook", board.rewards_workbook, name="rewards_workbook"),
    *list_routes("watch/checks", CHECKS, "checks", page=checks.checks),
    path("watch/checks/new", checks.check_new, name="check_new"),
    path("watch/checks/<int:pk>", checks.check, name="check"),
    path("watch/checks/<int:pk>/receive", checks.check_receive, name="check_receive"),
    path("watch/checks/<int:pk>/lines/<int:line>", checks.check_line, name="check_line"),
]
