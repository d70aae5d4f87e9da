"""Routes of registered visits, inside those of the room."""

from django.urls import path

from claims.visits import views
from claims.visits.listings import IN_BED
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", IN_BED, "visits"),
    path("new", views.register, name="visit_new"),
    path("charges/template", views.charges_blank, name="charges_blank"),
    path("<int:pk>", views.visit_page, name="visit"),
    path("<int:pk>/change", views.change, name="visit_change"),
    path("<int:pk>/lines", views.lines, name="visit_lines"),
    path("<int:pk>/sheet", views.sheet, name="visit_sheet"),
    path("<int:pk>/batches/<int:batch>", views.withdraw, name="visit_withdraw"),
    path("<int:pk>/discharge", views.leave, name="visit_leave"),
    path("<int:pk>/part", views.part, name="visit_part"),
    path("<int:pk>/settle", views.settle, name="visit_settle"),
    path("<int:pk>/undo", views.undo, name="visit_undo"),
    path("<int:pk>/recall", views.recall, name="visit_recall"),
    path("<int:pk>/cancel", views.cancel, name="visit_cancel"),
]
