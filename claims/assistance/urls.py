"""Routes of assistance, inside those of the room."""

from django.urls import path

from claims.assistance import papers, views
from claims.assistance.listings import AIDS, CASES
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", AIDS, "aids"),
    *list_routes("cases", CASES, "aid_cases"),
    path("cases/find", views.find, name="aid_find"),
    path("cases/<int:pk>", views.case, name="aid_case"),
    path("cases/<int:pk>/<slug:event>", views.answer, name="aid_answer"),
    path("new", views.who, name="aid_who"),
    path("for/<int:pk>", views.new, name="aid_new"),
    path("<int:pk>", views.aid, name="aid"),
    path("<int:pk>/payee", views.payee, name="aid_payee"),
    *papers.ROUTES,
    path("<int:pk>/<slug:event>", views.decide, name="aid_act"),
]
