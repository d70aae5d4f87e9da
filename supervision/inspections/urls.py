"""Routes of inspections, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.inspections import order_views, papers, site_views, views
from supervision.inspections.listings import (
    CHECKLIST_LIST,
    HANDOVERS,
    INSPECTION_LIST,
    INTERESTS,
    ORDER_LIST,
    SWEEP_LIST,
)
from supervision.inspections.models import Photo
from supervision.photo_pages import photo_routes

urlpatterns = [
    *list_routes("checklists", CHECKLIST_LIST, "checklists", page=views.checklists),
    path("checklists/new", views.propose_checklist, name="checklist_new"),
    path("checklists/<int:pk>", views.checklist, name="checklist"),
    path("checklists/<int:pk>/<slug:event>", views.decide_checklist, name="checklist_act"),
    *list_routes("interests", INTERESTS, "interests", page=views.interests),
    path("interests/new", views.declare, name="interest_new"),
    path("interests/<int:pk>", views.interest, name="interest"),
    path("interests/<int:pk>/end", views.end_interest, name="interest_end"),
    *list_routes("sweeps", SWEEP_LIST, "sweeps"),
    path("sweeps/new", views.sweep_new, name="sweep_new"),
    path("sweeps/<int:pk>", views.sweep, name="sweep"),
    path("sweeps/<int:pk>/arrange", views.arrange, name="sweep_arrange"),
    path("sweeps/<int:pk>/<slug:event>", views.move_sweep, name="sweep_act"),
    path("sweep-places/<int:pk>/leave-out", views.leave_out, name="leave_out"),
    *list_routes("inspections", INSPECTION_LIST, "inspections"),
    *list_routes("inspections/orders", ORDER_LIST, "orders"),
    path("inspections/orders/<int:pk>", order_views.order, name="order"),
    path("inspections/orders/<int:pk>/reply", order_views.reply, name="order_reply"),
    path("inspections/orders/<int:pk>/again", order_views.look_again, name="order_again"),
    *list_routes("inspections/handovers", HANDOVERS, "handovers"),
    path("inspections/handovers/<int:pk>", order_views.handover, name="handover"),
    path("inspections/handovers/<int:pk>/result", order_views.tell_result, name="handover_result"),
    path("inspections/site/worker.js", site_views.worker, name="site_worker"),
    path("inspections/site/<int:pk>", site_views.site, name="site"),
    path("inspections/site/<int:pk>/answers", site_views.answers, name="site_answers"),
    path("inspections/site/<int:pk>/photos", site_views.photos, name="site_photos"),
    path("inspections/site/<int:pk>/finish", site_views.finish, name="site_finish"),
    *photo_routes("inspections/photos", Photo, views.VIEW, "photo"),
    path("inspections/<int:pk>", views.inspection, name="inspection"),
    path("inspections/<int:pk>/cancel", views.cancel, name="inspection_cancel"),
    path("inspections/<int:pk>/order", order_views.issue, name="order_issue"),
    path("inspections/<int:pk>/hand-over", order_views.hand_over, name="hand_over"),
    *papers.ROUTES,
    path("inspections/orders/<int:pk>/<slug:event>", order_views.check, name="order_check"),
]
