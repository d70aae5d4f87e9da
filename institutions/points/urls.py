"""Routes of points, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from institutions.points import papers, views
from institutions.points.listings import APPEALS, RECORDS, REGISTER

urlpatterns = [
    *list_routes("points", RECORDS, "points_list", page=views.records),
    path("points/new", views.propose, name="points_new"),
    *list_routes("points/register", REGISTER, "points_register"),
    path("points/register/<int:pk>", views.person, name="points_person"),
    *list_routes("points/appeals", APPEALS, "point_appeals"),
    path("points/appeals/<int:pk>/answer", views.answer, name="point_appeal_answer"),
    path("points/appeals/<int:pk>/<slug:event>", views.decide_appeal, name="point_appeal_act"),
    *views.TERMS_PAGES.routes("points/terms"),
    *papers.ROUTES,
    path("points/<int:pk>", views.record, name="points"),
    path("points/<int:pk>/appeal", views.appeal, name="points_appeal"),
    path("points/<int:pk>/<slug:event>", views.decide, name="points_act"),
]
