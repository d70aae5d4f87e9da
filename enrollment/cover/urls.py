"""Routes of cover, under enrollment/."""

from django.urls import path

from desk.listing import list_routes
from enrollment.cover import papers
from enrollment.cover.listings import EXPECTED, HOUSEHOLDS, PROPOSALS
from enrollment.cover.views import certificates, entry, households, late, proposals

urlpatterns = [
    *papers.ROUTES,
    *list_routes("", HOUSEHOLDS, "household_list", page=households.household_list),
    path("households/new", entry.household_new, name="household_new"),
    path("households/<int:pk>", households.household_detail, name="household_detail"),
    path("households/<int:pk>/reveal", households.reveal, name="reveal"),
    path("households/<int:pk>/renew", entry.renew, name="renew"),
    path("households/<int:pk>/cancel", entry.cancel, name="cancel"),
    path("people/<int:pk>/identity", proposals.identity, name="propose_identity"),
    path("people/<int:pk>/status", proposals.status, name="propose_status"),
    path("people/<int:pk>/status/end", proposals.ending, name="propose_ending"),
    *list_routes("proposals", PROPOSALS, "proposals"),
    path("proposals/<int:pk>", proposals.proposal, name="proposal"),
    path("proposals/<int:pk>/<slug:event>", proposals.proposal_act, name="proposal_act"),
    path("watch/certificates", certificates.certificates, name="certificates"),
    path("watch/certificates/issue", certificates.certificate_issue, name="certificate_issue"),
    path(
        "watch/certificates/hand-out",
        certificates.certificate_hand_out,
        name="certificate_hand_out",
    ),
    path(
        "watch/certificates/reissue/<int:pk>",
        certificates.certificate_reissue,
        name="certificate_reissue",
    ),
    path("watch/late/<int:pk>", late.late, name="late"),
    path("watch/late/<int:pk>/expect", late.expect, name="expect"),
    *list_routes("watch/expected", EXPECTED, "expected_list"),
    path("watch/expected/<int:pk>", late.expected, name="expected"),
    path("watch/expected/<int:pk>/drop", late.expected_drop, name="expected_drop"),
    path("watch/newborn-rule", late.newborn_rule, name="newborn_rule"),
    path("watch/classes", late.classes, name="classes"),
    path("watch/classes/blank", late.class_blank, name="class_blank"),
]
