"""Routes of the bulletins, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from reports.bulletins import papers, views
from reports.bulletins.listings import BULLETIN_LIST

urlpatterns = [
    *list_routes("bulletins", BULLETIN_LIST, "bulletins"),
    path("bulletins/new", views.new, name="new_bulletin"),
    path("bulletins/<int:pk>", views.bulletin, name="bulletin"),
    *papers.ROUTES,
    path("bulletins/<int:pk>/<slug:event>", views.step, name="bulletin_step"),
]
