"""Routes of closing, inside those of the room."""

from django.urls import path

from funds.closing import papers, views

urlpatterns = [
    path("periods/<int:pk>/checklist", views.closing_list, name="closing_list"),
    *papers.ROUTES,
]
