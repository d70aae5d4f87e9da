"""Routes of watching the campaign, under enrollment/watch/."""

from django.urls import path

from enrollment.watch.views import certificates, checks, late, progress, targets

urlpatterns = [
    path("targets", targets.targets, name="targets"),
    path("targets/upload", targets.targets_upload, name="targets_upload"),
    path("targets/template", targets.targets_template, name="targets_template"),
    path("targets/special", targets.special_targets, name="special_targets"),
    path("sheets", progress.sheets, name="sheets"),
    path("sheets/new", progress.sheet_new, name="sheet_new"),
    path("sheets/<int:pk>", progress.sheet, name="sheet"),
    path("sheets/<int:pk>/workbook", progress.sheet_workbook, name="sheet_workbook"),
    path("missing", progress.missing, name="missing"),
    path("missing/paper", progress.missing_paper, name="missing_paper"),
    path("missing/workbook", progress.missing_workbook, name="missing_workbook"),
    path("rewards", progress.rewards, name="rewards"),
    path("rewards/workbook", progress.rewards_workbook, name="rewards_workbook"),
    path("certificates", certificates.certificates, name="certificates"),
    path("certificates/issue", certificates.certificate_issue, name="certificate_issue"),
    path("certificates/papers", certificates.certificate_papers, name="certificate_papers"),
    path("certificates/list", certificates.certificate_handout, name="certificate_handout"),
    path("certificates/hand-out", certificates.certificate_hand_out, name="certificate_hand_out"),
    path("certificates/<int:pk>", certificates.certificate_paper, name="certificate_paper"),
    path(
        "certificates/reissue/<int:pk>",
        certificates.certificate_reissue,
        name="certificate_reissue",
    ),
    path("late/<int:pk>", late.late, name="late"),
    path("late/<int:pk>/expect", late.expect, name="expect"),
    path("expected", late.expected_list, name="expected_list"),
    path("expected/<int:pk>", late.expected, name="expected"),
    path("expected/<int:pk>/drop", late.expected_drop, name="expected_drop"),
    path("newborn-rule", late.newborn_rule, name="newborn_rule"),
    path("classes", late.classes, name="classes"),
    path("checks", checks.checks, name="checks"),
    path("checks/new", checks.check_new, name="check_new"),
    path("checks/<int:pk>", checks.check, name="check"),
    path("checks/<int:pk>/paper", checks.check_paper, name="check_paper"),
    path("checks/<int:pk>/receive", checks.check_receive, name="check_receive"),
    path("checks/<int:pk>/lines/<int:line>", checks.check_line, name="check_line"),
]
